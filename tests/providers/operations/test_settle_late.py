"""Effects that come late and people who are faster: the voucher is used once, and we say what we know."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from providers.models import Discrepancy
from providers.sandbox.running import RunningSandbox
from tests.providers.operations.faults import Case, Fault, cases, for_each
from tests.providers.operations.sends import send, without_resend
from tests.providers.operations.truth import assert_stays, assert_true
from tests.scene import CODE, QUICK, Desk, effects, eventually, finish, turn

# Late effects ---------------------------------------------------------------------------------------------------------


def test_an_effect_that_lands_within_the_settle_window_is_waited_for(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    family = [Fault("late_effect", {"seconds": 0.5, "answer": answer}, happens=True) for answer in ("504", "rst")]
    found = cases(desk, family)
    settings.WINDOWS = dataclasses.replace(QUICK, settle=1.5)

    def check(case: Case) -> None:
        case.script("redeem")
        assert send(case.operation).state == "unknown"
        operation = finish(without_resend(case.operation))
        assert_true(operation, twin)
        assert (operation.state, operation.evidence_level) == ("succeeded", "inferred")

    for_each(found, check)


def test_an_effect_later_than_the_settle_window_is_found_by_the_watch(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.fault("late_effect", endpoint="redeem", seconds=3.0)
    finish(without_resend(send(operation)))
    assert (operation.state, effects(twin)) == ("not_applied", [])
    eventually(lambda: effects(twin))
    turn(operation)
    late = Discrepancy.objects.get()
    assert (late.operation, late.kind, late.branch) == (operation, "late_effect", operation.branch)
    assert late.facts["vouchers"][0]["status"] == "used"
    assert operation.evidence.filter(source="watch", verdict="applied").exists()
    assert_true(operation, twin)
    assert_stays(operation)
    assert Discrepancy.objects.count() == 1


def test_a_late_effect_never_doubles_a_second_redemption(desk: Desk, twin: RunningSandbox) -> None:
    first = desk.redeem()
    twin.control.fault("late_effect", endpoint="redeem", seconds=3.0)
    finish(without_resend(send(first)))
    second = desk.redeem()
    twin.control.fault("late_effect", endpoint="redeem", seconds=60.0)
    send(second)
    eventually(lambda: effects(twin))
    finish(second)
    assert (second.state, second.evidence_level) == ("succeeded", "inferred")
    assert len(effects(twin)) == 1
    turn(first)
    first.refresh_from_db()
    assert first.state == "not_applied"
    assert not Discrepancy.objects.exists(), "our own later redemption explains it"


def test_the_watch_goes_on_until_it_has_seen_something(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    finish(without_resend(send(operation)))
    twin.control.fault("status", endpoint="find", status=503, times=20)
    for _ in range(20):
        turn(operation)
    operation.refresh_from_db()
    assert operation.evidence.filter(source="watch", verdict="no_answer").count() == 20
    for _ in range(9):
        assert operation.next_at, "the watch ended early"
        turn(operation)
        operation.refresh_from_db()
    assert operation.next_at is None
    assert operation.evidence.filter(source="watch", verdict="clear").count() == 9


# Somebody else ----------------------------------------------------------------------------------------------------------


def test_a_person_at_the_portal_who_is_faster_leaves_one_effect_that_we_only_infer(
    desk: Desk, twin: RunningSandbox
) -> None:
    operation = desk.redeem()
    twin.control.fault("human", endpoint="redeem", when="before")
    finish(operation)
    assert_true(operation, twin)
    assert (operation.state, operation.evidence_level) == ("succeeded", "inferred")
    assert [effect.actor for effect in effects(twin)] == ["portal"]


def test_a_person_at_the_portal_between_our_look_and_our_write_is_no_second_use(
    desk: Desk, twin: RunningSandbox
) -> None:
    operation = desk.redeem()
    twin.control.fault("human", endpoint="find", when="after")
    finish(operation)
    assert_true(operation, twin)
    assert [effect.actor for effect in effects(twin)] == ["portal"]


def test_a_person_at_the_portal_who_is_slower_changes_nothing(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.fault("human", endpoint="redeem", when="after")
    finish(operation)
    assert_true(operation, twin)
    assert [effect.actor for effect in effects(twin)] == ["api"]


@pytest.mark.parametrize("status", ["canceled", "expired", "frozen"])
def test_what_decides_nothing_goes_to_a_person(desk: Desk, twin: RunningSandbox, settings: Any, status: str) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, review=0.4)
    operation = desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    send(operation)
    twin.control.put_vouchers("alreaaiaa", {"voucher_code": CODE, "status": status})
    finish(operation)
    assert_true(operation, twin)
    assert operation.state == "needs_review"
    assert_stays(operation)
