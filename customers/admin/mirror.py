"""The customer mirror: looked at only. Its search takes their number and names; phones stay out of addresses."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from branches.admin.shapes import ReadOnly
from customers.models import ProviderCustomer
from providers.normalise import mask_phone


@admin.register(ProviderCustomer)
class CustomerAdmin(ReadOnly):
    list_display = ("number", "person", "masked", "account", "is_blocked", "seen_at", "gone_at")
    list_filter = ("account", "is_blocked", "is_company")
    list_select_related = ("account",)
    search_fields = ("=number", "=external_id")
    exclude = ("phone", "email", "payload", "raw_hash", "content_hash", "folded_name")
    ordering = ("-pk",)

    @admin.display(description=_("name"))
    def person(self, row: Any) -> SafeString:
        return format_html("<bdi>{}</bdi>", row.name or "—")

    @admin.display(description=_("phone"))
    def masked(self, row: Any) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', mask_phone(row.phone) if row.phone else "—")
