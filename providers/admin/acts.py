"""What the lists of acts of any domain have: each stands on its operation."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from branches.admin.shapes import ReadOnly


class OfOperation(ReadOnly):
    list_select_related = ("operation__branch", "operation__actor")
    ordering = ("-operation__created_at",)

    @admin.display(description=_("our reference"))
    def reference(self, row: Any) -> str:
        return str(row.operation.reference)

    @admin.display(description=_("kind"))
    def kind(self, row: Any) -> str:
        return str(row.operation.kind)

    @admin.display(description=_("state"))
    def state(self, row: Any) -> str:
        return str(row.operation.get_state_display())

    @admin.display(description=_("branch"))
    def branch(self, row: Any) -> str:
        return str(row.operation.branch)

    @admin.display(description=_("by"))
    def actor(self, row: Any) -> str:
        return str(row.operation.actor or "—")
