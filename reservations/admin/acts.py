"""What we did to bookings: looked at only. The evidence is its operation's."""

from __future__ import annotations

from django.contrib import admin

from providers.admin.acts import OfOperation
from reservations.models import Act


@admin.register(Act)
class ActAdmin(OfOperation):
    list_display = ("reference", "kind", "state", "subject", "branch", "actor", "business_date")
    list_filter = ("operation__branch", "operation__kind", "operation__state", "business_date")
    search_fields = ("=operation__reference", "=subject_id", "=external_ref")
