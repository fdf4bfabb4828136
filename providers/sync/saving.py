"""What a run has taken is written, with its place, in transactions of at most CHUNK changed rows.

A worker that is killed goes on at the place that was saved last; what it had taken since is read again.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeVar

import django.db
import psycopg
from django.db import connection, transaction

from providers.models import SyncRun
from providers.sync import runs
from providers.sync.bad import Bad, keep_bad, open_keys, resolve
from providers.sync.decide import Tally
from providers.sync.decoding import Decoding
from providers.sync.fetch import Pace
from providers.sync.remembered import touch, touched
from providers.sync.rows import fold
from providers.sync.tables import Listing, Mirror
from providers.sync.taking import Taken
from providers.sync.write import CHUNK, Known, Ready, Written, differing, store

T = TypeVar("T")
DATABASE_AWAY = (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
_NAP = threading.Event()


class Durably:
    """In one transaction, and again while PostgreSQL restarts: whatever is done here may be done twice."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def __call__(self, work: Callable[[], T]) -> T:
        for n in range(1, self._pace.database_tries + 1):
            try:
                with transaction.atomic(durable=True):
                    return work()
            except DATABASE_AWAY:
                connection.close()
                if n == self._pace.database_tries:
                    raise
                _NAP.wait(self._pace.database_pause)
        raise AssertionError("the database is tried at least once")


class Saving:
    def __init__(
        self, mirror: Mirror, run: SyncRun, pace: Pace, taken: Taken, decoding: Decoding, now: dt.datetime
    ) -> None:
        self._mirror, self._run, self._taken, self._decoding, self._now = mirror, run, taken, decoding, now
        self._account, self._lease = run.account, timedelta(seconds=pace.lease)
        self._durably = Durably(pace)
        self.is_first = not mirror.model._default_manager.filter(account=self._account).exists()
        self.is_remembered = True  # what was read before: then it is noted which rows are written
        self.keys = open_keys(self._account, run.collection)  # of what is in quarantine
        self.saved_at = time.monotonic()
        self.lists: list[Listing] = []  # of subjects that were asked about and are not saved yet

    def save(self, tally: Tally, cursor: str, counts: dict[str, Any]) -> None:
        """What was taken since the last time: compare, decode what differs, and write it with where the next page begins."""
        taken = self._taken
        if taken.sure:  # but not of what was written since it was remembered, or could not be read
            taken.doubt(touched(self._account, self._run.collection) | set(map(fold, self.keys)))
        ids, hashes = list(taken.batch), [hashed for hashed, _content, _seen_at in taken.batch.values()]
        new, other = self._decoding.ready(taken, ids, self._different(ids, hashes) if ids else [])
        rows, last = [*new, *other], max(len(new) + len(other) - 1, 0) // CHUNK * CHUNK
        for start in range(0, last, CHUNK):
            some = rows[start : start + CHUNK]
            self._write(some, len(new) - start, lambda changed: runs.renew(self._run, self._lease), [], ())
        self._write(
            rows[last:],
            len(new) - last,
            lambda changed: self._arrived(tally, cursor, {**counts, "changed": changed}),
            taken.bad,
            taken.batch,
        )
        taken.clear()
        self.lists.clear()
        self.saved_at = time.monotonic()

    def _arrived(self, tally: Tally, cursor: str, counts: dict[str, Any]) -> None:
        runs.checkpoint(self._run, tally, self._taken.met, cursor, self._lease, **counts)
        if self.lists and self._mirror.subjects:
            self._mirror.subjects.listed(self._account, self.lists)

    def _different(self, ids: list[str], hashes: list[bytes]) -> list[Known]:
        """In a first reading there is nothing to compare with what was not met before. Whoever else stores a row meanwhile is
        noticed when we do."""
        if self.is_first and not self._taken.repeated:
            return [Known(n, None, False) for n in range(len(ids))]
        return self._durably(lambda: differing(self._mirror, self._account, ids, hashes))

    def _write(
        self,
        rows: list[Ready],
        new: int,
        note: Callable[[int], None],
        bad: list[Bad],
        batch: Iterable[str],
    ) -> None:
        """`new`: so many of the rows, the first ones, we do not have. `note` says how far the run has come. `bad` and `batch`:
        of all that was taken, with its last rows."""

        def once() -> tuple[int, set[str]]:
            middle = max(new, 0)
            done = [self._store(rows[:middle], are_new=True), self._store(rows[middle:], are_new=False)]
            again = self._taken.repeated.intersection([row.external_id for row in rows])
            if again:  # as this round met them first, they are not kept
                touch(self._account, self._run.collection, sorted(again))
            changed = self._run.changed + sum(written.count for written in done)
            refused = [Bad.of(ready, problem) for written in done for ready, problem in written.refused]
            note(changed)
            return changed, self._settle_bad([*bad, *refused], batch)

        self._run.changed, self.keys = self._durably(once)

    def _store(self, rows: list[Ready], *, are_new: bool) -> Written:
        how = {"are_new": are_new, "is_remembered": self.is_remembered}
        return store(self._mirror, self._account, rows, run=self._run, **how)

    def _settle_bad(self, bad: list[Bad], batch: Iterable[str]) -> set[str]:
        """Keep what cannot be read, let go of what can be again. Returns the keys that are in quarantine now."""
        ill = {row.key for row in bad}
        healed = (self.keys & set(batch)) - ill
        if bad:
            keep_bad(self._account, self._run.collection, bad)
        if healed:
            resolve(self._account, self._run.collection, healed, self._now)
        return (self.keys | ill) - healed
