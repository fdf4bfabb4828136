"""A person decides what a machine cannot: who may, who may not, and how many it takes."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from branches.models import Branch, User
from providers.models import Operation
from providers.operations import ReviewRefused, decide, hand_over
from providers.operations.review import current_round, people_needed
from providers.sandbox.running import RunningSandbox
from tests.conftest import Hire
from tests.providers.operations.truth import assert_stays, assert_true
from tests.scene import CODE, QUICK, SLUG, Desk, at_once, effects, eventually, finish, history, turn


@pytest.fixture
def doubtful(desk: Desk, twin: RunningSandbox, settings: Any) -> Operation:
    """Sent without an answer; since then the provider shows the voucher canceled. Worth 200, above the branch's limit."""
    settings.WINDOWS = dataclasses.replace(QUICK, review=0)
    operation = desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    turn(operation)
    twin.control.put_vouchers(SLUG, {"voucher_code": CODE, "status": "canceled"})
    assert finish(operation).state == "needs_review"
    return operation


@pytest.fixture
def unanswered(desk: Desk, twin: RunningSandbox) -> Operation:
    """Sent without an answer, and no look has told more yet."""
    operation = desk.redeem()
    twin.control.fault("drop_after", endpoint="redeem")
    turn(operation)
    twin.control.fault("status", endpoint="find", status=503, times="forever")
    operation.refresh_from_db()
    return operation


def refused(operation: Operation, person: User, **given: Any) -> str:
    with pytest.raises(ReviewRefused) as raised:
        decide(operation, person, **{"applied": True, "reason": "issuer_portal", **given})
    operation.refresh_from_db()
    return raised.value.code


def small(operation: Operation) -> Operation:
    """At the branch's limit, where one person is enough."""
    Branch.objects.filter(pk=operation.branch_id).update(two_person_limit=operation.amount)
    operation.refresh_from_db()
    return operation


# How many it takes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "people"), [("200", 1), ("200.01", 1), ("199.99", 2), ("0", 2)])
def test_above_the_branchs_limit_two_people_are_needed(doubtful: Operation, limit: str, people: int) -> None:
    doubtful.branch.two_person_limit = Decimal(limit)
    assert people_needed(doubtful) == people


@pytest.mark.parametrize(("applied", "state"), [(True, "resolved_applied"), (False, "resolved_not_applied")])
def test_one_person_is_enough_up_to_the_limit(doubtful: Operation, huda: User, applied: bool, state: str) -> None:
    decide(small(doubtful), huda, applied=applied, reason="issuer_confirmed", note_text="By phone")
    doubtful.refresh_from_db()
    assert (doubtful.state, doubtful.evidence_level) == (state, "person")
    assert doubtful.claims.get().open == applied
    evidence = doubtful.evidence.get(source="person")
    assert evidence.facts == {"person": str(huda.pk), "reason": "issuer_confirmed", "note": "By phone"}
    assert_stays(doubtful)


def test_one_person_alone_decides_nothing_above_the_limit(doubtful: Operation, huda: User, nouf: User) -> None:
    decide(doubtful, huda, applied=False, reason="issuer_portal")
    doubtful.refresh_from_db()
    assert doubtful.state == "needs_review"
    assert doubtful.claims.get().open
    assert refused(doubtful, huda, applied=False) == "decided_already"
    decide(doubtful, nouf, applied=False, reason="evidence_agrees")
    doubtful.refresh_from_db()
    assert doubtful.state == "resolved_not_applied"
    assert not doubtful.claims.get().open
    assert history(doubtful)[-1] == ("resolved_not_applied", "evidence_agrees")


def test_two_who_disagree_start_again_with_nobodys_word(
    doubtful: Operation, huda: User, nouf: User, lama: User
) -> None:
    decide(doubtful, huda, applied=True, reason="customer_confirmed")
    decide(doubtful, nouf, applied=False, reason="issuer_portal")
    assert current_round(doubtful) == []
    decide(doubtful, lama, applied=False, reason="issuer_portal")
    doubtful.refresh_from_db()
    assert doubtful.state == "needs_review", "the word of the first round does not count in the second"
    decide(doubtful, huda, applied=False, reason="issuer_confirmed")
    doubtful.refresh_from_db()
    assert doubtful.state == "resolved_not_applied"
    rounds = doubtful.decisions.order_by("at").values_list("round", "person__username", "applied")
    assert list(rounds) == [(1, "huda", True), (1, "nouf", False), (2, "lama", False), (2, "huda", False)]


def test_two_at_the_same_moment_are_two_decisions(doubtful: Operation, huda: User, nouf: User) -> None:
    words = [lambda who=who: decide(doubtful, who, applied=True, reason="issuer_portal") for who in (huda, nouf)]
    assert not [error for error in at_once(words) if isinstance(error, BaseException)]
    doubtful.refresh_from_db()
    assert (doubtful.state, doubtful.decisions.count()) == ("resolved_applied", 2)


def test_one_person_in_two_tabs_is_one_person(doubtful: Operation, huda: User) -> None:
    results = at_once([lambda: decide(doubtful, huda, applied=True, reason="issuer_portal")] * 4)
    refusals = [error.code for error in results if isinstance(error, ReviewRefused)]
    assert refusals == ["decided_already"] * 3
    doubtful.refresh_from_db()
    assert (doubtful.state, doubtful.decisions.count()) == ("needs_review", 1)


# Who may --------------------------------------------------------------------------------------------------------------


def test_nobody_decides_about_an_operation_of_their_own(
    desk: Desk, doubtful: Operation, huda: User, nouf: User
) -> None:
    Operation.objects.filter(pk=doubtful.pk).update(actor=huda)
    assert refused(small(doubtful), huda) == "own_operation"
    decide(doubtful, nouf, applied=True, reason="issuer_portal")
    doubtful.refresh_from_db()
    assert doubtful.state == "resolved_applied"


def test_only_those_who_review_at_this_branch_decide(
    doubtful: Operation, reem: User, aziz: User, admin: User, dana: User, hire: Hire
) -> None:
    stranger = hire("nobody", "supervisor")
    for person in (reem, aziz, admin, dana, stranger):
        assert refused(small(doubtful), person) == "not_allowed"
    assert not doubtful.decisions.exists()


def test_a_supervisor_who_left_decides_nothing(doubtful: Operation, huda: User) -> None:
    huda.memberships.all().delete()
    assert refused(small(doubtful), huda) == "not_allowed"


def test_a_disabled_supervisor_decides_nothing(doubtful: Operation, huda: User) -> None:
    huda.is_active = False
    huda.save()
    assert refused(small(doubtful), huda) == "not_allowed"


def test_a_decision_needs_a_reason_of_the_list(doubtful: Operation, huda: User) -> None:
    for reason in ("", "because", "ISSUER_PORTAL"):
        assert refused(small(doubtful), huda, reason=reason) == "no_reason"


# What may be decided --------------------------------------------------------------------------------------------------


def test_what_a_machine_can_still_find_out_is_not_decided(unanswered: Operation, huda: User) -> None:
    assert refused(unanswered, huda) == "not_open"


def test_what_is_over_is_not_decided(desk: Desk, huda: User, twin: RunningSandbox) -> None:
    operation = finish(desk.redeem())
    assert refused(operation, huda, applied=False) == "not_open"
    assert operation.state == "succeeded"
    assert_true(operation, twin)


def test_only_an_escalated_unknown_is_handed_over(
    unanswered: Operation, huda: User, reem: User, dana: User, settings: Any
) -> None:
    def refusal(person: User) -> str:
        with pytest.raises(ReviewRefused) as raised:
            hand_over(unanswered, person)
        return raised.value.code

    assert refusal(huda) == "not_open"
    settings.WINDOWS = dataclasses.replace(QUICK, review=0.1)
    eventually(lambda: turn(unanswered) and Operation.objects.get(pk=unanswered.pk).escalated_at)
    assert refusal(reem) == refusal(dana) == "not_allowed"
    hand_over(unanswered, huda)
    unanswered.refresh_from_db()
    assert (unanswered.state, unanswered.next_at) == ("needs_review", None)
    assert refusal(huda) == "not_open"


def test_a_look_that_is_on_its_way_does_not_take_it_back(
    unanswered: Operation, huda: User, nouf: User, twin: RunningSandbox, settings: Any
) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, review=0)
    turn(unanswered)
    twin.control.clear_faults()
    twin.control.fault("delay", endpoint="find", seconds=1.0)
    asked = len(twin.control.requests(SLUG))

    def hand_over_during_the_look() -> str:
        eventually(lambda: len(twin.control.requests(SLUG)) > asked)
        return str(hand_over(unanswered, huda).state)

    results = at_once([lambda: turn(unanswered), hand_over_during_the_look])
    assert not [error for error in results if isinstance(error, BaseException)]
    unanswered.refresh_from_db()
    assert unanswered.state == "needs_review"
    for person in (huda, nouf):
        decide(unanswered, person, applied=True, reason="issuer_portal")
    assert_true(unanswered, twin)
    assert len(effects(twin)) == 1
