"""Transactions are asked for day by day, and in long stretches where nothing happened: no day is left out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from random import Random

import pytest

from providers.altegio.days import stretch

TODAY = dt.date(2026, 11, 26)


def asked(rows: Mapping[dt.date, int], days: int, size: int = 3) -> tuple[dict[dt.date, int], int]:
    """What a provider with so many rows on these days would be asked, and how many rows of each day were taken."""
    since = f"{TODAY - dt.timedelta(days=days)}/{TODAY}"
    at, requests, taken = "", 0, dict[dt.date, int]()
    while True:
        here = stretch(at, since)
        query = here.query(size)
        first, last = dt.date.fromisoformat(query["created_after"]), dt.date.fromisoformat(query["created_before"])
        found = sum(count for day, count in rows.items() if first <= day <= last)
        shown = min(size, max(0, found - (here.page - 1) * size))
        if here.days == 1:
            taken[first] = taken.get(first, 0) + shown
        at, requests = here.following(shown), requests + 1
        if not at:
            return {day: count for day, count in taken.items() if count}, requests


@pytest.mark.parametrize("seed", range(30))
def test_every_row_is_taken_once_under_its_day(seed: int) -> None:
    dice = Random(seed)
    days = dice.choice([0, 1, 8, 100, 366])
    rows = {TODAY - dt.timedelta(days=dice.randint(0, days)): dice.randint(1, 9) for _ in range(dice.randint(0, 40))}
    assert asked(rows, days)[0] == rows


def test_a_year_without_anything_is_eleven_requests() -> None:
    assert asked({}, 366) == ({}, 11)
    assert asked({TODAY: 2}, 366)[1] < 40


def test_a_year_with_something_on_each_day_is_asked_for_once() -> None:
    rows = {TODAY - dt.timedelta(days=n): 2 for n in range(367)}
    assert asked(rows, 366) == (rows, 2 * 367)


@pytest.mark.parametrize(
    "at", ["x", "2026-11-20", "2026-11-20+1", "2026-11-20+0x/1", "2026-11-20+1/0", "2026-13-01+1/1"]
)
def test_a_place_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        stretch(at, "2026-11-01/2026-11-26")
