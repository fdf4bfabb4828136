"""Administration of branches, staff, and who is what where."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext_lazy as _

from branches.admin.shapes import Audited, Kept, PasswordForm, People, PersonForm, PlainInline, Proved
from branches.audit import note
from branches.models import Branch, Membership, Till, User
from branches.proof import ask_again, has_second_factor, recently_proved
from branches.services import reset_factors, set_admin_right
from branches.sessions import end_sessions


class TillInline(PlainInline):
    model = Till


class MembershipInline(PlainInline):
    model = Membership
    fields = ("branch", "role")


@admin.register(Branch)
class BranchAdmin(Proved, Audited, Kept):
    list_display = ("code", "name_ar", "name_en", "country", "timezone", "currency", "is_active")
    list_filter = ("country", "is_active")
    search_fields = ("code", "name_ar", "name_en", "name_fr")
    inlines = (TillInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()


class NewPerson(PersonForm):
    """Everybody signs in with a password; who shall not sign in any more is switched off."""

    usable_password = None  # type: ignore[assignment]  # Django takes None to leave it out


class NewPassword(PasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for field in self.fields.values():
            field.required = True


@admin.register(User)
class PersonAdmin(Proved, Audited, Kept, People):
    """Staff. What they may do is in their memberships; nobody is deleted, because the ledger names them."""

    list_display = ("username", "get_full_name", "places", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "memberships__role", "memberships__branch")
    search_fields = ("username", "first_name", "last_name")
    readonly_fields = ("last_login", "date_joined", "is_staff", "protected")
    filter_horizontal = ()
    inlines = (MembershipInline,)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "language")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "protected", "last_login", "date_joined")}),
    )
    add_form = NewPerson
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "password1", "password2")}),)
    add_form_template = "admin/change_form.html"
    change_password_form = NewPassword
    change_user_password_template = "admin/branches/user/password.html"
    change_form_template = "admin/branches/user/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("memberships__branch")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody locks themselves out."""
        own = ("is_active",) if obj == request.user else ()
        return (*self.readonly_fields, *own)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if "password" in form.base_fields:
            form.base_fields["password"].help_text = ""  # our widget says it, in every language
        return form

    def get_urls(self) -> list[URLPattern]:
        reset = path("<uuid:person_id>/reset/", self.admin_site.admin_view(self.reset_view), name="branches_user_reset")
        return [reset, *super().get_urls()]

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Somebody else's new password ends all of that person's sessions."""
        if not recently_proved(request):
            return ask_again(request)
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            end_sessions(User.objects.get(pk=id), but=request.session.session_key)
        return response

    def reset_view(self, request: HttpRequest, person_id: Any) -> HttpResponse:
        """For a phone that was lost: the person signs in with the password alone, and is led to set up a new one."""
        person = get_object_or_404(User, pk=person_id)
        back = reverse("admin:branches_user_change", args=[person.pk])
        if not self.has_change_permission(request, person):
            raise PermissionDenied
        if not recently_proved(request):
            return ask_again(request, back)
        if request.method == "POST":
            number = reset_factors(person)
            note(request, person, "factors_reset", by=cast(User, request.user))
            self.message_user(request, _("Second step removed: %(number)s. All sessions ended.") % {"number": number})
        return redirect(back)

    @admin.display(description=_("second step"), boolean=True)
    def protected(self, person: User) -> bool:
        return has_second_factor(person)

    @admin.display(description=_("works at"))
    def places(self, person: User) -> str:
        return "، ".join(f"{row.branch} ({row.get_role_display()})" for row in person.memberships.all())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        set_admin_right(form.instance)


@admin.register(Membership)
class MembershipAdmin(Proved, Audited):
    list_display = ("user", "branch", "role")
    list_filter = ("role", "branch")
    search_fields = ("user__username", "user__first_name", "user__last_name")
    list_select_related = ("user", "branch")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "branch") if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        set_admin_right(obj.user)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        super().delete_model(request, obj)
        set_admin_right(obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        people = list(User.objects.filter(memberships__in=queryset).distinct())
        super().delete_queryset(request, queryset)
        for person in people:
            set_admin_right(person)
