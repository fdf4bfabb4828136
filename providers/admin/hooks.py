"""Events from providers as an administrator sees them: what each was about and what became of it, never what it said."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, ngettext

from providers import hooks
from providers.admin.evidence import moment_words
from providers.admin.filters import ProviderFilter
from providers.admin.mirror import MOST_AT_ONCE, Mended
from providers.models import Account, Hook
from providers.registry import has_hooks
from providers.secrets import Unsealable


@admin.register(Hook)
class HookAdmin(Mended):
    list_display = ("received", "account_label", "event_name", "their_id", "state", "tries", "problem")
    list_filter = ("state", ProviderFilter)
    list_select_related = ("account",)
    ordering = ("-received_at", "-id")
    fields = (
        *("account_label", "event_name", "subject_kind", "their_id", "made", "received", "state", "tries", "problem"),
        "ended",
    )
    readonly_fields = fields
    actions = ("look_again",)

    @admin.display(description=gettext_lazy("received"), ordering="received_at")
    def received(self, row: Hook) -> str:
        return moment_words(row.received_at)

    @admin.display(description=gettext_lazy("made there"))
    def made(self, row: Hook) -> str:
        return moment_words(row.made_at)

    @admin.display(description=gettext_lazy("done"))
    def ended(self, row: Hook) -> str:
        return moment_words(row.done_at)

    @admin.display(description=gettext_lazy("event"), ordering="event")
    def event_name(self, row: Hook) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', row.event or "—")

    @admin.display(description=gettext_lazy("their id"))
    def their_id(self, row: Hook) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', row.subject_id or "—")

    @admin.action(description=gettext_lazy("Read their records again"), permissions=["mend"])
    def look_again(self, request: HttpRequest, queryset: QuerySet[Hook]) -> None:
        count = hooks.replay(queryset.select_related("account")[:MOST_AT_ONCE])
        text = ngettext("%(count)d record is read again.", "%(count)d records are read again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)


def hook_context(request: HttpRequest, account: Account | None) -> dict[str, object]:
    """For the page of an account: its secret address, to be carried to the provider by hand."""
    if account is None or not has_hooks(account.provider):
        return {"hook_possible": False}
    try:
        key = hooks.address_of(account)
    except Unsealable:
        return {"hook_possible": True, "hook_lost": True}
    url = request.build_absolute_uri(f"/hooks/{account.provider}/{key}") if key else ""
    return {"hook_possible": True, "hook_url": url}


def make_address(account: Account) -> None:
    hooks.new_address(account, timezone.now())
