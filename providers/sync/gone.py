"""Tombstones: a row is gone when two complete runs have not seen it, and never sooner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q

from providers.models import Account, Missing, SyncRun
from providers.sync.rows import fold
from providers.sync.tables import Mirror
from providers.sync.write import CHUNK


def live_count(mirror: Mirror, account: Account, within: Q | None = None) -> int:
    rows = mirror.model._default_manager.filter(within or Q(), account=account, gone_at__isnull=True)
    return rows.count()


def bury(
    mirror: Mirror,
    run: SyncRun,
    seen: set[int],
    alive: int,
    now: dt.datetime,
    durably: Callable[[Callable[[], Any]], Any],
    within: Q | None = None,
) -> int:
    """Note what this complete run did not see, and bury what the one before it did not see either. `alive`: how many rows the
    mirror has; `within`: of which of them the run can tell at all. Returns how many were buried."""
    rows = Missing.objects.filter(account=run.account, collection=run.collection)
    before = dict(rows.values_list("external_id", "run_id"))
    missing = set(_unseen(mirror, run, seen, within)) if before or alive != len(seen) else set()
    buried = sorted(name for name in missing if before.get(name, run.pk) != run.pk)
    for chunk in _chunks(buried):
        durably(lambda chunk=chunk: _bury(mirror, run, chunk, now))  # type: ignore[misc]  # mypy types no lambda with a default
    back = [name for name in before if name not in missing]
    noted = [Missing(account=run.account, collection=run.collection, external_id=name, run=run) for name in missing]
    fresh = [row for row in noted if row.external_id not in before]
    durably(lambda: (rows.filter(external_id__in=back).delete(), Missing.objects.bulk_create(fresh, CHUNK)))
    return len(buried)


def _unseen(mirror: Mirror, run: SyncRun, seen: set[int], within: Q | None) -> Iterator[str]:
    """Of what was there before this run began: what is younger came while it read."""
    mine = mirror.model._default_manager.filter(within or Q(), account=run.account, gone_at__isnull=True)
    rows = mine.filter(seen_at__lt=run.began_at)
    for name in rows.order_by().values_list("external_id", flat=True).iterator(chunk_size=10_000):
        if fold(name) not in seen:
            yield name


def _bury(mirror: Mirror, run: SyncRun, names: list[str], now: dt.datetime) -> None:
    rows = mirror.model._default_manager.filter(account=run.account, external_id__in=names, gone_at__isnull=True)
    rows.filter(seen_at__lt=run.began_at).update(gone_at=now)
    Missing.objects.filter(account=run.account, collection=run.collection, external_id__in=names).delete()


def _chunks(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), CHUNK):
        yield names[start : start + CHUNK]
