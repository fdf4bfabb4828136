"""What only a person can say: that so many rows were really removed, and that a change of shape is known."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from providers.models import Drift, SyncRun, SyncStatus
from providers.sync.decide import Reason


def accept_smaller(run: SyncRun) -> bool:
    """Let this run be the measure for the next ones, although it saw far fewer rows. It buries nothing itself."""
    if run.status != SyncStatus.AMBER or Reason.FAR_FEWER not in run.reasons:
        return False
    return bool(SyncRun.objects.filter(pk=run.pk, complete=False).update(complete=True))


def acknowledge(rows: QuerySet[Drift], by: Any, now: dt.datetime) -> int:
    return rows.filter(acknowledged_at__isnull=True).update(acknowledged_at=now, acknowledged_by=by)
