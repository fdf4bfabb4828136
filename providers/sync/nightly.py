"""When the mirrors are read by themselves: after a branch's trading day has ended, and never while it may be open.

A branch says when its trading day ends (`day_ends_at`, midnight unless told otherwise). From a quarter of an hour after that
moment, and for five hours, nobody is taken to be at work there: the night. An account that several branches use is read only
while all of them have their night. A night that was missed is made up for by the next one, or by `manage.py sync`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from branches.models import Branch
from providers.models import Account, BranchAccount, SyncRun, SyncStatus
from providers.registry import has_source
from providers.specs import SPECS
from providers.sync.decide import Reason
from providers.sync.engine import sync_collection
from providers.sync.fetch import Pace
from providers.sync.runs import Busy, Superseded
from providers.sync.selectors import collections_of
from providers.sync.tables import mirror_of

AFTER_CLOSE = timedelta(minutes=15)
NIGHT = timedelta(hours=5)
TRIES = 4  # a night, of one collection
BETWEEN_TRIES = timedelta(minutes=10)


class Due(NamedTuple):
    account_id: uuid.UUID
    collection: str
    day: dt.date  # the trading day that has ended, of the branch that comes first by its code


def night_left(branch: Branch, now: dt.datetime) -> timedelta:
    """How much of this branch's night remains; zero or less when it may be open."""
    since_close = _since_close(branch, now)
    return NIGHT - since_close if since_close >= AFTER_CLOSE else timedelta(0)


def _since_close(branch: Branch, now: dt.datetime) -> timedelta:
    """Wall time since the last trading day ended."""
    local = now.astimezone(branch.zone).replace(tzinfo=None)
    ended = dt.datetime.combine(branch.business_date(now), branch.day_ends_at)
    return local - ended


def due(now: dt.datetime) -> list[Due]:
    """Collections whose night it is and which have not been read well for the day that ended."""
    accounts = Account.objects.filter(is_active=True, places__branch__is_active=True).distinct()
    found = []
    for account in accounts.order_by("provider", "pk"):
        places = _places(account)
        if not has_source(account.provider) or _left(places, now) <= timedelta(0):
            continue
        day = _ended_day(places, now)
        found += [Due(account.pk, name, day) for name in collections_of(account) if _is_due(account, name, day, now)]
    return found


def _is_due(account: Account, collection: str, day: dt.date, now: dt.datetime) -> bool:
    return _is_wanted(account, collection, day, now) and not _waits(account, collection, day)


def _waits(account: Account, collection: str, day: dt.date) -> bool:
    """For another collection that is being read for this day, or was not begun."""
    mirror = mirror_of(SPECS[account.provider].kind, collection)
    runs = SyncRun.objects.filter(account=account, business_date=day)
    return any(
        not runs.filter(collection=other).exclude(status=SyncStatus.RUNNING).exists()
        for other in (mirror.after if mirror else ())
    )


def _places(account: Account) -> Sequence[Branch]:
    links = BranchAccount.objects.filter(account=account, branch__is_active=True).select_related("branch")
    return [link.branch for link in links.order_by("branch__code")]


def _ended_day(places: Sequence[Branch], now: dt.datetime) -> dt.date:
    return places[0].business_date(now) - timedelta(days=1)


def _left(places: Sequence[Branch], now: dt.datetime) -> timedelta:
    return min((night_left(branch, now) for branch in places), default=timedelta(0))


def _is_wanted(account: Account, collection: str, day: dt.date, now: dt.datetime) -> bool:
    runs = list(SyncRun.objects.filter(account=account, collection=collection, business_date=day)[:TRIES])
    if any(run.complete or run.status == SyncStatus.GREEN for run in runs):  # another reading would show nothing new
        return False
    if any(
        run.status == SyncStatus.AMBER and Reason.BACKLOG in run.reasons for run in runs
    ):  # so much a night, no more
        return False
    if any(
        run.status == SyncStatus.RUNNING for run in runs
    ):  # perhaps a dead worker's: whoever asks for its lease is told
        return True
    recent = any(run.ended_at and now - run.ended_at < BETWEEN_TRIES for run in runs)
    return len(runs) < TRIES and not recent


def sync_nightly(account_id: uuid.UUID, collection: str, day: dt.date, *, now: dt.datetime) -> str:
    """What a worker does with one that is due: asks again whether it is, since two beats may both have sent for it. Ends with
    the night. Returns the run's status, '' when there was nothing to do."""
    account = Account.objects.get(pk=account_id)
    places = _places(account)
    left = _left(places, now)
    if left <= timedelta(0) or day != _ended_day(places, now) or not _is_wanted(account, collection, day, now):
        return ""
    pace = replace(Pace(), longest=min(Pace().longest, left.total_seconds()))
    try:
        return sync_collection(account, collection, now=now, pace=pace, day=day).status
    except (Busy, Superseded):
        return ""
