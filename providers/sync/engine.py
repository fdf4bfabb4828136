"""One run: a collection of an account is read whole, or a window of it, and becomes rows of ours; then what that proves.

Pages come from one fetcher (fetch.py); bytes are compared before anything is decoded (rows.py); what differs is written with
the page cursor in one transaction (write.py, runs.py); what follows is decided apart from all of it (decide.py).
"""

from __future__ import annotations

import datetime as dt
import gc
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from providers.contracts import Call, Collection, MirrorSource, Page, Reading
from providers.errors import BrokenContract, Misconfigured, ProviderError, Rejected
from providers.models import Account, SyncRun
from providers.registry import source_for
from providers.specs import SPECS
from providers.sync import runs
from providers.sync.bad import resolve_unmet, unmirrored
from providers.sync.decide import (
    NEVER,
    OVERLAP,
    ROUNDS,
    Cursors,
    Reason,
    Tally,
    days_to_read,
    honours_filter,
    is_far_fewer,
    is_half_gone,
    may_bury,
    unproven,
    wants_whole,
)
from providers.sync.decoding import Decoding
from providers.sync.drift import load_shapes, save_shapes
from providers.sync.fetch import Fetched, Fetcher, OutOfTime, Pace
from providers.sync.gone import bury, live_count
from providers.sync.remembered import Remembered, forget, load, touches
from providers.sync.rows import known_words
from providers.sync.saving import DATABASE_AWAY, Durably, Saving
from providers.sync.subjects import Asking
from providers.sync.tables import Mirror, mirror_of
from providers.sync.taking import Taken

__all__ = ["NoMirror", "Progress", "sync_collection"]
log = logging.getLogger(__name__)
TOP_PAGES = 50
MANY_OBJECTS = 100_000
FAMILIAR = 5  # a save that writes no row costs as much as one that does: so many times the rows are waited for
SHORT_TURN, LONG_TURN = 0.005, 0.05  # seconds until a thread must let another one go on


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
        self.lease, self.durably = timedelta(seconds=pace.lease), Durably(pace)
        self.now, self.began = now, time.monotonic()
        self.progress = progress
        self.tally = Tally()
        self.memory: Remembered | None = None
        self.touches: list[int] = []
        self.before = (run.requests, run.seconds)
        self.asked = self.calls = 0
        self.asking: Asking | None = None

    # How it reads -----------------------------------------------------------------------------------------------------

    def read(self, source: MirrorSource | None, *, asked_whole: bool) -> list[str]:
        """Returns what keeps the run from being green."""
        close: Callable[[], None] = lambda: None  # noqa: E731  # to be replaced in the next lines
        if source is None:
            source, close = source_for(self.account, self._called)
        self.source = source
        self.collection = self._described()
        self.shapes = load_shapes(self.account, self.collection.name, known_words(self.collection))
        self.taken = Taken(source, self.collection.name)
        decoding = Decoding(self.mirror, source, self.collection, self.shapes)
        self.saving = Saving(self.mirror, self.run, self.pace, self.taken, decoding, self.now)
        with Fetcher(self._page, self.pace, waiting=self._still_here, close=close) as self.fetcher:
            reasons = self._read_as(self.collection.reading, asked_whole)
        return reasons + self._consequences(reasons)

    def _read_as(self, reading: Reading, asked_whole: bool) -> list[str]:
        if reading is Reading.DAYS:
            return self._days()
        if reading is Reading.EACH:
            return self._each()
        return self._window() if self._wants_window(asked_whole) else self._whole()

    def _described(self) -> Collection:
        for found in self.source.collections():
            if found.name == self.run.collection:
                return found
        raise Misconfigured("nothing_to_mirror", "This provider has no such collection.")

    def _page(self, at: str, since: str) -> Page:
        self.asked += 1
        if self.asking:
            return self.asking.page(self.source, self.collection.name, at)
        return self.source.page(self.collection.name, at, since)

    def _called(self, _call: Call) -> None:
        self.calls += 1

    def _still_here(self) -> None:
        self.durably(lambda: runs.renew(self.run, self.lease))

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
        self._remember()
        return self._rounds()

    def _rounds(self, since: str = "") -> list[str]:
        tally, before = self._where_it_stood(), None
        reason: Reason | None = None
        for number in range(self.run.round, ROUNDS + 1):
            if number > self.run.round:
                before, tally, self.saving.is_first = tally, Tally(), False
                self._restart(number)
            self.tally = tally
            self._crawl(self.run.cursor, since)
            if tally.short():
                self._top_again()
            reason = unproven(tally, before) or self._lacking()
            if reason in (None, Reason.ENDLESS):
                break
        return [reason] if reason else []

    def _remember(self) -> None:
        self.memory = load(self.account, self.collection.name)
        self.saving.is_remembered = self.memory is not None
        if not self.run.takeovers:  # what was written while a dead worker read is the next run's to look at
            self.touches = touches(self.account, self.collection.name, kept=self.memory is not None)

    def _lacking(self) -> Reason | None:
        """Rows that were taken for ours and are not there: somebody emptied the table. All is read again and compared."""
        self.alive = live_count(self.mirror, self.account)
        if self.memory is None or self.alive >= len(self.tally.seen) - self.tally.nameless - len(self.saving.keys):
            return None
        self.memory, self.saving.is_remembered = None, False
        self.durably(lambda: forget(self.account, self.collection.name))
        return Reason.LOST

    def _where_it_stood(self) -> Tally:
        tally = runs.tally_of(self.run)
        if tally is None:
            self._restart(self.run.round)
        return tally or Tally()

    def _restart(self, number: int) -> None:
        if self.memory:
            self.memory.restart()
        self.durably(lambda: runs.restart_round(self.run, number))

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
            if self._is_enough() or time.monotonic() - self.saving.saved_at > self.pace.save_every:
                self._save(following)
        self._save("")

    def _is_enough(self) -> bool:
        return len(self.taken.batch) >= self.pace.batch or len(self.taken.met) >= FAMILIAR * self.pace.batch

    def _top_again(self) -> None:
        """Rows that came while we read stand on top: read from there to the first page that has nothing new."""
        at = ""
        for _n in range(TOP_PAGES):
            fetched = self.fetcher.one(at)
            new = self._take(fetched)
            at = fetched.page.next
            if not new or not at or not self.tally.short():
                break
        self._save("")

    # Day after day, and one subject after the other ---------------------------------------------------------------------

    def _days(self) -> list[str]:
        """The days since the last good reading, and some before it. Nobody says how much there is: two readings that agree
        prove it."""
        if not self.run.since:
            last = None if self.run.full else runs.last_complete(self.account, self.collection.name)
            read_until = dt.date.fromisoformat(last.since.partition("/")[2]) if last and last.since else None
            first, until = days_to_read(read_until, self._local(self.now).date())
            self._note_filter("", f"{first}/{until}")
        self.touches = touches(self.account, self.collection.name, kept=False)
        return self._rounds(self.run.since)

    def _each(self) -> list[str]:
        """Where a dead worker stopped, the subjects say: who was asked about is not wanted any more."""
        subjects = self.mirror.subjects
        if subjects is None:
            raise NoMirror(self.collection.name)
        self.touches = touches(self.account, self.collection.name, kept=False)
        self.tally = self._where_it_stood()
        self.asking = asking = Asking(subjects.wanted(self.account, self.now))
        try:
            if asking.subjects:
                self._crawl("")
        except BrokenContract:
            asking.refused.append(asking.current)
            raise
        finally:
            for one in asking.refused:
                subjects.put_off(self.account, one, self.now)
        self.run.detail = subjects.ended(self.account, self.run.began_at, self._moment(time.monotonic()))[:200]
        return [Reason.BACKLOG] if self.run.detail else []

    # A window of it ---------------------------------------------------------------------------------------------------

    def _window(self) -> list[str]:
        """Only what is not older than the last good run, where they honour the filter; and their total against ours."""
        self.saving.is_first = False
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
        self._save("")
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
        return self._local(last.began_at - OVERLAP).replace(tzinfo=None).isoformat(timespec="seconds")

    def _local(self, moment: dt.datetime) -> dt.datetime:
        place = self.account.places.select_related("branch").order_by("pk").first()
        return moment.astimezone(place.branch.zone) if place else moment

    def _note_filter(self, state: str, since: str) -> None:
        self.run.filter_state, self.run.since = state, since
        SyncRun.objects.filter(pk=self.run.pk).update(filter_state=state, since=since)

    def _head_again(self) -> int | None:
        head = self.fetcher.one()
        self._take(head)
        self._save("")
        return head.page.reported

    def _agrees(self, total: int | None) -> bool:
        self.run.reported = total
        ours = live_count(self.mirror, self.account) + unmirrored(self.mirror, self.account)
        return total is not None and total == ours

    # From bytes to rows -----------------------------------------------------------------------------------------------

    def _take(self, fetched: Fetched) -> set[int]:
        """Returns the folded ids that this round had not met."""
        asked_at = self._moment(fetched.asked_at)
        found, nameless = self.taken.take(fetched.page, fetched.hashes, asked_at, self.tally.seen, self.memory)
        new = self.tally.add(found, nameless, fetched.page.reported)
        if self.asking:
            self.saving.lists += self.asking.listing(fetched.page, self._moment(fetched.asked_at))
        self.progress(Progress(len(self.tally.seen), self.tally.last, self.run.changed))
        return new

    def _save(self, cursor: str) -> None:
        self.saving.save(self.tally, cursor, self._counts())

    def _moment(self, monotonic: float) -> dt.datetime:
        return self.now + timedelta(seconds=monotonic - self.began)

    def _counts(self) -> dict[str, Any]:
        return {
            "read": len(self.tally.seen),
            "requests": self.before[0] + max(self.asked, self.calls),
            "seconds": round(self.before[1] + time.monotonic() - self.began, 3),
        }

    # What follows -----------------------------------------------------------------------------------------------------

    def _consequences(self, reasons: list[str]) -> list[str]:
        """Tombstones, drift, the quarantine: what an ended reading has to say of the collection."""
        found: list[str] = []
        is_diary = self.collection.reading is Reading.DAYS
        proven = (self.run.full or is_diary) and not [one for one in reasons if one != Reason.FILTER_IGNORED]
        if proven:
            found += self._bury_days() if is_diary else self._bury()
        learned = proven or (self.asking is not None and not reasons)
        if self.durably(lambda: save_shapes(self.shapes, self.account, self.collection.name, learned, self.now)):
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
        self._let_go_of_unmet(last.began_at if last else None)
        if may_bury(proven=True, nameless=self.tally.nameless, seen=seen, last_complete=before):
            self.run.gone = bury(self.mirror, self.run, self.tally.seen, self.alive, self.now, self.durably)
        return []

    def _let_go_of_unmet(self, before: dt.datetime | None) -> None:
        """In quarantine, and not listed any more. `before`: when the complete run before this one began."""
        name, began = self.collection.name, self.run.began_at
        self.durably(lambda: resolve_unmet(self.account, name, began, before, self.now))

    def _bury_days(self) -> list[str]:
        """Only of these days is anything known."""
        first, until = map(dt.date.fromisoformat, self.run.since.split("/"))
        within = self.mirror.within(first, until) if self.mirror.within else None
        alive = live_count(self.mirror, self.account, within)
        if within is None or is_half_gone(len(self.tally.seen), alive):
            return [Reason.FAR_FEWER]
        self.run.complete = True
        self._let_go_of_unmet(None)
        if not self.tally.nameless:
            self.run.gone = bury(self.mirror, self.run, self.tally.seen, alive, self.now, self.durably, within)
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
        self.durably(lambda: runs.finish(run, list(dict.fromkeys(reasons)), now=now, looked_at=self.touches, **changes))
