"""What a reading proves, against every movement of rows that Hypothesis can think of."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.sync.decide import (
    Cursors,
    Reason,
    Tally,
    days_to_read,
    honours_filter,
    is_far_fewer,
    is_half_gone,
    may_bury,
    status_of,
    unproven,
    wants_whole,
)
from providers.sync.rows import Shapes, content_hash, fold

NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
MOVES = st.lists(st.tuples(st.sampled_from(["add", "remove"]), st.integers(0, 60)), max_size=4)


def read(rows: list[int], size: int, between: list[list[tuple[str, int]]]) -> tuple[Tally, set[int], set[int]]:
    """Read newest first by position, with these movements before each page. Returns what was met, what was there from the
    beginning to the end, and what is there in the end."""
    tally, at, stayed, fresh = Tally(), 0, set(rows), 1000
    moves = iter(between)

    def move() -> None:
        nonlocal fresh
        for what, place in next(moves, []):
            if what == "add":
                rows.insert(0, fresh)
                fresh += 1
            elif rows:
                stayed.discard(rows.pop(place % len(rows)))

    while True:
        move()
        page = rows[at : at + size]
        tally.add(page, 0, len(rows))
        at += size
        if at >= len(rows):
            break
    top = 0
    while tally.short() and top < len(rows):  # what the engine does
        if not tally.add(rows[top : top + size], 0, len(rows)):
            break
        top += size
    return tally, stayed, set(rows)


@given(st.integers(0, 40), st.integers(1, 7), st.lists(MOVES, max_size=12))
def test_a_proven_reading_has_lost_nothing_that_was_there_all_the_time(
    count: int, size: int, between: list[list[tuple[str, int]]]
) -> None:
    tally, stayed, _there = read(list(range(count)), size, between)
    if unproven(tally) is None:
        assert stayed <= tally.seen


@given(st.integers(0, 40), st.integers(1, 7))
def test_a_reading_in_peace_is_always_proven(count: int, size: int) -> None:
    tally, _stayed, there = read(list(range(count)), size, [])
    assert unproven(tally) is None
    assert tally.seen == there


@given(st.integers(1, 40), st.integers(1, 7), st.lists(st.lists(st.just(("add", 0)), max_size=3), max_size=12))
def test_rows_that_are_only_added_never_spoil_it(count: int, size: int, between: list[list[tuple[str, int]]]) -> None:
    tally, _stayed, there = read(list(range(count)), size, between)
    assert unproven(tally) is None
    assert tally.seen == there


@given(st.booleans(), st.integers(0, 3), st.integers(0, 1000), st.none() | st.integers(0, 1000))
def test_nothing_is_buried_without_proof_names_and_numbers(
    proven: bool, nameless: int, seen: int, last: int | None
) -> None:
    if may_bury(proven=proven, nameless=nameless, seen=seen, last_complete=last):
        assert proven and not nameless and last is not None and seen >= 0.9 * last


@pytest.mark.parametrize(
    ("total", "rows", "future", "trusted"),
    [
        (35, 0, 0, True),
        (35, 0, None, True),
        (35, 10, 35, False),
        (35, 0, 35, False),
        (0, 0, 0, False),
        (None, 0, 0, False),
    ],
)
def test_a_filter_is_trusted_only_when_it_answers_nothing_for_the_far_future(
    total: int | None, rows: int, future: int | None, trusted: bool
) -> None:
    assert honours_filter(total, rows, future) is trusted


def test_a_window_wants_a_filter_a_recent_whole_reading_and_a_good_last_run() -> None:
    usual = {"asked": False, "has_filter": True, "last_whole": NOW, "last_was_green": True, "now": NOW}
    assert not wants_whole(**usual)
    for other in (
        {"asked": True},
        {"has_filter": False},
        {"last_whole": None},
        {"last_was_green": False},
        {"last_whole": NOW - dt.timedelta(days=7)},
    ):
        assert wants_whole(**(usual | other))


@given(st.sets(st.sampled_from(list(Reason))))
def test_green_means_that_nothing_stands_against_it(reasons: set[Reason]) -> None:
    assert (status_of(reasons) == "green") == (not reasons - {Reason.FILTER_IGNORED})


def test_a_page_that_names_an_earlier_one_is_the_end() -> None:
    cursors = Cursors(most=1000, page_size=10)
    assert not cursors.is_endless("10", 1, 35)
    assert not cursors.is_endless("20", 2, 35)
    assert cursors.is_endless("10", 3, 35)


def test_far_fewer_is_less_than_nine_in_ten() -> None:
    assert is_far_fewer(89, 100)
    assert not is_far_fewer(90, 100)
    assert not is_far_fewer(0, None)


# Rows -------------------------------------------------------------------------------------------------------------------


def test_order_and_volatile_keys_are_left_out_of_the_content() -> None:
    volatile = frozenset({"t"})
    assert content_hash({"a": 1, "b": 2, "t": 1}, volatile) == content_hash({"b": 2, "a": 1, "t": 9}, volatile)
    assert content_hash({"a": 1}, volatile) != content_hash({"a": 2}, volatile)


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_names_fold_to_two_numbers(one: str, other: str) -> None:
    assert (fold(one) == fold(other)) == (one == other)
    assert 0 <= fold(one) < 2**64


def met(known: dict[str, object], *rows: dict[str, object]) -> list[tuple[str, str, str]]:
    shapes = Shapes(known, {"state": frozenset({"open"})})
    shapes.meet(rows)
    return shapes.drift()


def test_new_gone_and_retyped_fields_and_unknown_words_are_drift() -> None:
    first = Shapes({}, {})
    first.meet([{"id": "x", "price": "1", "note": None, "state": "open"}] * 20)
    known = first.merged()
    assert met(known, {"id": "x", "price": "1", "note": None, "state": "OPEN"}) == []
    assert met(known, {"id": "x", "price": "1", "note": "now text", "state": "open"}) == []
    assert met(known, {"id": "x", "price": 1, "state": "frozen", "more": []}) == [
        ("state", "word", "frozen"),
        ("more", "new", "list"),
        ("price", "retyped", "text → number"),
    ]
    assert met(known, *[{"id": "x", "note": None, "state": "open"}] * 20) == [("price", "gone", "")]
    assert met(known, *[{"id": "x", "note": None, "state": "open"}] * 3) == []  # three rows prove nothing


TODAY = dt.date(2026, 11, 26)


def test_days_are_read_again_from_some_before_the_last_good_reading_ended() -> None:
    assert days_to_read(None, TODAY) == (dt.date(2025, 11, 25), TODAY)
    assert days_to_read(TODAY - dt.timedelta(days=1), TODAY) == (dt.date(2026, 11, 17), TODAY)
    assert days_to_read(dt.date(2026, 10, 1), TODAY) == (dt.date(2026, 9, 23), TODAY)  # nights that were missed
    assert days_to_read(dt.date(2027, 1, 1), TODAY) == (dt.date(2026, 11, 18), TODAY)  # a clock that was set back


def test_of_few_rows_of_some_days_a_missing_part_says_nothing() -> None:
    assert not is_half_gone(0, 19) and is_half_gone(9, 20) and not is_half_gone(10, 20)
