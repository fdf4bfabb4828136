"""The journal as an administrator reads it: calls, operations with their whole evidence, and what does not agree."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches import money
from branches.admin.shapes import ReadOnly
from providers.admin.evidence import branches_seen_by, evidence_of, in_lines, link_to_operation, moment_words, verbatim
from providers.admin.filters import AccountFilter, AnswerFilter, BranchFilter, ProviderFilter, RecentFilter
from providers.models import Call, Discrepancy, Operation
from providers.timeline import discrepancy_told


class Row(ReadOnly):
    """What several lists show of a row, in the reader's words."""

    @admin.display(description=gettext_lazy("when"), ordering="at")
    def when(self, row: Any) -> str:
        return moment_words(row.at)

    @admin.display(description=gettext_lazy("provider account"), ordering="account__label")
    def account_label(self, row: Any) -> SafeString:
        return format_html("<bdi>{}</bdi>", row.account.label)

    @admin.display(description=gettext_lazy("operation"), ordering="operation__reference")
    def operation_link(self, row: Any) -> SafeString:
        return link_to_operation(row.operation)

    @admin.display(description=gettext_lazy("branch"), ordering="branch__code")
    def branch_name(self, row: Any) -> str:
        return str(row.branch)


@admin.register(Call)
class CallAdmin(Row):
    list_display = ("when", "account_label", "request_line", "answer", "milliseconds", "error", "operation_link")
    list_filter = (ProviderFilter, AccountFilter, AnswerFilter, RecentFilter)
    list_select_related = ("account", "operation")
    ordering = ("-at", "id")
    fields = (
        "when",
        "account_label",
        "operation_link",
        "request_line",
        "answer",
        "milliseconds",
        "error",
        "was_sent",
        "came_back",
    )
    readonly_fields = fields

    @admin.display(description=gettext_lazy("call"))
    def request_line(self, call: Call) -> SafeString:
        return format_html('<bdi dir="ltr">{} {}</bdi>', call.method, call.path)

    @admin.display(description=gettext_lazy("answer"), ordering="status")
    def answer(self, call: Call) -> str:
        if call.status:
            return str(call.status)
        return _("no answer") if call.bytes_left else _("not sent")

    @admin.display(description=gettext_lazy("sent, without secrets"))
    def was_sent(self, call: Call) -> SafeString:
        return verbatim(call.sent)

    @admin.display(description=gettext_lazy("came back, without personal data"))
    def came_back(self, call: Call) -> SafeString:
        return verbatim(call.received)


@admin.register(Operation)
class OperationAdmin(ReadOnly):
    list_display = ("reference", "kind", "state", "refusal_code", "worth", "branch", "actor", "created_at")
    list_filter = ("state", ProviderFilter, BranchFilter, "evidence_level", RecentFilter)
    list_select_related = ("branch", "actor", "account")
    search_fields = ("reference__iexact",)
    search_help_text = gettext_lazy("Our reference, for example W-4F7K-2M9Q")
    ordering = ("-created_at", "id")
    fieldsets = (
        (None, {"fields": ("reference", "kind", ("state", "refusal_code"), "evidence_level", "worth")}),
        (gettext_lazy("Who and where"), {"fields": ("actor", "source", "branch", "till", "account")}),
        (gettext_lazy("When"), {"fields": ("created_at", "sent_at", "sends", "looks", "escalated_at", "finished_at")}),
        (gettext_lazy("What was known and what came of it"), {"fields": ("known_before", "came_of_it")}),
        (gettext_lazy("Evidence"), {"fields": ("whole_evidence",)}),
    )
    readonly_fields = ("worth", "known_before", "came_of_it", "whole_evidence")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        return super().get_queryset(request).filter(branch__in=branches_seen_by(request.user))

    @admin.display(description=gettext_lazy("amount"), ordering="amount")
    def worth(self, operation: Operation) -> SafeString:
        return money.money(operation.amount, operation.currency)

    @admin.display(description=gettext_lazy("known before"))
    def known_before(self, operation: Operation) -> SafeString:
        return verbatim(in_lines(operation.snapshot))

    @admin.display(description=gettext_lazy("came of it"))
    def came_of_it(self, operation: Operation) -> SafeString:
        return verbatim(in_lines(operation.outcome))

    @admin.display(description=gettext_lazy("evidence"))
    def whole_evidence(self, operation: Operation) -> SafeString:
        return evidence_of(operation)


@admin.register(Discrepancy)
class DiscrepancyAdmin(Row):
    list_display = ("when", "what", "account_label", "branch_name", "operation_link", "closed")
    list_filter = ("kind", ProviderFilter, BranchFilter)
    list_select_related = ("account", "branch", "operation", "closed_by")
    ordering = ("-at", "id")
    fields = ("when", "what", "account_label", "branch_name", "operation_link", "details", "closed")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Discrepancy]:
        return super().get_queryset(request).filter(branch__in=branches_seen_by(request.user))

    @admin.display(description=gettext_lazy("kind"), ordering="kind")
    def what(self, row: Discrepancy) -> str:
        return discrepancy_told(row)[0]

    @admin.display(description=gettext_lazy("closed"), ordering="closed_at")
    def closed(self, row: Discrepancy) -> str:
        if row.closed_at is None:
            return _("open")
        return f"{moment_words(row.closed_at)} · {row.closed_by or '—'} · {row.closing_note}"

    @admin.display(description=gettext_lazy("details"))
    def details(self, row: Discrepancy) -> SafeString:
        return verbatim(in_lines(row.facts))
