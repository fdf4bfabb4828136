"""The second line: at night everything we know of is read again, and each effect that no operation of ours explains is listed.

It only reads. After a backup was put back it reads all that the backup knows of, since what was done between the two times is
in the providers' books alone. It cannot find what we have never seen: docs/operations.md says what closes that gap.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import connection, transaction

from branches.models import Branch
from providers.errors import ProviderError
from providers.models import OPEN_STATES, Account, Claim, Discrepancy, Operation, Reread, Restoration
from providers.operations import health, judged
from providers.operations.effects import Look, effect_of
from providers.operations.holders import later_holders
from providers.operations.journal import Journal
from providers.operations.life import database_now
from providers.registry import Rank, client_for

PAGE = 100
PAUSE = 0.25
GIVE_UP = 5  # failures in a row, after which an account is left for another night
WAITS_FOR = timedelta(days=7)  # how long what only the re-read needs is kept after a restoration
ONE_AT_A_TIME = 0x7761736C02


@dataclass(frozen=True, slots=True)
class Known:
    """Something at a provider that we know of, as its domain hands it over. `store` keeps what was seen."""

    key: str
    account: Account
    branch: Branch
    resource: str
    look: Callable[[Any], Look]
    store: Callable[[tuple[Any, ...], datetime], None]
    operation: Operation | None = None


class Source(Protocol):
    """Pages of what is known, by key. `since`: the restoration after which everything is wanted, on other nights None."""

    name: str

    def page(self, after: str, size: int, since: Restoration | None, now: datetime) -> list[Known]: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """A night is long and a provider has other customers: a few reads a second, and an end."""

    pause: float = PAUSE  # seconds between two reads
    longest: float = 2 * 3600
    most: int = 20_000


@dataclass(slots=True)
class Walk:
    row: Reread
    pace: Pace
    ends: float
    since: Restoration | None
    seen: set[tuple[uuid.UUID, str]] = field(default_factory=set)
    in_a_row: Counter[uuid.UUID] = field(default_factory=Counter)
    skipped: int = 0

    @property
    def over(self) -> bool:
        return time.monotonic() >= self.ends or self.row.read >= self.pace.most


class Busy(Exception):
    """Another re-read is at work."""


_SOURCES: list[Source] = [judged.Judged()]


def also_reread(source: Source) -> None:
    _SOURCES[:] = [other for other in _SOURCES if other.name != source.name] + [source]


def waiting_restoration(now: datetime) -> Restoration | None:
    """The restoration after which not everything has been read again yet; not for ever, since it keeps people's data."""
    last = Restoration.objects.order_by("-restored_at", "-pk").first()
    if last is None or now - last.restored_at > WAITS_FOR:
        return None
    return None if Reread.objects.filter(complete=True, began_at__gte=last.restored_at).exists() else last


def reread(pace: Pace | None = None) -> Reread:
    """One run, or the rest of one that was cut short. Raises Busy."""
    pace = pace or Pace()
    with _alone():
        now = database_now()
        since = waiting_restoration(now)
        walk = Walk(_row(since, now), pace, time.monotonic() + pace.longest, since)
        walk.row.read = walk.row.read if walk.row.source else 0
        whole = _walk(walk, now)
        _close(walk, whole)
    return walk.row


@contextmanager
def _alone() -> Iterator[None]:
    """A lock of the session: it ends with the connection, however this process ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
        if not cursor.fetchone()[0]:
            raise Busy
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


def _row(since: Restoration | None, now: datetime) -> Reread:
    """The last run goes on where it stopped, unless it failed somewhere on its way, or is older than what must be read."""
    last = Reread.objects.first()
    oldest = since.restored_at if since else now - timedelta(hours=36)
    if last and not last.complete and not last.failed and last.source and last.began_at >= oldest:
        last.ended_at = None
        return last
    return Reread.objects.create(began_at=now)


def _walk(walk: Walk, now: datetime) -> bool:
    """Whether the end was reached."""
    names = [source.name for source in _SOURCES]
    first = names.index(walk.row.source) if walk.row.source in names else 0
    for n, source in enumerate(_SOURCES[first:]):
        for known in _from(source, walk.row.after if n == 0 else "", walk.since, now):
            if walk.over:
                return False
            _one(walk, known)
            walk.row.source, walk.row.after = source.name, known.key
            walk.row.save()
    return True


def _from(source: Source, after: str, since: Restoration | None, now: datetime) -> Iterator[Known]:
    while page := source.page(after, PAGE, since, now):
        yield from page
        after = page[-1].key


def _close(walk: Walk, whole: bool) -> None:
    row = walk.row
    row.ended_at = database_now()
    row.complete = whole and not row.failed and not walk.skipped and not _unsettled(walk.since)
    if whole:
        row.source = row.after = ""
    row.save()


def _unsettled(since: Restoration | None) -> bool:
    """What the backup holds open may yet end as not done: then it must be read again, so this run was not the last."""
    return (
        since is not None
        and Operation.objects.filter(created_at__lte=since.restored_at, state__in=OPEN_STATES).exists()
    )


def _one(walk: Walk, known: Known) -> None:
    place = (known.account.pk, subject_of(known))
    if place in walk.seen or explained(known):
        return
    walk.seen.add(place)
    if walk.in_a_row[known.account.pk] >= GIVE_UP:
        walk.skipped += 1
        return
    if walk.row.read and walk.pace.pause:
        threading.Event().wait(walk.pace.pause)
    walk.row.read += 1
    journal = Journal(known.account, known.operation)
    try:
        look = known.look(client_for(known.account, journal, rank=Rank.MIRROR))
    except ProviderError as error:
        walk.row.failed += 1
        walk.in_a_row[known.account.pk] += 1
        with transaction.atomic(durable=True):
            journal.write()
            health.failed(known.account, error, database_now())
        return
    walk.in_a_row[known.account.pk] = 0
    walk.row.listed += _record(known, look, journal)


def _record(known: Known, look: Look, journal: Journal) -> int:
    with transaction.atomic(durable=True):
        now = database_now()
        journal.write()
        health.answered(known.account, now)
        known.store(look.records, now)
        if not look.shows_effect or explained(known) or listed(known):
            return 0
        kind = Discrepancy.Kind.LATE_EFFECT if known.operation else Discrepancy.Kind.ORPHAN_EFFECT
        Discrepancy.objects.create(
            account=known.account,
            branch=known.branch,
            operation=known.operation,
            kind=kind,
            resource="" if _is_free_again(known) else known.resource,
            facts=dict(look.facts),
            at=now,
        )
    return 1


def subject_of(known: Known) -> str:
    """What a look and a discrepancy are about: a resource, or one operation on it where the same resource is used again and
    again."""
    return str(known.operation.pk) if known.operation and _is_free_again(known) else known.resource


def _is_free_again(known: Known) -> bool:
    return known.operation is not None and not effect_of(known.operation).keeps_claims


def explained(known: Known) -> bool:
    """An operation of ours has used it, or is being settled."""
    row = known.operation
    if row and _is_free_again(known) and later_holders(row):
        return True
    return Claim.objects.filter(account=known.account, resource=known.resource, open=True).exists()


def listed(known: Known) -> bool:
    """Once is enough, whichever look found it and whatever a person has said about it since."""
    late = Discrepancy.objects.filter(account=known.account, kind=Discrepancy.Kind.LATE_EFFECT)
    if _is_free_again(known):
        return late.filter(operation=known.operation).exists()
    found = Discrepancy.objects.filter(account=known.account)
    return (
        found.filter(resource=known.resource).exists()
        or late.filter(operation__claims__resource=known.resource).exists()
    )
