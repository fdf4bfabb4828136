"""The audit trail: what was changed at branches, staff and accounts, by whom, when, from where, before and after."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _

from branches import history
from branches.admin.shapes import ReadOnly
from branches.models import Change


class AboutFilter(admin.SimpleListFilter):
    """One row's history with what refers to it: a branch's memberships, an account's branches."""

    title = _("about")
    parameter_name = "about"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get(self.parameter_name, "")
        row = history.row_named(chosen)
        return [(chosen, str(row))] if row else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        row = history.row_named(self.value() or "")
        return queryset.references(row) if row else queryset  # type: ignore[attr-defined]  # pghistory’s own query set


class DeedFilter(admin.SimpleListFilter):
    title = _("what was done")
    parameter_name = "deed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(label, str(text)) for label, text in history.DEEDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset.filter(pgh_label=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(model._meta.label, str(model._meta.verbose_name_plural)) for model in history.tracked_models()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset.filter(pgh_obj_model=self.value()) if self.value() else queryset


@admin.register(Change)
class ChangeAdmin(ReadOnly):
    list_display = ("when", "who", "where", "deed", "thing", "before_and_after")
    list_display_links = None
    list_filter = (AboutFilter, KindFilter, DeedFilter)
    list_per_page = 25
    ordering = ("-pgh_created_at", "-pgh_slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        rows: QuerySet[Change] = Change.objects.order_by(
            *self.ordering
        )  # its default manager finds nothing, for dumpdata
        return rows

    @admin.display(description=_("when"))
    def when(self, change: Change) -> Any:
        return change.pgh_created_at

    @admin.display(description=_("who"))
    def who(self, change: Change) -> str:
        return history.who(change)

    @admin.display(description=_("from where"))
    def where(self, change: Change) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', history.where(change))

    @admin.display(description=_("what was done"))
    def deed(self, change: Change) -> str:
        return history.deed(change)

    @admin.display(description=_("to what"))
    def thing(self, change: Change) -> SafeString:
        kind, name = history.thing(change)
        return format_html("{}<br><bdi>{}</bdi>", kind, name)

    @admin.display(description=_("before and after"))
    def before_and_after(self, change: Change) -> SafeString:
        rows = list(history.differences(change))
        if change.pgh_label != "update":
            line = "<li>{}: <bdi>{}</bdi></li>"
            told = format_html_join(
                "", line, ((row.field, row.after if row.before == "—" else row.before) for row in rows)
            )
        else:
            arrow = "←" if get_language_bidi() else "→"
            line = "<li>{}: <bdi>{}</bdi> {} <bdi>{}</bdi></li>"
            told = format_html_join("", line, ((row.field, row.before, arrow, row.after) for row in rows))
        return format_html('<ul class="diff">{}</ul>', told)
