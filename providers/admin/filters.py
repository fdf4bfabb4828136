"""How the journal's lists are narrowed, without reading all of it to offer the choice."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers import registry
from providers.admin.evidence import branches_seen_by
from providers.models import Account, Call, Operation


class ProviderFilter(admin.SimpleListFilter):
    title = gettext_lazy("provider")
    parameter_name = "provider"
    lookup = "account__provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(slug, registry.provider_name(slug)) for slug in registry.SPECS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.lookup: self.value()}) if self.value() else queryset


class AnswerFilter(admin.SimpleListFilter):
    """By class: a list of every status that ever came would read the whole journal."""

    title = gettext_lazy("answer")
    parameter_name = "answer"
    classes = {
        "none": Q(status__isnull=True),
        "2": Q(status__range=(200, 299)),
        "3": Q(status__range=(300, 399)),
        "4": Q(status__range=(400, 499)),
        "5": Q(status__range=(500, 599)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, _("no answer") if key == "none" else f"{key}xx") for key in self.classes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Call]) -> QuerySet[Call]:
        return queryset.filter(self.classes[self.value() or ""]) if self.value() in self.classes else queryset


class RecentFilter(admin.SimpleListFilter):
    title = gettext_lazy("time")
    parameter_name = "within"
    spans = {
        "hour": (gettext_lazy("The last hour"), dt.timedelta(hours=1)),
        "day": (gettext_lazy("The last 24 hours"), dt.timedelta(days=1)),
        "week": (gettext_lazy("The last 7 days"), dt.timedelta(days=7)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, str(words)) for key, (words, _span) in self.spans.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in self.spans:
            return queryset
        since = timezone.now() - self.spans[self.value() or ""][1]
        return queryset.filter(**{f"{self.moment(queryset)}__gte": since})

    def moment(self, queryset: QuerySet[Any]) -> str:
        return "created_at" if queryset.model is Operation else "at"


class BranchFilter(admin.SimpleListFilter):
    title = gettext_lazy("branch")
    parameter_name = "at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(branch.code, branch.name) for branch in branches_seen_by(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(branch__code=self.value()) if self.value() else queryset


class AccountFilter(admin.SimpleListFilter):
    title = gettext_lazy("provider account")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(account.pk), account.label) for account in Account.objects.all()[:100]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = dict(self.lookup_choices)
        return queryset.filter(account=self.value()) if self.value() in known else queryset
