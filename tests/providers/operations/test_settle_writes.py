"""Whatever happens to a write, the voucher is used once or not at all, and we say which."""

from __future__ import annotations

from typing import Any

import pytest

from providers import operations
from providers.models import Operation
from providers.sandbox.running import RunningSandbox
from tests.lossy import cable, through
from tests.providers.operations.faults import FAMILIES, SAMPLE, SLOW, TURNED_AWAY, Case, Fault, cases, each, for_each
from tests.providers.operations.sends import IMPATIENT, send, without_resend
from tests.providers.operations.truth import assert_stays, assert_true
from tests.scene import SLUG, Desk, eventually, finish, history, in_thread, turn, writes

# Faults of the write --------------------------------------------------------------------------------------------------


@each(FAMILIES)
def test_it_ends_in_the_providers_truth(desk: Desk, twin: RunningSandbox, family: list[Fault]) -> None:
    def check(case: Case) -> None:
        case.script("redeem")
        operation, fault = finish(case.operation), case.fault
        assert_true(operation, twin)
        assert operation.state == "succeeded"
        assert len(writes(twin, case.code)) == (1 if fault.happens else 2)
        assert operation.evidence_level == ("inferred" if fault.happens and not fault.answered else "response")
        assert_stays(operation)

    for_each(cases(desk, family), check)


def test_it_is_not_applied_when_looking_alone_finds_nothing(desk: Desk, twin: RunningSandbox) -> None:
    def check(case: Case) -> None:
        case.script("redeem", times="forever")
        assert send(case.operation).state == "unknown"
        operation = finish(without_resend(case.operation))
        assert_true(operation, twin)
        assert (operation.state, operation.evidence_level) == ("not_applied", "inferred")
        assert len(writes(twin, case.code)) == 1
        assert_stays(operation)

    for_each(cases(desk, SAMPLE), check)


@pytest.mark.parametrize("resend", [True, False])
def test_an_answer_that_takes_too_long_is_not_waited_for(
    desk: Desk, twin: RunningSandbox, settings: Any, resend: bool
) -> None:
    found = cases(desk, SLOW)
    settings.WINDOWS = IMPATIENT

    def check(case: Case) -> None:
        case.script("redeem")
        operation = send(case.operation)
        assert operation.state == "unknown"
        finish(operation if resend else without_resend(operation))
        assert_true(operation, twin)
        assert operation.state == ("succeeded" if resend or case.fault.happens else "not_applied")

    for_each(found, check)


@pytest.mark.parametrize("happened", [True, False])
def test_a_reset_before_the_request_was_read_whole_is_settled_too(
    desk: Desk, twin: RunningSandbox, happened: bool
) -> None:
    operation = desk.redeem()
    twin.control.fault("refuse", endpoint="redeem")
    finish(operation if happened else without_resend(send(operation)))
    assert_true(operation, twin)
    assert operation.state == ("succeeded" if happened else "not_applied")


def test_it_is_sent_three_times_at_most_and_always_the_same_bytes(desk: Desk, twin: RunningSandbox) -> None:
    family = [Fault("drop_before"), Fault("status", {"status": 502}), Fault("null_data", {"after": False})]

    def check(case: Case) -> None:
        case.script("redeem", times="forever")
        operation = finish(case.operation)
        assert_true(operation, twin)
        assert operation.state == "not_applied"
        assert len(writes(twin, case.code)) == operation.attempts.count() == operation.sends == 3
        assert len({seen.body_sha256 for seen in writes(twin, case.code)}) == 1

    for_each(cases(desk, family), check)


# Sending again --------------------------------------------------------------------------------------------------------


@pytest.fixture
def to_be_sent_again(desk: Desk, twin: RunningSandbox) -> Operation:
    """Sent once without an answer; two clear looks; waiting for its second send."""
    operation = desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    send(operation)
    eventually(lambda: turn(operation) == "created")
    return operation


def test_a_second_send_that_comes_too_late_is_left_to_the_looks(
    to_be_sent_again: Operation, twin: RunningSandbox
) -> None:
    operation = without_resend(to_be_sent_again)
    turn(operation)
    operation.refresh_from_db()
    assert operation.state == "unknown", "its first send may have happened"
    twin.control.fault("human", endpoint="find")
    finish(operation)
    assert_true(operation, twin)
    assert (operation.state, len(writes(twin))) == ("succeeded", 1)


def test_an_effect_seen_just_before_a_second_send_is_no_refusal(
    to_be_sent_again: Operation, twin: RunningSandbox
) -> None:
    twin.control.fault("human", endpoint="find")
    operation = finish(to_be_sent_again)
    assert ("unknown", "seen_before_resend") in history(operation)
    assert_true(operation, twin)
    assert (operation.state, len(writes(twin))) == ("succeeded", 1)


@pytest.mark.parametrize("kind", ["drop_before", "garbage", "null_data"])
def test_a_second_send_whose_look_before_fails_is_left_to_the_looks(
    to_be_sent_again: Operation, twin: RunningSandbox, kind: str
) -> None:
    operation = to_be_sent_again
    twin.control.fault(kind, endpoint="find")
    turn(operation)
    operation.refresh_from_db()
    assert operation.state == "unknown"
    finish(operation)
    assert_true(operation, twin)
    assert operation.state == "succeeded"


def test_a_second_send_that_did_not_leave_says_nothing_about_the_first(
    to_be_sent_again: Operation, twin: RunningSandbox
) -> None:
    operation = to_be_sent_again
    with cable(nth=2, how=1.0) as slow:  # the attempt's commit
        thread = in_thread(through(slow, lambda: operations.send_operation(operation.pk)), [])
        assert slow.met.wait(30)
        twin.control.down(SLUG)
        thread.join(60)
    operation.refresh_from_db()
    assert (operation.state, operation.attempts.count()) == ("unknown", 2)
    twin.control.down(SLUG, False)
    finish(operation)
    assert_true(operation, twin)
    assert operation.state == "succeeded"


# Refusals that prove that nothing happened -------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", TURNED_AWAY, ids=str)
def test_a_refused_token_is_renewed_and_the_same_bytes_go_once_more(
    desk: Desk, twin: RunningSandbox, fault: Fault
) -> None:
    operation = desk.redeem()
    twin.control.fault(fault.kind, endpoint="redeem", **fault.given)
    finish(operation)
    assert_true(operation, twin, refused_writes=1)
    assert (operation.state, operation.evidence_level) == ("succeeded", "response")
    assert operation.attempts.count() == 1


def test_a_token_refused_twice_means_that_nothing_was_sent(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.fault("unauthorized", endpoint="redeem", times=2)
    finish(operation)
    assert_true(operation, twin, refused_writes=1)
    assert (operation.state, operation.refusal_code) == ("not_sent", "login_refused")


def test_a_refused_token_that_was_accepted_all_the_same_uses_the_voucher_once(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.fault("unauthorized", endpoint="redeem", after=True)
    finish(operation)
    assert_true(operation, twin, refused_writes=1)
    assert operation.state == "succeeded"


def test_a_blocked_account_means_that_nothing_was_sent(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.fault("status", endpoint="redeem", status=403, body="json")
    finish(operation)
    assert_true(operation, twin)
    assert (operation.state, operation.refusal_code) == ("not_sent", "account_blocked")
