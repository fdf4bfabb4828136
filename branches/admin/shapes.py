"""What an admin page may be: looked at only, kept for ever, with a history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst

from branches.models import User
from branches.proof import ask_again, recently_proved

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    Inline = admin.TabularInline[Any, Any]
    People = UserAdmin[User]
    PasswordForm = AdminPasswordChangeForm[User]
    PersonForm = AdminUserCreationForm[User]
else:
    ModelAdmin, Inline, People = admin.ModelAdmin, admin.TabularInline, UserAdmin
    PasswordForm, PersonForm = AdminPasswordChangeForm, AdminUserCreationForm


class Closed:
    """Nothing can be added, changed or deleted."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(Closed, ModelAdmin):
    """Mirrors, journals and ledgers: looked at, never written by hand."""

    change_form_template = "admin/looked_at.html"
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    actions: Any = None

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(
            request, {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        )


class PlainInline(Inline):
    """Rows of a choice each, without the four icons that lead away from a form that is not saved."""

    extra = 0

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


class ReadOnlyInline(Closed, Inline):
    extra = 0
    can_delete = False


class Kept(ModelAdmin):
    """Rows that are switched off, not deleted: the ledger speaks of them."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Proved(ModelAdmin):
    """Whoever opens a row or does something to it has proved who she is a moment ago; looking at the list is free."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(request, *args, **kwargs) if recently_proved(request) else ask_again(request)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().delete_view(request, *args, **kwargs) if recently_proved(request) else ask_again(request)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        free = request.method == "GET" or recently_proved(request)
        return super().changelist_view(request, *args, **kwargs) if free else ask_again(request)


class Audited(ModelAdmin):
    """The History button leads to the database's own audit trail; Django's log knows only what went through its forms."""

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        query = urlencode({"about": f"{self.model._meta.label}:{object_id}"})
        return redirect(f"{reverse('admin:branches_change_changelist')}?{query}")
