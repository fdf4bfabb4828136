"""Vouchers as mirrored and redemptions as kept: looked at, searched, never written by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches import money
from branches.admin.shapes import ReadOnlyInline
from branches.roles import Permission
from branches.selectors import may
from providers.admin.evidence import branches_seen_by, evidence_of, in_lines, link_to_operation, verbatim
from providers.admin.filters import ProviderFilter
from providers.models import Account
from vouchers.admin.codes import LONGEST_SEARCH, CodeFilter, CodeSearch, last4, wanted_by
from vouchers.models import Redemption, RedemptionLine, Voucher


@admin.register(Voucher)
class VoucherAdmin(CodeSearch):
    list_display = ("ends_in", "account", "status", "worth", "expires_on", "holder_name", "phone", "seen_at")
    list_filter = ("status", ProviderFilter, CodeFilter)
    list_select_related = ("account",)
    search_fields = ("code_last4",)
    search_help_text = gettext_lazy("The last four characters of the code, or the holder's name")
    ordering = ("-seen_at", "id")
    fields = (
        ("ends_in", "status", "raw_status"),
        ("account", "external_id"),
        ("worth", "expires_on"),
        ("holder_name", "phone"),
        ("seen_at", "gone_at"),
        "raw",
        "used_in",
    )
    readonly_fields = ("ends_in", "worth", "phone", "raw", "used_in")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Voucher]:
        accounts = Account.objects.filter(places__branch__in=branches_seen_by(request.user))
        return super().get_queryset(request).filter(account__in=accounts)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Voucher], search_term: str
    ) -> tuple[QuerySet[Voucher], bool]:
        wanted = search_term.strip()[:LONGEST_SEARCH]
        if not wanted:
            return queryset, False
        return queryset.filter(Q(code_last4=wanted.upper()) | Q(holder_name__icontains=wanted)), False

    @admin.display(description=gettext_lazy("code ends in"), ordering="code_last4")
    def ends_in(self, voucher: Voucher) -> SafeString:
        return last4(voucher.code_last4)

    @admin.display(description=gettext_lazy("value"), ordering="value")
    def worth(self, voucher: Voucher) -> SafeString:
        return money.money(voucher.value, voucher.currency)

    @admin.display(description=gettext_lazy("holder's phone"))
    def phone(self, voucher: Voucher) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', voucher.holder_phone_masked or "—")

    @admin.display(description=gettext_lazy("as the issuer sent it, without personal data"))
    def raw(self, voucher: Voucher) -> SafeString:
        return verbatim(in_lines(voucher.payload))

    @admin.display(description=gettext_lazy("redemptions"))
    def used_in(self, voucher: Voucher) -> SafeString:
        address = reverse("admin:vouchers_redemption_changelist")
        query = urlencode({"code": voucher.code_hash})
        return format_html('<a href="{}?{}">{}</a>', address, query, _("Redemptions of this code"))


class LineInline(ReadOnlyInline):
    model = RedemptionLine
    verbose_name_plural = gettext_lazy("codes")
    fields = ("ends_in", "worth")
    readonly_fields = fields

    @admin.display(description=gettext_lazy("code ends in"))
    def ends_in(self, line: RedemptionLine) -> SafeString:
        address = reverse("admin:vouchers_voucher_change", args=[line.voucher_id])
        return format_html('<a href="{}">{}</a>', address, last4(line.code_last4))

    @admin.display(description=gettext_lazy("value"))
    def worth(self, line: RedemptionLine) -> SafeString:
        return money.money(line.value, line.redemption.currency)


@admin.register(Redemption)
class RedemptionAdmin(CodeSearch):
    list_display = ("reference", "state", "amount", "person_name", "branch", "by", "created_at", "business_date")
    list_filter = ("operation__state", "operation__branch", "business_date", CodeFilter)
    list_select_related = ("operation__branch", "operation__actor", "operation__account")
    search_fields = ("operation__reference",)
    search_help_text = gettext_lazy("Our reference, the last four of a code or an ID, a person's or a colleague's name")
    ordering = ("-operation__created_at", "id")
    inlines = (LineInline,)
    fieldsets = (
        (None, {"fields": (("reference", "state"), "links")}),
        (gettext_lazy("Amounts"), {"fields": (("amount", "total", "left"),)}),
        (
            gettext_lazy("Who and where"),
            {"fields": (("person_name", "person_id"), ("by", "branch", "till"), ("created_at", "business_date"))},
        ),
        (gettext_lazy("Evidence"), {"fields": ("whole_evidence",)}),
    )
    readonly_fields = (
        *("reference", "state", "links", "amount", "total", "left", "person_id"),
        *("by", "branch", "till", "created_at", "whole_evidence"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Redemption]:
        return super().get_queryset(request).filter(operation__branch__in=branches_seen_by(request.user))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.viewer = request.user  # `links` depends on it, and this object here serves every request
        return row

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Redemption], search_term: str
    ) -> tuple[QuerySet[Redemption], bool]:
        return queryset.filter(wanted_by(search_term)), False

    @admin.display(description=gettext_lazy("our reference"), ordering="operation__reference")
    def reference(self, row: Redemption) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', row.operation.reference)

    @admin.display(description=gettext_lazy("state"), ordering="operation__state")
    def state(self, row: Redemption) -> str:
        return str(row.operation.get_state_display())

    @admin.display(description=gettext_lazy("value"), ordering="operation__amount")
    def amount(self, row: Redemption) -> SafeString:
        return money.money(row.operation.amount, row.operation.currency)

    @admin.display(description=gettext_lazy("services total"))
    def total(self, row: Redemption) -> SafeString:
        return money.money(row.services_total, row.currency)

    @admin.display(description=gettext_lazy("left to pay"))
    def left(self, row: Redemption) -> SafeString:
        return money.money(row.client_pays, row.currency)

    @admin.display(description=gettext_lazy("branch"), ordering="operation__branch")
    def branch(self, row: Redemption) -> str:
        return str(row.operation.branch)

    @admin.display(description=gettext_lazy("till"))
    def till(self, row: Redemption) -> str:
        return str(row.operation.till or "—")

    @admin.display(description=gettext_lazy("by"), ordering="operation__actor")
    def by(self, row: Redemption) -> str:
        return str(row.operation.actor or "—")

    @admin.display(description=gettext_lazy("time"), ordering="operation__created_at")
    def created_at(self, row: Redemption) -> str:
        return date_format(localtime(row.operation.created_at, row.operation.branch.zone), "DATETIME_FORMAT")

    @admin.display(description=gettext_lazy("ID ends in"))
    def person_id(self, row: Redemption) -> SafeString:
        return last4(row.person_id_last4)

    @admin.display(description=gettext_lazy("pages"))
    def links(self, row: Any) -> SafeString:
        """The staff page is for who may see the ledger at that branch; the others would only be refused."""
        operation = link_to_operation(row.operation)
        if not may(row.viewer, Permission.LEDGER, row.operation.branch):
            return operation
        page = reverse("vouchers:redemption", args=[row.pk])
        return format_html('{} · <a href="{}">{}</a>', operation, page, _("Page at the desk"))

    @admin.display(description=gettext_lazy("evidence"))
    def whole_evidence(self, row: Redemption) -> SafeString:
        return evidence_of(row.operation)
