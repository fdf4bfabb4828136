"""What we did to cards and in visits, and what waited for a second person: looked at only. The evidence is its operation's."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from branches.admin.shapes import ReadOnly
from loyalty.models import Act, Proposal
from providers.admin.acts import OfOperation


@admin.register(Act)
class ActAdmin(OfOperation):
    list_display = ("reference", "kind", "state", "requested", "applied", "reason", "branch", "actor", "business_date")
    list_filter = ("operation__branch", "operation__kind", "operation__state", "reason", "business_date")
    search_fields = ("=operation__reference", "=card_id", "=visit_id", "=external_ref")


@admin.register(Proposal)
class ProposalAdmin(ReadOnly):
    list_display = ("card", "amount", "reason", "state", "branch", "actor", "decided_by", "created_at")
    list_filter = ("branch", "state", "reason")
    list_select_related = ("branch", "actor", "decided_by")
    search_fields = ("=card_id",)
    exclude = ("form_token",)
    ordering = ("-created_at",)

    @admin.display(description=_("card"))
    def card(self, row: Any) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', f"••{row.card_tail}" if row.card_tail else "—")
