"""How many points a role may move by hand at a branch. Without a row the defaults stand; who changed one is kept."""

from __future__ import annotations

from django.contrib import admin

from branches.admin.shapes import Audited, Proved
from loyalty.models import Limit


@admin.register(Limit)
class LimitAdmin(Audited, Proved):
    list_display = ("branch", "role", "alone", "a_day")
    list_filter = ("branch", "role")
    list_select_related = ("branch",)
    list_per_page = 50
    ordering = ("branch", "role")
    actions = None
