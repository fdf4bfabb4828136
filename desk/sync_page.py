"""What the page about the mirrors shows: how each collection stands, why one is not complete, and what people did about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, User
from branches.roles import Permission
from branches.selectors import branches_of
from providers.models import Account, Drift, SyncDeed, SyncRun, SyncStatus
from providers.registry import has_source, provider_name
from providers.specs import SPECS
from providers.sync import Standing, mirror_of, standings
from providers.sync.decide import HARMLESS, Reason
from providers.sync.words import reason_words
from reservations.selectors import ahead

MOST = 20  # of a list below the table
LOOKS = {
    SyncStatus.GREEN: ("done", "done"),
    SyncStatus.AMBER: ("checking", "warn"),
    SyncStatus.RED: ("refused", "refused"),
}
NEVER = ("plain", "info", _("Never read"))
BEING_READ = ("now", "sync", _("Being read"))
ORDERED = ("now", "clock", _("Will be read"))


def page_of(user: User, branch: Branch, now: dt.datetime) -> dict[str, Any]:
    places = list(branches_of(user, Permission.SYNC))
    rows = [_row(standing, len(places)) for standing in mirrored(places)]
    return {
        "rows": rows,
        "troubles": [row for row in rows if row["reasons"] or row["unreadable"]],
        "counts": _counts(rows),
        "drifts": [_drift(row) for row in drifts_of(user, Permission.SYNC)[:MOST]],
        "deeds": [_deed(row) for row in _deeds(places)[:MOST]],
        "ahead": ahead(branch, now),
        "runs_now": any(row["is_live"] for row in rows),
        "place": branch,  # a poll's page has no frame to bring it
        "wide": True,
        "page": "sync",
        "polls": any(row["is_live"] for row in rows),
    }


def mirrored(places: Sequence[Branch]) -> list[Standing]:
    return [standing for standing in standings(places) if has_source(standing.account.provider)]


def _row(standing: Standing, of_mine: int) -> dict[str, Any]:
    run = standing.last
    tone, icon, word = _look(standing)
    reasons = [code for code in run.reasons if code not in HARMLESS] if run else []
    return {
        "standing": standing,
        "run": run,
        "provider": provider_name(standing.account.provider),
        "name": collection_name(standing.account, standing.collection),
        "branches": standing.branches,
        "everywhere": of_mine > 1 and len(standing.branches) == of_mine,
        "tone": tone,
        "icon": icon,
        "word": word,
        "is_live": standing.is_ordered or bool(run and run.status == SyncStatus.RUNNING),
        "reasons": [reason_words(code, run.detail if run else "") for code in reasons],
        "filter_ignored": bool(run and Reason.FILTER_IGNORED in run.reasons),
        "may_accept": bool(run and may_accept(run)),
        "unreadable": standing.unreadable,
    }


def _look(standing: Standing) -> tuple[str, str, Any]:
    run = standing.last
    if run and run.status == SyncStatus.RUNNING:
        return BEING_READ
    if standing.is_ordered:
        return ORDERED
    return (*LOOKS[SyncStatus(run.status)], SyncStatus(run.status).label) if run else NEVER


def may_accept(run: SyncRun) -> bool:
    return run.status == SyncStatus.AMBER and Reason.FAR_FEWER in run.reasons and not run.complete


def collection_name(account: Account, collection: str) -> str:
    mirror = mirror_of(SPECS[account.provider].kind, collection) if account.provider in SPECS else None
    return str(capfirst(mirror.model._meta.verbose_name_plural)) if mirror else collection


def _counts(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    states = [row["run"].status if row["run"] else "" for row in rows]
    return {
        "complete": states.count(SyncStatus.GREEN),
        "doubtful": states.count(SyncStatus.AMBER),
        "failed": states.count(SyncStatus.RED),
        "read": sum(row["run"].read for row in rows if row["run"]),
        "unreadable": sum(row["unreadable"] for row in rows),
    }


def accounts_of(user: User, permission: str) -> QuerySet[Account]:
    places = branches_of(user, permission)
    return Account.objects.filter(is_active=True, places__branch__in=places).distinct()


def runs_to_accept(user: User) -> QuerySet[SyncRun]:
    return SyncRun.objects.filter(account__in=accounts_of(user, Permission.SYNC_RUN)).select_related("account")


def drifts_of(user: User, permission: str) -> QuerySet[Drift]:
    rows = Drift.objects.filter(account__in=accounts_of(user, permission), acknowledged_at__isnull=True)
    return rows.select_related("account")


def _drift(row: Drift) -> dict[str, Any]:
    return {"row": row, "provider": provider_name(row.account.provider), "name": _name_of(row)}


def _deeds(places: Sequence[Branch]) -> QuerySet[SyncDeed]:
    rows = SyncDeed.objects.filter(account__places__branch__in=places).distinct()
    return rows.select_related("account", "by")


def _deed(row: SyncDeed) -> dict[str, Any]:
    return {"row": row, "provider": provider_name(row.account.provider), "name": _name_of(row)}


def _name_of(row: Any) -> str:
    return collection_name(row.account, row.collection)
