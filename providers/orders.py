"""A reading that a person asks for: it waits as a row, so that no restart of anything forgets it, and at most once a
collection. The engine's own lease lets one worker at a time read, whoever else was asked."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from providers.models import Account, SyncDeed, SyncRun, SyncStatus
from providers.operations.queue import ring
from providers.registry import has_source
from providers.sync import Busy, NoMirror, Superseded, collections_of, sync_collection

STALE = dt.timedelta(hours=1)  # nobody wants it any more


def order_sync(account: Account, collection: str, by: Any, now: dt.datetime) -> bool:
    """False where it waits or runs already. Raises NoMirror."""
    if collection not in collections_of(account) or not has_source(account.provider):
        raise NoMirror(collection)
    if SyncRun.objects.filter(account=account, collection=collection, status=SyncStatus.RUNNING).exists():
        return False
    try:
        with transaction.atomic():
            row = note(account, collection, SyncDeed.Deed.READ, by, now, waits=True)
    except IntegrityError:  # the index lets one of two through
        return False
    ring("providers.sync_ordered", row.pk)
    return True


def note(
    account: Account, collection: str, deed: str, by: Any, now: dt.datetime, *, detail: str = "", waits: bool = False
) -> SyncDeed:
    return SyncDeed.objects.create(
        account=account, collection=collection, deed=deed, by=by, at=now, detail=detail, waits=waits
    )


def orders_waiting(limit: int = 100) -> Sequence[uuid.UUID]:
    return list(SyncDeed.objects.filter(waits=True).order_by("at").values_list("pk", flat=True)[:limit])


def sync_ordered(order_id: uuid.UUID, *, now: dt.datetime) -> str:
    """Read it, once, however many bells rang. Returns the run's status, '' when there was nothing to do."""
    if not SyncDeed.objects.filter(pk=order_id, waits=True).update(waits=False):
        return ""
    order = SyncDeed.objects.select_related("account").get(pk=order_id)
    if now - order.at > STALE or not order.account.is_active:
        return ""
    try:
        return sync_collection(order.account, order.collection, full=True, now=now).status
    except (Busy, Superseded):
        return ""
