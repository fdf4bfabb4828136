"""The judgement itself, without a database: protocol rules 4 and 5, to the microsecond.

Each comparison in `decide_step` has a test on both sides of it; flip one and something here fails.
"""

from __future__ import annotations

import datetime as dt
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.operations.effects import Look, Verdict
from providers.operations.settle import MAX_SENDS, Standing, Step, decide_step
from providers.windows import LIVE, SANDBOX, Windows

T0 = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
TICK = timedelta(microseconds=1)
WINDOWS = Windows(settle=60, second_look=30, review=900)
SETTLED = T0 + timedelta(seconds=60)
NEGATIVE = [Verdict.CLEAR, Verdict.PARTIAL]
UNDECIDED = [Verdict.BLOCKED, Verdict.UNCLEAR, Verdict.LATER]
ENDS = {Step.APPLIED, Step.NOT_APPLIED, Step.PARTIAL, Step.REVIEW, Step.SEND_AGAIN}


def standing(**changes: Any) -> Standing:
    """Sent once at T0, may be sent until ten minutes later, nothing seen yet."""
    fields: dict[str, Any] = {
        "sent_at": T0,
        "send_before": T0 + timedelta(minutes=10),
        "sends": 1,
        "clear_looks": 0,
        "cleared_at": None,
        "setting": True,
    }
    return Standing(**fields | changes)


def seen_once(**changes: Any) -> Standing:
    """One look has counted, at the first moment at which it could."""
    return standing(clear_looks=1, cleared_at=SETTLED, **changes)


def step(found: Standing, verdict: Verdict, now: dt.datetime, windows: Windows = WINDOWS) -> Step:
    return decide_step(found, Look(verdict), now, windows)


# Any standing that can be ---------------------------------------------------------------------------------------------

seconds = st.floats(0, 5000, allow_nan=False).map(lambda number: timedelta(seconds=round(number, 6)))
moments = seconds.map(lambda since: T0 + since)
windows = st.builds(
    Windows,
    settle=st.floats(0.001, 300, allow_nan=False),
    second_look=st.floats(0.001, 300, allow_nan=False),
    review=st.floats(0.001, 3600, allow_nan=False),
)


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    cleared = draw(st.none() | moments)
    return Standing(
        sent_at=T0,
        send_before=draw(moments),
        sends=draw(st.integers(1, 5)),
        clear_looks=draw(st.integers(0, 3)) if cleared else 0,
        cleared_at=cleared,
        setting=draw(st.booleans()),
    )


anything = given(standings(), st.sampled_from(list(Verdict)), moments, windows)


@anything
def test_what_is_seen_is_believed_at_once_and_only_what_is_seen(
    found: Standing, verdict: Verdict, now: dt.datetime, given_windows: Windows
) -> None:
    assert (step(found, verdict, now, given_windows) == Step.APPLIED) == (verdict == Verdict.APPLIED)


@anything
def test_nothing_negative_counts_within_the_settle_window(
    found: Standing, verdict: Verdict, now: dt.datetime, given_windows: Windows
) -> None:
    if now < found.sent_at + timedelta(seconds=given_windows.settle) and verdict in NEGATIVE:
        assert step(found, verdict, now, given_windows) == Step.WAIT


@anything
def test_nothing_negative_is_final_on_fewer_than_two_looks_apart(
    found: Standing, verdict: Verdict, now: dt.datetime, given_windows: Windows
) -> None:
    first = found.cleared_at if found.clear_looks else None
    apart = first is not None and now >= first + timedelta(seconds=given_windows.second_look)
    if step(found, verdict, now, given_windows) in (Step.NOT_APPLIED, Step.SEND_AGAIN, Step.PARTIAL):
        assert apart
        assert verdict in NEGATIVE


@anything
def test_what_accumulates_is_never_sent_again(
    found: Standing, verdict: Verdict, now: dt.datetime, given_windows: Windows
) -> None:
    if step(found, verdict, now, given_windows) == Step.SEND_AGAIN:
        assert found.setting
        assert verdict == Verdict.CLEAR
        assert found.sends < MAX_SENDS
        assert now < found.send_before


@anything
def test_a_person_is_asked_only_about_what_decides_nothing_and_only_late(
    found: Standing, verdict: Verdict, now: dt.datetime, given_windows: Windows
) -> None:
    late = now >= found.sent_at + timedelta(seconds=given_windows.review)
    expected = verdict in UNDECIDED and late
    assert (step(found, verdict, now, given_windows) == Step.REVIEW) == expected


@anything
def test_a_part_is_reported_as_a_part_and_nothing_else_is(
    found: Standing, verdict: Verdict, now: dt.datetime, given_windows: Windows
) -> None:
    result = step(found, verdict, now, given_windows)
    if result == Step.PARTIAL:
        assert verdict == Verdict.PARTIAL
    if verdict == Verdict.PARTIAL:
        assert result in (Step.PARTIAL, Step.WAIT, Step.COUNT)


@given(st.lists(st.tuples(st.sampled_from(list(Verdict)), seconds), max_size=12), windows, st.booleans())
def test_no_series_of_looks_ends_in_a_negative_too_early(
    series: list[tuple[Verdict, timedelta]], given_windows: Windows, setting: bool
) -> None:
    """Played as the engine plays it: the count starts with the first look that counts, and anything undecided ends it."""
    found, now = standing(setting=setting, send_before=T0), T0
    counted: list[dt.datetime] = []
    for verdict, pause in series:
        now += pause / 10
        result = step(found, verdict, now, given_windows)
        if result == Step.COUNT:
            counted = [now]
            found = standing(setting=setting, send_before=T0, clear_looks=1, cleared_at=now)
        elif result == Step.WAIT and verdict in UNDECIDED:
            counted, found = [], standing(setting=setting, send_before=T0)
        elif result in ENDS:
            break
    else:
        return
    if result in (Step.NOT_APPLIED, Step.PARTIAL):
        assert counted[0] >= T0 + timedelta(seconds=given_windows.settle)
        assert now >= counted[0] + timedelta(seconds=given_windows.second_look)
    assert result != Step.SEND_AGAIN, "it was too late for that"


# Each rule on both sides of its edge --------------------------------------------------------------------------------------


@pytest.mark.parametrize("found", [standing(), seen_once(), standing(setting=False), standing(sends=9)], ids=str)
def test_an_effect_closes_it_at_any_time(found: Standing) -> None:
    for now in (T0, SETTLED - TICK, SETTLED, T0 + timedelta(days=7)):
        assert step(found, Verdict.APPLIED, now) == Step.APPLIED


@pytest.mark.parametrize("verdict", NEGATIVE)
def test_the_first_look_that_counts_is_at_the_end_of_the_settle_window(verdict: Verdict) -> None:
    assert step(standing(), verdict, SETTLED - TICK) == Step.WAIT
    assert step(standing(), verdict, SETTLED) == Step.COUNT
    assert step(standing(), verdict, SETTLED + TICK) == Step.COUNT


@pytest.mark.parametrize(("verdict", "end"), [(Verdict.CLEAR, Step.SEND_AGAIN), (Verdict.PARTIAL, Step.PARTIAL)])
def test_the_second_look_counts_only_far_enough_from_the_first(verdict: Verdict, end: Step) -> None:
    second = SETTLED + timedelta(seconds=30)
    assert step(seen_once(), verdict, SETTLED) == Step.WAIT
    assert step(seen_once(), verdict, second - TICK) == Step.WAIT
    assert step(seen_once(), verdict, second) == end
    assert step(seen_once(), verdict, second + TICK) == end


def test_a_count_without_its_time_or_a_time_without_its_count_is_no_first_look() -> None:
    late = T0 + timedelta(minutes=5)
    assert step(standing(clear_looks=1, cleared_at=None), Verdict.CLEAR, late) == Step.COUNT
    assert step(standing(clear_looks=0, cleared_at=SETTLED), Verdict.CLEAR, late) == Step.COUNT


def test_a_count_from_before_a_resend_does_not_outrun_the_new_settle_window() -> None:
    again = T0 + timedelta(minutes=2)
    found = standing(sent_at=again, clear_looks=1, cleared_at=SETTLED, sends=2)
    assert step(found, Verdict.CLEAR, again + timedelta(seconds=60) - TICK) == Step.WAIT


SECOND = SETTLED + timedelta(seconds=30)


def test_it_is_sent_again_only_before_its_time_is_over() -> None:
    assert step(seen_once(send_before=SECOND + TICK), Verdict.CLEAR, SECOND) == Step.SEND_AGAIN
    assert step(seen_once(send_before=SECOND), Verdict.CLEAR, SECOND) == Step.NOT_APPLIED
    assert step(seen_once(send_before=SECOND - TICK), Verdict.CLEAR, SECOND) == Step.NOT_APPLIED


@pytest.mark.parametrize(
    ("sends", "end"), [(1, Step.SEND_AGAIN), (2, Step.SEND_AGAIN), (3, Step.NOT_APPLIED), (4, Step.NOT_APPLIED)]
)
def test_it_is_sent_three_times_at_most(sends: int, end: Step) -> None:
    assert MAX_SENDS == 3
    assert step(seen_once(sends=sends), Verdict.CLEAR, SECOND) == end


def test_what_accumulates_ends_instead_of_being_sent_again() -> None:
    assert step(seen_once(setting=False), Verdict.CLEAR, SECOND) == Step.NOT_APPLIED


def test_a_part_ends_as_a_part_whatever_could_be_sent_again() -> None:
    for found in (seen_once(), seen_once(setting=False), seen_once(sends=3), seen_once(send_before=T0)):
        assert step(found, Verdict.PARTIAL, SECOND) == Step.PARTIAL


@pytest.mark.parametrize("verdict", UNDECIDED)
def test_what_decides_nothing_waits_and_then_goes_to_a_person(verdict: Verdict) -> None:
    review = T0 + timedelta(seconds=900)
    for found in (standing(), seen_once()):
        assert step(found, verdict, SECOND) == Step.WAIT
        assert step(found, verdict, review - TICK) == Step.WAIT
        assert step(found, verdict, review) == Step.REVIEW
        assert step(found, verdict, review + TICK) == Step.REVIEW


@pytest.mark.parametrize("verdict", NEGATIVE)
def test_a_clear_look_is_never_a_matter_for_a_person(verdict: Verdict) -> None:
    review = T0 + timedelta(days=1)
    assert step(standing(), verdict, review) == Step.COUNT
    assert step(seen_once(send_before=T0), verdict, review) in (Step.NOT_APPLIED, Step.PARTIAL)


@pytest.mark.parametrize("found", [LIVE, SANDBOX])
def test_the_windows_that_ship_leave_no_gap(found: Windows) -> None:
    assert found.connect < found.total
    assert found.send + found.total < found.lease, "a worker could lose its row while its request is on the way"
    assert found.settle >= found.send, "a look could count before the last byte may have left"
    assert found.second_look > 0
    assert found.review > found.settle + found.second_look
    assert found.lease <= found.send_before
