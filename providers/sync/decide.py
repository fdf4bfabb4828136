"""What a reading proves, and what may follow from it. Pure: no clock, no database, no wire.

Their pages move while we read: whoever orders by creation time, newest first, and pages by position pushes every row down when
one is added and pulls every row up when one is removed. Pushed down, a row is read twice, which does no harm. Pulled up, a row
slips through the seam between two pages and is never read. So a total that fell while we read proves nothing, and a total that
only grew is proven once the top has been read again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

ROUNDS = 2  # a reading that could not be proven is made once more
FULL_EVERY = dt.timedelta(days=7)
OVERLAP = dt.timedelta(
    days=2
)  # a window begins so long before the last good run: their clock, their zone, late entries
DAYS_AGAIN = 7  # before the last day that was read whole: what is cancelled later vanishes from its day
HISTORY = 366  # days that a first reading goes back
FEW = 20  # rows of some days; of fewer a part that is missing says nothing
HALF = 0.5
FAR_FEWER = 0.9  # a run that saw less than this part of the last complete one buries nothing
NEVER = "2999-01-01T00:00:00"  # nothing is newer: whoever honours the filter answers with no row


class Reason(StrEnum):
    """Why a run is not green. What people read is in providers/sync/words.py."""

    LOST = "lost"  # fewer different rows than they report
    SURPLUS = "surplus"  # more
    MOVED = "moved"  # rows were removed while we read
    NO_TOTAL = "no_total"
    ENDLESS = "endless"
    FAR_FEWER = "far_fewer"
    COUNTS_DIFFER = "counts_differ"  # a window, after which our rows and their total do not agree
    FILTER_IGNORED = "filter_ignored"  # told, and no fault of the run: it does not change the status
    BACKLOG = "backlog"  # of what is asked for by the subject: some were never asked about, or too long ago
    QUARANTINED = "quarantined"
    DRIFT = "drift"
    OUT_OF_TIME = "out_of_time"
    BUDGET = "budget"
    PAGE_FAILED = "page_failed"
    LOGIN_REFUSED = "login_refused"
    DATABASE = "database"
    STOPPED = "stopped"


HARMLESS = frozenset({Reason.FILTER_IGNORED})
FAILURES = frozenset({Reason.PAGE_FAILED, Reason.LOGIN_REFUSED, Reason.DATABASE, Reason.ENDLESS})


@dataclass(slots=True)
class Tally:
    """What one round of reading has met so far. `seen` are folded ids (rows.fold)."""

    seen: set[int] = field(default_factory=set)
    nameless: int = 0  # rows without an id that we can read
    rows: int = 0
    pages: int = 0
    first: int | None = None  # what they reported at first and at last
    last: int | None = None
    fell: bool = False
    endless: bool = False

    def add(self, ids: Iterable[int], nameless: int, reported: int | None) -> set[int]:
        """One page: its folded ids, and how many of them stand for a row that has none. Returns those that were new."""
        got = list(ids)
        new = set(got) - self.seen
        self.seen |= new
        self.nameless += nameless
        self.rows += len(got)
        self.pages += 1
        if reported is not None:
            self.fell = self.fell or (self.last is not None and reported < self.last)
            self.first = reported if self.first is None else self.first
            self.last = reported
        return new

    @property
    def repeated(self) -> int:
        return self.rows - len(self.seen)

    def short(self) -> bool:
        """Rows are missing that may have come on top since we began."""
        return not self.fell and self.last is not None and len(self.seen) < self.last

    def kept(self) -> dict[str, Any]:
        """For the run's row. The ids are kept apart."""
        names = ("nameless", "rows", "pages", "first", "last", "fell", "endless")
        return {name: getattr(self, name) for name in names}


def unproven(tally: Tally, before: Tally | None = None) -> Reason | None:
    """Why this round does not prove that everything was read; None when it does. `before`: the round before it, for a
    collection without a total: two readings that agree."""
    if tally.endless:
        return Reason.ENDLESS
    if tally.last is None:
        same = before is not None and not before.endless and before.seen == tally.seen
        return None if tally.pages == 1 or same else Reason.NO_TOTAL
    if tally.fell:
        return Reason.MOVED
    count = len(tally.seen)
    if count != tally.last:
        return Reason.LOST if count < tally.last else Reason.SURPLUS
    return None


def is_far_fewer(seen: int, last_complete: int | None) -> bool:
    return last_complete is not None and seen < FAR_FEWER * last_complete


def is_half_gone(seen: int, known: int) -> bool:
    """Of the rows of some days that we had before, of which now and then one is cancelled."""
    return known >= FEW and seen < HALF * known


def days_to_read(read_until: dt.date | None, today: dt.date) -> tuple[dt.date, dt.date]:
    """`read_until`: the last day of the last good reading. It had not ended then, and what was read may have changed."""
    if read_until is None:
        return today - dt.timedelta(days=HISTORY), today
    return min(read_until, today) - dt.timedelta(days=1 + DAYS_AGAIN), today


def may_bury(*, proven: bool, nameless: int, seen: int, last_complete: int | None) -> bool:
    """May what this run did not see count as missing? Not when one of its rows has no name: it may be the missing one."""
    return proven and not nameless and last_complete is not None and not is_far_fewer(seen, last_complete)


def wants_whole(
    *, asked: bool, has_filter: bool, last_whole: dt.datetime | None, last_was_green: bool, now: dt.datetime
) -> bool:
    """The whole collection, or only a window of it? A window needs a filter, a recent whole reading, and a good last run."""
    if asked or not has_filter or last_whole is None or not last_was_green:
        return True
    return now - last_whole >= FULL_EVERY


def honours_filter(total: int | None, rows_in_the_future: int, total_in_the_future: int | None) -> bool:
    """The canary: asked for what is newer than the far future, they must answer nothing while they have something."""
    return bool(total) and rows_in_the_future == 0 and not total_in_the_future


def status_of(reasons: Iterable[str]) -> str:
    found = set(reasons) - HARMLESS
    if not found:
        return "green"
    return "red" if found & FAILURES else "amber"


@dataclass(slots=True)
class Cursors:
    """Notices a provider whose pages never end: a page that names one before it, or more pages than there can be."""

    most: int
    page_size: int
    met: set[str] = field(default_factory=set)

    def is_endless(self, following: str, pages: int, reported: int | None) -> bool:
        if following in self.met:
            return True
        self.met.add(following)
        if pages >= self.most:
            return True
        # Rows that are added while we read make a few more pages than were reported, never twice as many.
        return reported is not None and pages > 2 * (reported // max(1, self.page_size)) + 20
