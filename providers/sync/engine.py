"""One run: a collection of an account is read whole, or a window of it, and becomes rows of ours; then what that proves.

Pages come from one fetcher (fetch.py); bytes are compared before anything is decoded (rows.py); what differs is written with
the page cursor in one transaction (write.py, runs.py); what follows is decided apart from all of it (decide.py).
"""

from __future__ import annotations

import datetime as dt
import gc
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

import django.db
import psycopg
from django.db import connection, transaction

from providers.contracts import Call, Collection, MirrorSource, Page
from providers.errors import Misconfigured, ProviderError, Rejected
from providers.models import Account, SyncRun
from providers.registry import source_for
from providers.specs import SPECS
from providers.sync import runs
from providers.sync.bad import Bad, keep_bad, open_keys, resolve, resolve_nameless, unmirrored
from providers.sync.decide import (
    NEVER,
    OVERLAP,
    ROUNDS,
    Cursors,
    Reason,
    Tally,
    honours_filter,
    is_far_fewer,
    may_bury,
    unproven,
    wants_whole,
)
from providers.sync.decoding import Decoding
from providers.sync.drift import load_shapes, save_shapes
from providers.sync.fetch import Fetched, Fetcher, OutOfTime, Pace
from providers.sync.gone import bury, live_count
from providers.sync.remembered import Remembered, forget, load, touch, touched, touches
from providers.sync.rows import fold, known_words
from providers.sync.tables import Mirror, mirror_of
from providers.sync.taking import Taken
from providers.sync.write import CHUNK, Known, Ready, Written, differing, store

__all__ = ["NoMirror", "Progress", "sync_collection"]
log = logging.getLogger(__name__)
T = TypeVar("T")
DATABASE_AWAY = (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
TOP_PAGES = 50
MANY_OBJECTS = 100_000
SHORT_TURN, LONG_TURN = 0.005, 0.05  # seconds until a thread must let another one go on
_NAP = threading.Event()


class NoMirror(LookupError):
    """No table of ours mirrors such a collection, or the provider has none of this name."""


class Progress(NamedTuple):
    read: int
    reported: int | None
    changed: int


def sync_collection(
    account: Account,
    collection: str,
    *,
    full: bool = False,
    now: dt.datetime,
    progress: Callable[[Progress], None] = lambda found: None,
    source: MirrorSource | None = None,
    pace: Pace | None = None,
    day: dt.date | None = None,
) -> SyncRun:
    """Read it now, or go on with what a dead worker left. Returns the ended run, whatever its status. Raises NoMirror, and
    Busy or Superseded where another worker has it. `source` is the account's own unless a test brings one."""
    mirror = mirror_of(SPECS[account.provider].kind, collection)
    if mirror is None:
        raise NoMirror(collection)
    run = runs.begin(
        account,
        collection,
        whole=full,
        lease=timedelta(seconds=(pace or Pace()).lease),
        now=now,
        day=day,
    )
    work = Run(account, mirror, run, pace or Pace(), now, progress)
    try:
        with _to_ourselves():
            reasons = work.read(source, asked_whole=full)
    except runs.Superseded:
        raise
    except (ProviderError, OutOfTime, *DATABASE_AWAY) as error:
        if isinstance(error, DATABASE_AWAY):
            log.warning("the database was away for too long: %s", type(error).__name__)
        reasons = [_reason(error)]
        run.detail = _detail(error)
    except (
        BaseException
    ):  # Ctrl-C, or a mistake of ours: it goes on to whoever called, and the run does not seem to run
        work.end([Reason.STOPPED])
        raise
    work.end(reasons)
    return run


@contextmanager
def _to_ourselves() -> Iterator[None]:
    """With a thousand rows alive the collector would go through the whole heap again and again. Rows make no cycles."""
    usual, turn = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(MANY_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        sys.setswitchinterval(turn)


def _reason(error: Exception) -> Reason:
    if isinstance(error, OutOfTime):
        return Reason.OUT_OF_TIME
    if isinstance(error, Misconfigured):
        return Reason.LOGIN_REFUSED
    if isinstance(error, ProviderError):
        return Reason.BUDGET if error.code in ("budget_spent", "budget_unknown") else Reason.PAGE_FAILED
    return Reason.DATABASE


def _detail(error: Exception) -> str:
    return str(error)[:200] if isinstance(error, ProviderError) else ""


class Run:
    """The work of one worker on one run."""

    def __init__(
        self,
        account: Account,
        mirror: Mirror,
        run: SyncRun,
        pace: Pace,
        now: dt.datetime,
        progress: Callable[[Progress], None],
    ) -> None:
        self.account, self.mirror, self.run, self.pace = account, mirror, run, pace
        self.lease = timedelta(seconds=pace.lease)
        self.now, self.began = now, time.monotonic()
        self.progress = progress
        self.tally = Tally()
        self.memory: Remembered | None = None
        self.touches: list[int] = []
        self.saved_at = time.monotonic()
        self.before = (run.requests, run.seconds)
        self.asked = self.calls = 0

    # How it reads -----------------------------------------------------------------------------------------------------

    def read(self, source: MirrorSource | None, *, asked_whole: bool) -> list[str]:
        """Returns what keeps the run from being green."""
        close: Callable[[], None] = lambda: None  # noqa: E731  # to be replaced in the next lines
        if source is None:
            source, close = source_for(self.account, self._called)
        self.source = source
        self.collection = self._described()
        self.is_first = not self.mirror.model._default_manager.filter(account=self.account).exists()
        self.keys = open_keys(self.account, self.collection.name)
        self.shapes = load_shapes(self.account, self.collection.name, known_words(self.collection))
        self.taken = Taken(source, self.collection.name)
        self.decoding = Decoding(self.mirror, source, self.collection, self.shapes)
        with Fetcher(self._page, self.pace, waiting=self._still_here, close=close) as self.fetcher:
            reasons = self._window() if self._wants_window(asked_whole) else self._whole()
        return reasons + self._consequences(reasons)

    def _described(self) -> Collection:
        for found in self.source.collections():
            if found.name == self.run.collection:
                return found
        raise Misconfigured("nothing_to_mirror", "This provider has no such collection.")

    def _page(self, at: str, since: str) -> Page:
        self.asked += 1
        return self.source.page(self.collection.name, at, since)

    def _called(self, _call: Call) -> None:
        self.calls += 1

    def _still_here(self) -> None:
        self._durably(lambda: runs.renew(self.run, self.lease))

    def _wants_window(self, asked_whole: bool) -> bool:
        if self.run.full:
            return False
        whole = runs.last_complete(self.account, self.collection.name)
        last = runs.last_ended(self.account, self.collection.name)
        return not wants_whole(
            asked=asked_whole,
            has_filter=bool(self.collection.since),
            last_whole=whole.began_at if whole else None,
            last_was_green=bool(last and last.status == "green"),
            now=self.now,
        )

    def _whole(self) -> list[str]:
        """Rounds until one is proven, two at most."""
        if not self.run.full:
            self.run.full = True
            SyncRun.objects.filter(pk=self.run.pk).update(full=True)
        tally, before = self._where_it_stood(), None
        reason: Reason | None = None
        self._remember()
        for number in range(self.run.round, ROUNDS + 1):
            if number > self.run.round:
                before, tally, self.is_first = tally, Tally(), False
                self._restart(number)
            self.tally = tally
            self._crawl(self.run.cursor)
            if tally.short():
                self._top_again()
            reason = unproven(tally, before) or self._lacking()
            if reason in (None, Reason.ENDLESS):
                break
        return [reason] if reason else []

    def _remember(self) -> None:
        self.memory = load(self.account, self.collection.name)
        if not self.run.takeovers:  # what was written while a dead worker read is the next run's to look at
            self.touches = touches(self.account, self.collection.name)

    def _lacking(self) -> Reason | None:
        """Rows that were taken for ours and are not there: somebody emptied the table. All is read again and compared."""
        self.alive = live_count(self.mirror, self.account)
        if self.memory is None or self.alive >= len(self.tally.seen) - self.tally.nameless - len(self.keys):
            return None
        self.memory = None
        self._durably(lambda: forget(self.account, self.collection.name))
        return Reason.LOST

    def _where_it_stood(self) -> Tally:
        tally = runs.tally_of(self.run)
        if tally is None:
            self._restart(self.run.round)
        return tally or Tally()

    def _restart(self, number: int) -> None:
        if self.memory:
            self.memory.restart()
        self._durably(lambda: runs.restart_round(self.run, number))

    def _crawl(self, at: str, since: str = "") -> None:
        cursors = Cursors(self.pace.most_pages, self.collection.page_size)
        for fetched in self.fetcher.pages(at, since):
            # Two threads that both have work take the interpreter from each other; for a slow provider they must.
            sys.setswitchinterval(LONG_TURN if self.fetcher.is_quick else SHORT_TURN)
            self._take(fetched)
            following = fetched.page.next
            if following and cursors.is_endless(following, self.tally.pages, self.tally.last):
                self.tally.endless = True
                break
            if self._is_enough() or time.monotonic() - self.saved_at > self.pace.save_every:
                self._flush(following)
        self._flush("")

    def _is_enough(self) -> bool:
        return len(self.taken.batch) >= self.pace.batch or len(self.taken.met) >= 2 * self.pace.batch

    def _top_again(self) -> None:
        """Rows that came while we read stand on top: read from there to the first page that has nothing new."""
        at = ""
        for _n in range(TOP_PAGES):
            fetched = self.fetcher.one(at)
            new = self._take(fetched)
            at = fetched.page.next
            if not new or not at or not self.tally.short():
                break
        self._flush("")

    # A window of it ---------------------------------------------------------------------------------------------------

    def _window(self) -> list[str]:
        """Only what is not older than the last good run, where they honour the filter; and their total against ours."""
        self.is_first = False
        self._restart(1)
        head = self.fetcher.one()
        total = head.page.reported
        if not self._honoured(total):
            self._note_filter("ignored", "")
            self.tally = Tally()
            return [*self._whole(), Reason.FILTER_IGNORED]
        since = self._since()
        self._note_filter("trusted", since)
        self.tally = Tally()
        self._take(head)
        self._flush("")
        self.tally = Tally()
        self._crawl("", since)
        reason = unproven(self.tally)
        if reason is None and (self._agrees(total) or self._agrees(self._head_again())):
            return []
        log.info("%s: a window did not prove itself; reading all", self.run)
        self._restart(1)
        return self._whole()

    def _honoured(self, total: int | None) -> bool:
        try:
            canary = self.fetcher.one("", NEVER).page
        except Rejected:
            return False
        return honours_filter(total, len(canary.rows), canary.reported)

    def _since(self) -> str:
        last = runs.last_ended(self.account, self.collection.name)
        assert last is not None  # without one there is no window
        place = self.account.places.select_related("branch").order_by("pk").first()
        moment = last.began_at - OVERLAP
        local = moment.astimezone(place.branch.zone) if place else moment
        return local.replace(tzinfo=None).isoformat(timespec="seconds")

    def _note_filter(self, state: str, since: str) -> None:
        self.run.filter_state, self.run.since = state, since
        SyncRun.objects.filter(pk=self.run.pk).update(filter_state=state, since=since)

    def _head_again(self) -> int | None:
        head = self.fetcher.one()
        self._take(head)
        self._flush("")
        return head.page.reported

    def _agrees(self, total: int | None) -> bool:
        self.run.reported = total
        ours = live_count(self.mirror, self.account) + unmirrored(self.mirror, self.account)
        return total is not None and total == ours

    # From bytes to rows -----------------------------------------------------------------------------------------------

    def _take(self, fetched: Fetched) -> set[int]:
        """Returns the folded ids that this round had not met."""
        found, nameless = self.taken.take(fetched.page, self._moment(fetched.asked_at), self.tally.seen, self.memory)
        new = self.tally.add(found, nameless, fetched.page.reported)
        self.progress(Progress(len(self.tally.seen), self.tally.last, self.run.changed))
        return new

    def _moment(self, monotonic: float) -> dt.datetime:
        return self.now + timedelta(seconds=monotonic - self.began)

    def _flush(self, cursor: str) -> None:
        """What was taken since the last time: compare, decode what differs, and write it with where the next page begins."""
        taken = self.taken
        if taken.sure:  # but not of what was written since it was remembered, or could not be read
            taken.doubt(touched(self.account, self.collection.name) | set(map(fold, self.keys)))
        ids, hashes = list(taken.batch), [hashed for hashed, _content, _seen_at in taken.batch.values()]
        new, other = self.decoding.ready(taken, ids, self._different(ids, hashes) if ids else [])
        rows = [(ready, True) for ready in new] + [(ready, False) for ready in other]
        whole = range(0, len(rows), CHUNK)
        for start in whole[:-1]:
            self._write(rows[start : start + CHUNK], None)
        self._write(rows[whole[-1] :] if rows else [], cursor)
        taken.clear()
        self.saved_at = time.monotonic()

    def _different(self, ids: list[str], hashes: list[bytes]) -> list[Known]:
        """In a first reading there is nothing to compare with what was not met before. Whoever else stores a row meanwhile is
        noticed when we do."""
        if self.is_first and not self.taken.repeated:
            return [Known(n, None, False) for n in range(len(ids))]
        return self._durably(lambda: differing(self.mirror, self.account, ids, hashes))

    def _write(self, rows: list[tuple[Ready, bool]], cursor: str | None) -> None:
        """`cursor`: None while more of the same batch follows."""

        def once() -> tuple[int, set[str]]:
            taken = self.taken
            done = [
                self._store([ready for ready, is_new in rows if is_new is kind], are_new=kind) for kind in (True, False)
            ]
            if again := [ready.external_id for ready, _is_new in rows if ready.external_id in taken.repeated]:
                touch(self.account, self.collection.name, again)  # as this round met them first, they are not kept
            changed = self.run.changed + sum(written.count for written in done)
            bad = [Bad.of(ready, problem) for written in done for ready, problem in written.refused]
            if cursor is None:
                runs.renew(self.run, self.lease)
                return changed, self._settle_bad(bad, [])
            runs.checkpoint(self.run, self.tally, taken.met, cursor, self.lease, changed=changed, **self._counts())
            return changed, self._settle_bad([*taken.bad, *bad], taken.batch)

        self.run.changed, self.keys = self._durably(once)

    def _store(self, rows: list[Ready], *, are_new: bool) -> Written:
        return store(self.mirror, self.account, rows, are_new=are_new, run=self.run)

    def _settle_bad(self, bad: list[Bad], batch: Iterable[str]) -> set[str]:
        """Keep what cannot be read, let go of what can be again. Returns the keys that are in quarantine now."""
        ill = {row.key for row in bad}
        healed = (self.keys & set(batch)) - ill
        if bad:
            keep_bad(self.account, self.collection.name, bad)
        if healed:
            resolve(self.account, self.collection.name, healed, self.now)
        return (self.keys | ill) - healed

    def _counts(self) -> dict[str, Any]:
        return {
            "read": len(self.tally.seen),
            "requests": self.before[0] + max(self.asked, self.calls),
            "seconds": round(self.before[1] + time.monotonic() - self.began, 3),
        }

    def _durably(self, work: Callable[[], T]) -> T:
        """In one transaction, and again while PostgreSQL restarts: whatever is done here may be done twice."""
        for n in range(1, self.pace.database_tries + 1):
            try:
                with transaction.atomic(durable=True):
                    return work()
            except DATABASE_AWAY:
                connection.close()
                if n == self.pace.database_tries:
                    raise
                _NAP.wait(self.pace.database_pause)
        raise AssertionError("the database is tried at least once")

    # What follows -----------------------------------------------------------------------------------------------------

    def _consequences(self, reasons: list[str]) -> list[str]:
        """Tombstones, drift, the quarantine: what an ended reading has to say of the collection."""
        found: list[str] = []
        proven = self.run.full and not [reason for reason in reasons if reason != Reason.FILTER_IGNORED]
        if proven:
            found += self._bury()
        if self._durably(lambda: save_shapes(self.shapes, self.account, self.collection.name, proven, self.now)):
            found.append(Reason.DRIFT)
        self.run.quarantined = runs.open_quarantine(self.account, self.collection.name)
        if self.run.quarantined:
            found.append(Reason.QUARANTINED)
        return found

    def _bury(self) -> list[str]:
        last = runs.last_complete(self.account, self.collection.name)
        before, seen = last.distinct if last else None, len(self.tally.seen)
        if is_far_fewer(seen, before):
            return [Reason.FAR_FEWER]
        self.run.complete = True
        self._durably(lambda: resolve_nameless(self.account, self.collection.name, self.run.began_at, self.now))
        if may_bury(proven=True, nameless=self.tally.nameless, seen=seen, last_complete=before):
            self.run.gone = bury(self.mirror, self.run, self.tally.seen, self.alive, self.now, self._durably)
        return []

    def end(self, reasons: list[str]) -> None:
        run = self.run
        counts = self._counts()
        counts["read"] = max(counts["read"], run.read)
        changes = {
            **counts,
            "reported": run.reported if run.filter_state == "trusted" and not run.full else self.tally.last,
            "distinct": len(self.tally.seen),
            "changed": run.changed,
            "gone": run.gone,
            "quarantined": run.quarantined,
            "complete": run.complete,
            "detail": run.detail,
        }
        now = self._moment(time.monotonic())
        self._durably(
            lambda: runs.finish(run, list(dict.fromkeys(reasons)), now=now, looked_at=self.touches, **changes)
        )
