"""The loyalty mirrors: looked at only. Searches take ids; phones and whole card numbers stay out of lists and addresses."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from branches.admin.shapes import ReadOnly
from loyalty.models import Appointment, Card, CardType, LoyaltyTransaction, Program, Visit
from providers.normalise import mask_phone

ENGINE = ("payload", "raw_hash", "content_hash")


class Mirrored(ReadOnly):
    list_filter: ClassVar[Any] = ("account",)
    list_select_related = ("account",)
    search_fields: ClassVar[Any] = ("=external_id",)
    exclude: ClassVar[Any] = ENGINE
    ordering = ("-pk",)


@admin.register(CardType)
class CardTypeAdmin(Mirrored):
    list_display = ("title", "chain_title", "account", "seen_at", "gone_at")


@admin.register(Program)
class ProgramAdmin(Mirrored):
    list_display = ("title", "value", "unit", "is_discount", "is_cashback", "account", "seen_at", "gone_at")


@admin.register(Card)
class CardAdmin(Mirrored):
    list_display = ("tail", "type_title", "balance", "visits", "account", "seen_at", "gone_at")
    exclude = (*ENGINE, "number")

    @admin.display(description=_("number"))
    def tail(self, row: Any) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', f"••{row.number[-4:]}" if row.number else row.external_id)


@admin.register(LoyaltyTransaction)
class TransactionAdmin(Mirrored):
    list_display = ("external_id", "movement", "amount", "day", "card_id", "visit_id", "account", "seen_at", "gone_at")
    list_filter = ("account", "movement", "day")
    search_fields = ("=external_id", "=card_id", "=visit_id")


@admin.register(Appointment)
class AppointmentAdmin(Mirrored):
    list_display = ("external_id", "attendance", "starts_at", "client", "masked", "is_deleted", "account", "seen_at")
    list_filter = ("account", "attendance", "is_deleted", "is_paid")
    search_fields = ("=external_id", "=visit_id", "=client_id")
    exclude = (*ENGINE, "client_phone")

    @admin.display(description=_("customer"))
    def client(self, row: Any) -> SafeString:
        return format_html("<bdi>{}</bdi>", row.client_name or "—")

    @admin.display(description=_("phone"))
    def masked(self, row: Any) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', mask_phone(row.client_phone) if row.client_phone else "—")


@admin.register(Visit)
class VisitAdmin(Mirrored):
    list_display = ("external_id", "record_id", "total", "left_to_pay", "account", "seen_at", "gone_at")
    search_fields = ("=external_id", "=record_id")
