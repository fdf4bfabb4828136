"""The ways in which a collection is read: whole, in a window of it, day after day, one subject after the other."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from providers.contracts import MirrorSource, Reading
from providers.errors import BrokenContract, Rejected
from providers.models import SyncRun
from providers.registry import source_for
from providers.sync import runs
from providers.sync.bad import unmirrored
from providers.sync.crawl import Crawl
from providers.sync.decide import NEVER, OVERLAP, Reason, Tally, days_to_read, honours_filter, unproven, wants_whole
from providers.sync.fetch import Fetcher
from providers.sync.gone import live_count
from providers.sync.proof import consequences
from providers.sync.remembered import touches
from providers.sync.subjects import Asking
from providers.sync.tables import NoMirror

log = logging.getLogger(__name__)


class Run(Crawl):
    def read(self, source: MirrorSource | None, *, asked_whole: bool) -> list[str]:
        """Returns what keeps the run from being green."""
        close: Callable[[], None] = lambda: None  # noqa: E731  # to be replaced in the next lines
        if source is None:
            source, close = source_for(self.account, self._called)
        self.prepare(source)
        with Fetcher(self._page, self.pace, waiting=self._still_here, close=close) as self.fetcher:
            reasons = self._read_as(self.collection.reading, asked_whole)
        return reasons + consequences(self, reasons)

    def _read_as(self, reading: Reading, asked_whole: bool) -> list[str]:
        if reading is Reading.DAYS:
            return self._days()
        if reading is Reading.EACH:
            return self._each()
        return self._window() if self._wants_window(asked_whole) else self._whole()

    # All of it --------------------------------------------------------------------------------------------------------

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

    # The end of it ----------------------------------------------------------------------------------------------------

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
