"""The booking mirrors: looked at only. Searches take numbers and ids; phones stay out of addresses."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from branches.admin.shapes import ReadOnly
from providers.normalise import mask_phone
from reservations.models import Attendance, Place, Practitioner, Product, Reservation, Subscription

ENGINE = ("payload", "raw_hash", "content_hash")


class Mirrored(ReadOnly):
    list_filter: ClassVar[Any] = ("account",)
    list_select_related = ("account",)
    search_fields: ClassVar[Any] = ("=external_id",)
    exclude: ClassVar[Any] = ENGINE
    ordering = ("-pk",)


class OfCustomer(Mirrored):
    exclude = (*ENGINE, "customer_phone")

    @admin.display(description=_("customer"))
    def customer(self, row: Any) -> SafeString:
        return format_html("<bdi>{}</bdi>", row.customer_name or "—")

    @admin.display(description=_("phone"))
    def masked(self, row: Any) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', mask_phone(row.customer_phone) if row.customer_phone else "—")


@admin.register(Place)
class PlaceAdmin(Mirrored):
    list_display = ("name", "account", "seen_at", "gone_at")


@admin.register(Practitioner)
class PractitionerAdmin(Mirrored):
    list_display = ("name", "account", "seen_at", "gone_at")


@admin.register(Product)
class ProductAdmin(Mirrored):
    list_display = ("name", "kind", "minutes", "out_of_stock", "account", "seen_at", "gone_at")
    list_filter = ("account", "kind")


@admin.register(Reservation)
class ReservationAdmin(OfCustomer):
    list_display = ("number", "status", "starts_at", "customer", "masked", "product_name", "account", "seen_at")
    list_filter = ("account", "status")
    search_fields = ("=number", "=external_id")


@admin.register(Subscription)
class SubscriptionAdmin(Mirrored):
    list_display = ("code", "status", "starts_at", "ends_at", "is_paused", "account", "seen_at")
    list_filter = ("account", "status", "is_paused")
    search_fields = ("=code", "=external_id")


@admin.register(Attendance)
class AttendanceAdmin(OfCustomer):
    list_display = ("subject", "direction", "customer", "masked", "subject_name", "account", "seen_at")
    list_filter = ("account", "subject", "direction")
