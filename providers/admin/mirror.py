"""The mirrors as an administrator sees them: runs, rows that could not be read, and changes of shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from branches.admin.shapes import ReadOnly
from branches.models import User
from branches.proof import ask_again, recently_proved
from branches.roles import Permission, roles_with
from providers.admin.evidence import moment_words
from providers.admin.filters import ProviderFilter
from providers.models import Drift, Quarantined, SyncDeed, SyncRun
from providers.orders import note
from providers.registry import has_source
from providers.sync import retry_quarantined
from providers.sync.reviews import accept_smaller, acknowledge
from providers.sync.words import reason_words

MOST_AT_ONCE = 100


class Mended(ReadOnly):
    """Looked at only, but for one thing that a technical administrator may do, after proving who she is."""

    def has_mend_permission(self, request: HttpRequest) -> bool:
        roles = roles_with(Permission.ADMIN)
        return cast(User, request.user).memberships.filter(role__in=roles).exists()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        free = request.method == "GET" or recently_proved(request)
        return super().changelist_view(request, extra_context) if free else ask_again(request)

    @admin.display(description=gettext_lazy("provider account"), ordering="account__label")
    def account_label(self, row: Any) -> SafeString:
        return format_html("<bdi>{}</bdi>", row.account.label)


def _noted(row: Any, deed: str, request: HttpRequest, detail: str) -> None:
    """Who did it stands on the page about the mirrors, whichever page it was done on."""
    note(row.account, row.collection, deed, request.user, timezone.now(), detail=detail)


def _by_collection(rows: Iterable[Quarantined]) -> list[list[Quarantined]]:
    found: dict[tuple[Any, str], list[Quarantined]] = {}
    for row in rows:
        found.setdefault((row.account_id, row.collection), []).append(row)
    return list(found.values())


@admin.register(SyncRun)
class SyncRunAdmin(Mended):
    list_display = (
        *("began", "account_label", "collection", "status", "reported", "read", "changed", "gone", "quarantined"),
        *("requests", "seconds", "why"),
    )
    list_filter = ("status", ProviderFilter, "full")
    list_select_related = ("account",)
    ordering = ("-began_at", "-id")
    fields = (
        *("account_label", "collection", "business_date", "full", "since", "filter_state", "began", "ended", "status"),
        *("why", "detail", "complete", "takeovers", "reported", "read", "distinct", "changed", "gone", "quarantined"),
        *("requests", "seconds"),
    )
    readonly_fields = fields
    actions = ("accept",)

    @admin.display(description=gettext_lazy("began"), ordering="began_at")
    def began(self, run: SyncRun) -> str:
        return moment_words(run.began_at)

    @admin.display(description=gettext_lazy("ended"))
    def ended(self, run: SyncRun) -> str:
        return moment_words(run.ended_at)

    @admin.display(description=gettext_lazy("why"))
    def why(self, run: SyncRun) -> str:
        return " ".join(reason_words(code) for code in run.reasons)

    @admin.action(description=gettext_lazy("Confirm that so many rows were removed"), permissions=["mend"])
    def accept(self, request: HttpRequest, queryset: QuerySet[SyncRun]) -> None:
        accepted = [run for run in queryset[:MOST_AT_ONCE] if accept_smaller(run)]
        for run in accepted:
            _noted(run, SyncDeed.Deed.ACCEPT, request, str(run.distinct))
        count = len(accepted)
        text = ngettext("%(count)d run confirmed.", "%(count)d runs confirmed.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)


@admin.register(Quarantined)
class QuarantinedAdmin(Mended):
    list_display = ("last", "account_label", "collection", "their_id", "error", "resolved")
    list_filter = (ProviderFilter, ("resolved_at", admin.EmptyFieldListFilter))
    list_select_related = ("account",)
    ordering = ("-last_at", "-id")
    fields = ("account_label", "collection", "their_id", "error", "first", "last", "resolved")
    readonly_fields = fields
    actions = ("retry",)

    @admin.display(description=gettext_lazy("their id"), ordering="external_id")
    def their_id(self, row: Quarantined) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', row.external_id or "—")

    @admin.display(description=gettext_lazy("first seen"), ordering="first_at")
    def first(self, row: Quarantined) -> str:
        return moment_words(row.first_at)

    @admin.display(description=gettext_lazy("last seen"), ordering="last_at")
    def last(self, row: Quarantined) -> str:
        return moment_words(row.last_at)

    @admin.display(description=gettext_lazy("resolved"), ordering="resolved_at")
    def resolved(self, row: Quarantined) -> str:
        return moment_words(row.resolved_at)

    @admin.action(description=gettext_lazy("Try to read them again"), permissions=["mend"])
    def retry(self, request: HttpRequest, queryset: QuerySet[Quarantined]) -> None:
        rows = [
            row for row in queryset.filter(resolved_at__isnull=True)[:MOST_AT_ONCE] if has_source(row.account.provider)
        ]
        mended = left = 0
        for rows_of_one in _by_collection(rows):
            read, unread = retry_quarantined(rows_of_one, timezone.now())
            _noted(rows_of_one[0], SyncDeed.Deed.RETRY, request, f"{read}/{read + unread}")
            mended, left = mended + read, left + unread
        text = _("Read now: %(mended)d. Still unreadable: %(left)d.") % {"mended": mended, "left": left}
        self.message_user(request, text, messages.WARNING if left else messages.SUCCESS)


@admin.register(Drift)
class DriftAdmin(Mended):
    list_display = ("first", "account_label", "collection", "field_name", "what", "detail", "noted")
    list_filter = ("what", ProviderFilter, ("acknowledged_at", admin.EmptyFieldListFilter))
    list_select_related = ("account", "acknowledged_by")
    ordering = ("-first_at", "-id")
    fields = ("account_label", "collection", "field_name", "what", "detail", "first", "noted")
    readonly_fields = fields
    actions = ("take_note",)

    @admin.display(description=gettext_lazy("field"), ordering="field")
    def field_name(self, row: Drift) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', row.field)

    @admin.display(description=gettext_lazy("first seen"), ordering="first_at")
    def first(self, row: Drift) -> str:
        return moment_words(row.first_at)

    @admin.display(description=gettext_lazy("taken note of"), ordering="acknowledged_at")
    def noted(self, row: Drift) -> str:
        return f"{moment_words(row.acknowledged_at)} · {row.acknowledged_by or '—'}" if row.acknowledged_at else "—"

    @admin.action(description=gettext_lazy("Take note of these changes"), permissions=["mend"])
    def take_note(self, request: HttpRequest, queryset: QuerySet[Drift]) -> None:
        fresh = list(queryset.filter(acknowledged_at__isnull=True)[:MOST_AT_ONCE])
        count = acknowledge(Drift.objects.filter(pk__in=[row.pk for row in fresh]), request.user, timezone.now())
        for row in fresh:
            _noted(row, SyncDeed.Deed.NOTE, request, row.field)
        text = ngettext("%(count)d change noted.", "%(count)d changes noted.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS)
