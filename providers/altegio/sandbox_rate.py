"""Two buckets that fill up again, as our twin of Altegio counts requests: five a second, two hundred a minute."""

from __future__ import annotations

import datetime as dt

LIMITS = ((5.0, 1.0), (200.0, 60.0))  # how many, in how many seconds


class Buckets:
    """All that it remembers is since when it was last asked: no request of a client changes what the provider knows."""

    def __init__(self) -> None:
        self.fill()

    def fill(self) -> None:
        self._left = [size for size, _span in LIMITS]
        self._at: dt.datetime | None = None

    def take(self, at: dt.datetime) -> bool:
        """False when one of them is empty. The answer to that costs nothing."""
        passed = max(0.0, (at - self._at).total_seconds()) if self._at else 0.0
        self._at = at
        self._left = [
            min(size, left + passed * size / span) for left, (size, span) in zip(self._left, LIMITS, strict=True)
        ]
        if min(self._left) < 1:
            return False
        self._left = [left - 1 for left in self._left]
        return True
