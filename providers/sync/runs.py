"""The row of a run: who holds it, how far it has come, how it ended. It outlives its worker; the next one goes on from it."""

from __future__ import annotations

import datetime as dt
import uuid
from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from providers.models import Account, Quarantined, SyncRun, SyncSeen, SyncStatus, SyncTouched
from providers.sync.decide import Tally, status_of
from providers.sync.raw import cursor

RENEWED = (
    "UPDATE providers_syncrun SET lease_until = statement_timestamp() + %s WHERE id = %s AND token = %s AND status = %s"
)
STALE = timedelta(hours=6)  # a run that was cut short longer ago is not worth going on with


class Busy(Exception):
    """Another worker reads this collection now."""


class Superseded(Exception):
    """This worker was taken for dead, and another one has its run."""


def begin(
    account: Account, collection: str, *, whole: bool, lease: timedelta, now: dt.datetime, day: dt.date | None = None
) -> SyncRun:
    """A new run, or the one that a dead worker left. Raises Busy."""
    left = _take_over(account, collection, whole=whole, lease=lease, now=now, day=day)
    if left:
        return left
    try:
        with transaction.atomic():
            return SyncRun.objects.create(
                account=account,
                collection=collection,
                business_date=day,
                full=whole,
                began_at=now,
                token=uuid.uuid4(),
                lease_until=Now() + lease,
            )
    except IntegrityError:  # the index lets one of two through
        raise Busy from None


def _take_over(
    account: Account, collection: str, *, whole: bool, lease: timedelta, now: dt.datetime, day: dt.date | None
) -> SyncRun | None:
    row = SyncRun.objects.filter(account=account, collection=collection, status=SyncStatus.RUNNING).first()
    if row is None:
        return None
    dead = SyncRun.objects.filter(pk=row.pk, token=row.token, lease_until__lt=Now())
    if now - row.began_at > STALE or (whole and not row.full):
        if not dead.update(status=SyncStatus.AMBER, reasons=["stopped"], ended_at=now, token=None):
            raise Busy
        return None
    token = uuid.uuid4()
    if not dead.update(
        token=token, lease_until=Now() + lease, takeovers=row.takeovers + 1, business_date=day or row.business_date
    ):
        raise Busy
    row.refresh_from_db()
    return row


def tally_of(run: SyncRun) -> Tally | None:
    """What the round had met when its worker died; None when that is not all there any more, and the round begins anew."""
    if not run.tally:
        return Tally() if not run.cursor else None
    seen: set[int] = set()
    for ids, _hashes in chunks_of(run):
        seen.update(unpacked(ids))
    kept = dict(run.tally)
    return Tally(seen=seen, **kept) if len(seen) == run.distinct else None


def restart_round(run: SyncRun, number: int) -> None:
    """The reading begins again at the top."""
    with transaction.atomic():
        SyncSeen.objects.filter(run=run).delete()
        run.cursor, run.tally, run.distinct, run.round = "", {}, 0, number
        _save(run, cursor="", tally={}, distinct=0, round=number)


def checkpoint(
    run: SyncRun, tally: Tally, met: Mapping[int, bytes], cursor: str, lease: timedelta, **counts: Any
) -> None:
    """How far it has come; in the transaction of the rows that it speaks of. `met`: the folded ids that were new, and the
    hash of each row. Raises Superseded."""
    run.cursor, run.tally, run.distinct = cursor, tally.kept(), len(tally.seen)
    _save(
        run,
        cursor=cursor,
        tally=run.tally,
        distinct=run.distinct,
        reported=tally.last,
        lease_until=Now() + lease,
        **counts,
    )
    if met:
        keep_chunk(run, len(tally.seen), packed(list(met)), b"".join(met.values()))


def keep_chunk(run: SyncRun, n: int, ids: bytes, hashes: bytes) -> None:
    """That it is there already means that a commit was in doubt and is made again."""
    statement = "INSERT INTO providers_syncseen (run_id, n, ids, hashes) VALUES (%s, %s, %b, %b) ON CONFLICT DO NOTHING"
    with cursor() as asked:
        asked.execute(statement, [run.pk, n, ids, hashes], prepare=False)


def chunks_of(run: SyncRun) -> list[tuple[bytes, bytes]]:
    """What it has kept, in order: folded ids, and hashes."""
    with cursor(binary=True) as asked:
        asked.execute("SELECT ids, hashes FROM providers_syncseen WHERE run_id = %s ORDER BY n", [run.pk])
        return asked.fetchall()


def renew(run: SyncRun, lease: timedelta) -> None:
    """With every thousand rows. Raises Superseded."""
    with cursor() as asked:
        asked.execute(RENEWED, [lease, run.pk, run.token, SyncStatus.RUNNING.value], prepare=False)
        if not asked.rowcount:
            raise Superseded


def finish(
    run: SyncRun, reasons: Sequence[str], *, now: dt.datetime, looked_at: Iterable[int] = (), **changes: Any
) -> None:
    """The end, whatever it is. A complete run is what the next one compares with; `looked_at` are the touches (SyncTouched)
    that it knew of from its beginning. Raises Superseded."""
    with transaction.atomic():
        left = _save(
            run,
            status=status_of(reasons),
            reasons=list(reasons),
            ended_at=now,
            token=None,
            lease_until=None,
            **changes,
        )
        if run.complete:
            before = SyncSeen.objects.filter(run__account=run.account_id, run__collection=run.collection)
            before.exclude(run=run).delete()
            SyncTouched.objects.filter(Q(run=run) | Q(pk__in=list(looked_at))).delete()
        else:
            SyncSeen.objects.filter(run=run).delete()
    assert left
    run.refresh_from_db()


def _save(run: SyncRun, **changes: Any) -> int:
    done = SyncRun.objects.filter(pk=run.pk, token=run.token, status=SyncStatus.RUNNING).update(**changes)
    if not done:
        raise Superseded
    return done


def packed(ids: Sequence[int]) -> bytes:
    return array("Q", ids).tobytes()


def unpacked(content: bytes) -> Sequence[int]:
    found = array("Q")
    found.frombytes(content)
    return found


def last_complete(account: Account, collection: str) -> SyncRun | None:
    """The last run that read everything, and proved it."""
    return SyncRun.objects.filter(account=account, collection=collection, complete=True).order_by("-began_at").first()


def last_ended(account: Account, collection: str) -> SyncRun | None:
    rows = SyncRun.objects.filter(account=account, collection=collection, ended_at__isnull=False)
    return rows.order_by("-began_at", "-pk").first()


def open_quarantine(account: Account, collection: str) -> int:
    return Quarantined.objects.filter(account=account, collection=collection, resolved_at__isnull=True).count()
