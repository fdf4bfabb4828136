"""Cases and contra lines: looked at, never written by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from branches import money
from branches.admin.shapes import Audited, ReadOnly, ReadOnlyInline
from providers.admin.evidence import branches_seen_by
from vouchers.admin.codes import LONGEST_SEARCH, last4
from vouchers.models import Case, CaseEvent, CaseLine, ContraLine


class CaseLineInline(ReadOnlyInline):
    model = CaseLine
    fields = readonly_fields = ("ends_in", "worth")

    @admin.display(description=gettext_lazy("code ends in"))
    def ends_in(self, entry: CaseLine) -> SafeString:
        return last4(entry.line.code_last4)

    @admin.display(description=gettext_lazy("value"))
    def worth(self, entry: CaseLine) -> SafeString:
        return money.money(entry.line.value, entry.case.currency)


class CaseEventInline(ReadOnlyInline):
    model = CaseEvent
    fields = readonly_fields = ("at", "kind", "by", "note")


class ContraInline(ReadOnlyInline):
    model = ContraLine
    fields = readonly_fields = ("business_date", "taken_back", "by", "at")

    @admin.display(description=gettext_lazy("amount"))
    def taken_back(self, row: ContraLine) -> SafeString:
        return money.money(row.amount, row.currency)


@admin.register(Case)
class CaseAdmin(Audited, ReadOnly):
    list_display = ("number", "state", "outcome", "disputed", "reason", "branch", "account", "opened_by", "opened_at")
    list_filter = ("state", "outcome", "reason", "branch")
    list_select_related = ("branch", "account", "opened_by")
    search_fields = ("reference",)
    search_help_text = gettext_lazy("The case's number, ours of its redemption, or the issuer's reference")
    ordering = ("-opened_at", "id")
    inlines = (CaseLineInline, CaseEventInline, ContraInline)
    fields = (
        ("number", "state", "of_redemption"),
        ("reason", "ask"),
        "note",
        ("disputed", "right"),
        ("branch", "account", "business_date"),
        ("opened_by", "opened_at", "sent_at"),
        ("outcome", "accepted", "issuer_reference", "decided_on"),
        ("closed_by", "closed_at"),
    )
    readonly_fields = ("number", "of_redemption", "disputed", "right", "accepted")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return super().get_queryset(request).filter(branch__in=branches_seen_by(request.user))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Case], search_term: str
    ) -> tuple[QuerySet[Case], bool]:
        wanted = search_term.strip()[:LONGEST_SEARCH]
        numbers = Q(reference__iexact=wanted) | Q(redemption__operation__reference__iexact=wanted)
        return (queryset.filter(numbers | Q(issuer_reference__icontains=wanted)) if wanted else queryset), False

    @admin.display(description=gettext_lazy("case number"), ordering="reference")
    def number(self, case: Case) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', case.reference)

    @admin.display(description=gettext_lazy("redemption"))
    def of_redemption(self, case: Case) -> SafeString:
        address = reverse("admin:vouchers_redemption_change", args=[case.redemption_id])
        return format_html('<a href="{}"><bdi dir="ltr">{}</bdi></a>', address, case.redemption)

    @admin.display(description=gettext_lazy("in dispute"), ordering="amount")
    def disputed(self, case: Case) -> SafeString:
        return money.money(case.amount, case.currency)

    @admin.display(description=gettext_lazy("right amount"))
    def right(self, case: Case) -> SafeString:
        return _sum(case.right_amount, case.currency)

    @admin.display(description=gettext_lazy("accepted"))
    def accepted(self, case: Case) -> SafeString:
        return _sum(case.accepted_amount if case.is_closed else None, case.currency)


def _sum(amount: Any, currency: str) -> SafeString:
    return SafeString("—") if amount is None else money.money(amount, currency)
