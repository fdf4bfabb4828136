"""Partners and their keys. A key is shown on the page that makes it, and never again: not in a message, not in a cookie."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from branches.admin.shapes import Audited, Kept, Proved
from branches.models import Branch
from partners.keys import issue_key, revoke_key
from partners.models import Key, Partner
from partners.scopes import SCOPES


@admin.register(Partner)
class PartnerAdmin(Proved, Audited, Kept):
    list_display = ("name", "contact", "is_active", "created_at")
    search_fields = ("name", "contact")
    fields = ("name", "contact", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Partner, form: Any, change: bool) -> None:
        obj.created_at = obj.created_at or timezone.now()
        super().save_model(request, obj, form, change)


class KeyForm(forms.ModelForm):  # type: ignore[type-arg]  # of Key
    """What a new key may do and where. Making it is `issue_key`'s business."""

    branches = forms.ModelMultipleChoiceField(
        Branch.objects.filter(is_active=True), label=gettext_lazy("branches"), widget=forms.CheckboxSelectMultiple
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES],
        label=gettext_lazy("scopes"),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Key
        fields = ("partner", "branches", "scopes", "addresses", "expires_at")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if self.errors:
            return found
        try:
            self.instance, self.secret = issue_key(
                found["partner"].name,
                branches=list(found["branches"]),
                scopes=found["scopes"],
                addresses=found["addresses"] or [],
                expires_at=found["expires_at"],
                now=timezone.now(),
            )
        except ValidationError as problem:
            raise forms.ValidationError(KEY_PROBLEM, code="key") from problem
        return found

    def _post_clean(self) -> None:
        """The row is made and checked already."""


KEY_PROBLEM = gettext_lazy(
    "This key cannot be made. A partner has two live keys at most; a key ends in the future; "
    "addresses are IP addresses or networks, separated by commas."
)


@admin.register(Key)
class KeyAdmin(Proved, Audited, Kept):
    list_display = ("starts_with", "partner", "places", "allowed", "state", "last_used_at")
    list_filter = ("partner",)
    list_select_related = ("partner",)
    actions = ("revoke",)
    form = KeyForm
    readonly = (
        *("partner", "starts_with", "places", "allowed", "addresses", "created_at", "expires_at", "revoked_at"),
        *("last_used_at", "last_used_from"),
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly if obj else KeyForm.Meta.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A key does not change: another one takes its place."""
        return self.readonly if obj else ()

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        return form.instance

    def save_model(self, request: HttpRequest, obj: Key, form: Any, change: bool) -> None:
        """Made while the form was checked, with the row of its partner locked."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if not change:
            request.made_key = form.secret  # type: ignore[attr-defined]  # for the one page that shows it

    def response_add(self, request: HttpRequest, obj: Key, post_url_continue: Any = None) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("The key of %(partner)s") % {"partner": obj.partner},
            "secret": request.made_key,  # type: ignore[attr-defined]  # by save_related
            "opts": self.opts,
        }
        return render(request, "admin/partners/key/made.html", context)

    @admin.action(description=gettext_lazy("Revoke these keys at once"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Key]) -> None:
        rows = list(queryset.filter(revoked_at__isnull=True)[:100])
        for row in rows:
            revoke_key(row.prefix, now=timezone.now())
        text = ngettext("%(count)d key is revoked.", "%(count)d keys are revoked.", len(rows))
        self.message_user(request, text % {"count": len(rows)}, messages.SUCCESS if rows else messages.WARNING)

    @admin.display(description=gettext_lazy("begins with"), ordering="prefix")
    def starts_with(self, key: Key) -> SafeString:
        return format_html('<bdi dir="ltr">wasl_{}_…</bdi>', key.prefix)

    @admin.display(description=gettext_lazy("branches"))
    def places(self, key: Key) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', ", ".join(key.branches))

    @admin.display(description=gettext_lazy("scopes"))
    def allowed(self, key: Key) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', " ".join(key.scopes))

    @admin.display(description=gettext_lazy("state"))
    def state(self, key: Key) -> str:
        if key.revoked_at:
            return _("Revoked")
        if key.expires_at and key.expires_at <= timezone.now():
            return _("Expired")
        return _("Live") if key.partner.is_active else _("Partner switched off")
