"""Transactions by the day: they give one no time, so the day under which it is listed is all that is known of it.

A long time in which nothing happened is asked for in stretches that grow; where one of them has something in it, it is asked
for again day by day. Pure.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

LONGEST = 64  # days in which nothing is expected
A_DAY = dt.timedelta(days=1)
_PLACE = re.compile(r"(\d{4}-\d{2}-\d{2})\+(\d{1,2})/([1-9]\d{0,5})")


class Stretch(NamedTuple):
    first: dt.date
    days: int
    page: int
    until: dt.date  # where the whole reading ends

    @property
    def last(self) -> dt.date:
        return min(self.first + (self.days - 1) * A_DAY, self.until)

    def query(self, size: int) -> dict[str, str]:
        ends = {"created_after": self.first.isoformat(), "created_before": self.last.isoformat()}
        return {**ends, "page": str(self.page), "count": str(size)}

    def following(self, rows: int) -> str:
        """How long a page may be at most nobody knows, so a day ends with an empty one. '' after the last day."""
        if rows and self.days > 1:
            return _at(self.first, 1, 1)
        if rows:
            return _at(self.first, 1, self.page + 1)
        following = self.last + A_DAY
        if following > self.until:
            return ""
        longer = min(2 * self.days, LONGEST) if self.page == 1 else 1
        return _at(following, min(longer, (self.until - following).days + 1), 1)


def stretch(at: str, since: str) -> Stretch:
    """`since` is an interval of days. Raises ValueError for a place that is none."""
    begins, _slash, ends = since.partition("/")
    until = dt.date.fromisoformat(ends)
    if not at:
        return Stretch(dt.date.fromisoformat(begins), 1, 1, until)
    found = _PLACE.fullmatch(at)
    if found is None:
        raise ValueError("This is not a place in a collection.")
    return Stretch(dt.date.fromisoformat(found[1]), int(found[2]), int(found[3]), until)


def _at(first: dt.date, days: int, page: int) -> str:
    return f"{first}+{days}/{page}"
