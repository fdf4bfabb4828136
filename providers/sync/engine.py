"""One run: a collection of an account is read whole, or a window of it, and becomes rows of ours; then what that proves.

Pages come from one fetcher (fetch.py); bytes are compared before anything is decoded (rows.py); what differs is written with
the page cursor in one transaction (write.py, runs.py); what follows is decided apart from all of it (decide.py).
"""

from __future__ import annotations

import datetime as dt
import gc
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import repeat
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
from providers.sync.drift import load_shapes, save_shapes
from providers.sync.fetch import Fetched, Fetcher, OutOfTime, Pace
from providers.sync.gone import bury, live_count
from providers.sync.rows import content_hash, fold, folded, known_words, parsed, raw_hash
from providers.sync.tables import Mirror, mirror_of
from providers.sync.write import CHUNK, SLICE, Known, Ready, as_cells, cells_of_many, differing, store

__all__ = ["NoMirror", "Progress", "sync_collection"]
log = logging.getLogger(__name__)
T = TypeVar("T")
DATABASE_AWAY = (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
LONGEST_ID = 80
TOP_PAGES = 50
MANY_OBJECTS = 100_000
_NAP = threading.Event()


class NoMirror(LookupError):
    """No table of ours mirrors such a collection, or the provider has none of this name."""


Decoded = tuple[str, bytes, bytes, bytes, dt.datetime]  # a Ready without its cells


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
        with _rare_collections():
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
def _rare_collections() -> Iterator[None]:
    """With a thousand rows alive the collector would go through the whole heap again and again. Rows make no cycles."""
    usual = gc.get_threshold()
    gc.set_threshold(MANY_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


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
        self.batch: dict[str, tuple[bytes, bytes, dt.datetime]] = {}  # id -> hash, content, when it was asked for
        self.bad: list[Bad] = []
        self.fresh: list[int] = []
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
        self.keys = open_keys(self.account, self.collection.name)
        self.shapes = load_shapes(self.account, self.collection.name, known_words(self.collection))
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
        for number in range(self.run.round, ROUNDS + 1):
            if number > self.run.round:
                before, tally = tally, Tally()
                self._restart(number)
            self.tally = tally
            self._crawl(self.run.cursor)
            if tally.short():
                self._top_again()
            reason = unproven(tally, before)
            if reason in (None, Reason.ENDLESS):
                break
        return [reason] if reason else []

    def _where_it_stood(self) -> Tally:
        tally = runs.tally_of(self.run)
        if tally is None:
            self._restart(self.run.round)
        return tally or Tally()

    def _restart(self, number: int) -> None:
        self._durably(lambda: runs.restart_round(self.run, number))

    def _crawl(self, at: str, since: str = "") -> None:
        cursors = Cursors(self.pace.most_pages, self.collection.page_size)
        for fetched in self.fetcher.pages(at, since):
            self._take(fetched)
            following = fetched.page.next
            if following and cursors.is_endless(following, self.tally.pages, self.tally.last):
                self.tally.endless = True
                break
            if len(self.batch) >= self.pace.batch or time.monotonic() - self.saved_at > self.pace.save_every:
                self._flush(following)
        self._flush("")

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
        seen_at = self._moment(fetched.asked_at)
        rows, ids = fetched.page.rows, fetched.page.ids
        hashes = list(map(raw_hash, rows))
        if ids is not None and len(ids) == len(rows) and _all_usable(ids):
            found, nameless = folded(ids), 0
            self.batch.update(zip(ids, zip(hashes, rows, repeat(seen_at)), strict=True))  # of two the later one stands
        else:
            found, nameless = self._one_by_one(rows, hashes, seen_at)
        new = self.tally.add(found, nameless, fetched.page.reported)
        self.fresh += new
        self.progress(Progress(len(self.tally.seen), self.tally.last, self.run.changed))
        return new

    def _one_by_one(
        self, rows: Sequence[bytes], hashes: Sequence[bytes], seen_at: dt.datetime
    ) -> tuple[tuple[int, ...], int]:
        """A page of which not every row has an id, or whose client reads one at a time."""
        ids: list[int] = []
        nameless = 0
        for content, hashed in zip(rows, hashes, strict=True):
            try:
                external_id = _usable(self.source.id_of(self.collection.name, content))
            except ValueError as error:
                nameless += 1
                ids.append(fold(f"\0{hashed.hex()}"))
                self.bad.append(Bad("", hashed, content, str(error), seen_at))
                continue
            ids.append(fold(external_id))
            self.batch[external_id] = hashed, content, seen_at
        return tuple(ids), nameless

    def _moment(self, monotonic: float) -> dt.datetime:
        return self.now + timedelta(seconds=monotonic - self.began)

    def _flush(self, cursor: str) -> None:
        """What was taken since the last time: compare, decode what differs, and write it with where the next page begins."""
        ids, hashes = list(self.batch), [hashed for hashed, _content, _seen_at in self.batch.values()]
        new, other = self._decoded(ids, hashes)
        rows = [(ready, True) for ready in new] + [(ready, False) for ready in other]
        whole = range(0, len(rows), CHUNK)
        for start in whole[:-1]:
            self._write(rows[start : start + CHUNK], None, [])
        self._write(rows[whole[-1] :] if rows else [], cursor, self.fresh)
        self.batch, self.bad, self.fresh, self.saved_at = {}, [], [], time.monotonic()

    def _decoded(self, ids: list[str], hashes: list[bytes]) -> tuple[list[Ready], list[Ready]]:
        """What we do not have, and what we have otherwise."""
        different = self._durably(lambda: differing(self.mirror, self.account, ids, hashes)) if ids else []
        new: list[Ready] = []
        other: list[Ready] = []
        for start in range(0, len(different), SLICE):
            for is_new, ready in self._readied(ids, different[start : start + SLICE]):
                (new if is_new else other).append(ready)
        return new, other

    def _readied(self, ids: list[str], different: Sequence[Known]) -> Iterator[tuple[bool, Ready]]:
        found: list[tuple[bool, Decoded]] = []
        values: list[tuple[Any, ...]] = []
        for known in different:
            external_id = ids[known.n]
            hashed, row, seen_at = self.batch[external_id]
            try:
                value = parsed(row)
                self.shapes.meet(value)
                content = content_hash(value, self.collection.volatile)
                if content == known.content_hash and not known.is_gone:
                    continue
                values.append(self.mirror.values(self.source.decode(self.collection.name, row)))
            except ValueError as error:
                self.bad.append(Bad(external_id, hashed, row, str(error), seen_at))
                continue
            found.append((known.content_hash is None, (external_id, hashed, content, row, seen_at)))
        for (is_new, decoded), cells in zip(found, self._cells(found, values), strict=True):
            if cells is not None:
                yield is_new, Ready(*decoded, cells)

    def _cells(
        self, found: Sequence[tuple[bool, Decoded]], values: Sequence[tuple[Any, ...]]
    ) -> Iterable[tuple[str | None, ...] | None]:
        try:
            yield from cells_of_many(self.mirror, values)
        except ValueError:  # one of them is of a kind that no column holds
            for (_is_new, row), each in zip(found, values, strict=True):
                try:
                    yield as_cells(self.mirror, each)
                except ValueError as error:
                    self.bad.append(Bad.of(Ready(*row, ()), str(error)))
                    yield None

    def _write(self, rows: list[tuple[Ready, bool]], cursor: str | None, fresh: list[int]) -> None:
        """`cursor`: None while more of the same batch follows."""

        def once() -> tuple[int, set[str]]:
            done = [
                store(self.mirror, self.account, [ready for ready, is_new in rows if is_new is kind], are_new=kind)
                for kind in (True, False)
            ]
            changed = self.run.changed + sum(written.count for written in done)
            bad = [Bad.of(ready, problem) for written in done for ready, problem in written.refused]
            if cursor is None:
                runs.renew(self.run, self.lease)
                return changed, self._settle_bad(bad, [])
            runs.checkpoint(self.run, self.tally, fresh, cursor, self.lease, changed=changed, **self._counts())
            return changed, self._settle_bad([*self.bad, *bad], self.batch)

        self.run.changed, self.keys = self._durably(once)

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
            self.run.gone = bury(self.mirror, self.run, self.tally.seen, self.now, self._durably)
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
        self._durably(lambda: runs.finish(run, list(dict.fromkeys(reasons)), now=now, **changes))


def _all_usable(ids: Sequence[str]) -> bool:
    return all(ids) and max(map(len, ids), default=0) <= LONGEST_ID and "".join(ids).isprintable()


def _usable(external_id: str) -> str:
    if not external_id or len(external_id) > LONGEST_ID or not external_id.isprintable():
        raise ValueError("the row's id cannot be kept")
    return external_id
