"""A chart as plain figures: the template draws it as SVG, so that it needs no script and no style of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from django.utils.translation import get_language_bidi

HEIGHT, ABOVE, BELOW = 220, 24, 28  # of the whole, and of what stands over and under the bars; in pixels
STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
SHARE = Decimal("0.62")  # of its room that a bar fills


@dataclass(frozen=True, slots=True)
class Bar:
    """`x`, `middle` and `width` in per cent, from the left whatever the language; the rest in pixels."""

    x: Decimal
    middle: Decimal
    width: Decimal
    y: int
    height: int
    label: Any
    value: Decimal | None
    minor: bool  # its label makes room where there is little


@dataclass(frozen=True, slots=True)
class Chart:
    bars: Sequence[Bar]
    lines: Sequence[tuple[int, Decimal]]  # y, what it stands for
    height: int = HEIGHT

    @property
    def base(self) -> int:
        return HEIGHT - BELOW

    @property
    def label_y(self) -> int:
        return HEIGHT - 8


def chart_of(values: Sequence[tuple[Any, Decimal | None]]) -> Chart:
    """Oldest first; time runs as the language reads. What is below zero, or unknown, has no bar."""
    top = _round_up(max((value for _label, value in values if value), default=Decimal(0)))
    room = Decimal(100) / max(len(values), 1)
    bars = [_bar(place, label, value, top, room, len(values)) for place, (label, value) in enumerate(values)]
    return Chart(bars, [(_y(top * part / 2, top), top * part / 2) for part in (1, 2)] if top else [])


def _bar(place: int, label: Any, value: Decimal | None, top: Decimal, room: Decimal, count: int) -> Bar:
    seen = count - 1 - place if get_language_bidi() else place
    middle, width = room * seen + room / 2, room * SHARE
    y = _y(max(value or Decimal(0), Decimal(0)), top)
    minor = (count - 1 - place) % 3 != 0
    return Bar(
        _short(middle - width / 2), _short(middle), _short(width), y, HEIGHT - BELOW - y, label, value, minor=minor
    )


def _short(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))


def _y(value: Decimal, top: Decimal) -> int:
    full = HEIGHT - ABOVE - BELOW
    return HEIGHT - BELOW - (int(value / top * full) if top else 0)


def _round_up(value: Decimal) -> Decimal:
    """To a figure that people read at once: 1, 2, 2.5 or 5 and zeros."""
    if value <= 0:
        return Decimal(0)
    size = Decimal(1).scaleb(value.adjusted())
    whole = (value / size).quantize(Decimal("0.01"), ROUND_UP)
    return next(step for step in STEPS if step >= min(whole, STEPS[-1])) * size
