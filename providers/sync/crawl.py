"""What every way of reading a collection does: pages in, rows out, the place saved beside them. Which pages, and what the end
of it proves, is not decided here (ways.py, proof.py)."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from providers.contracts import Call, Collection, MirrorSource, Page
from providers.errors import Misconfigured
from providers.models import Account, SyncRun
from providers.sync import runs
from providers.sync.decide import ROUNDS, Cursors, Reason, Tally, unproven
from providers.sync.decoding import Decoding
from providers.sync.drift import load_shapes
from providers.sync.fetch import Fetched, Fetcher, Pace
from providers.sync.gone import live_count
from providers.sync.remembered import Remembered, forget, load, touches
from providers.sync.rows import known_words
from providers.sync.saving import Durably, Saving
from providers.sync.subjects import Asking
from providers.sync.tables import Mirror
from providers.sync.taking import Taken

TOP_PAGES = 50
FAMILIAR = 5  # a save that writes no row costs as much as one that does: so many times the rows are waited for
SHORT_TURN, LONG_TURN = 0.005, 0.05  # seconds until a thread must let another one go on


class Progress(NamedTuple):
    read: int
    reported: int | None
    changed: int


class Crawl:
    """The work of one worker on one run. `fetcher` is there while it reads."""

    fetcher: Fetcher

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

    def prepare(self, source: MirrorSource) -> None:
        self.source = source
        self.collection = self._described()
        self.shapes = load_shapes(self.account, self.collection.name, known_words(self.collection))
        self.taken = Taken(source, self.collection.name)
        decoding = Decoding(self.mirror, source, self.collection, self.shapes)
        self.saving = Saving(self.mirror, self.run, self.pace, self.taken, decoding, self.now)

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

    # Rounds -----------------------------------------------------------------------------------------------------------

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
