"""Whatever the provider does to a redemption, the voucher is used once or not at all, and we say which."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from providers import operations
from providers.models import AccountHealth, Discrepancy, Operation
from providers.sandbox.running import RunningSandbox
from tests.lossy import cable, through
from tests.providers.operations.faults import (
    BEFORE_SENDING,
    FAMILIES,
    READ_FAMILIES,
    SAMPLE,
    SLOW,
    TURNED_AWAY,
    Case,
    Fault,
    cases,
    each,
    for_each,
    naming,
)
from tests.providers.operations.truth import assert_stays, assert_true
from tests.scene import (
    CODE,
    OTHER_CODE,
    QUICK,
    SLUG,
    Desk,
    effects,
    eventually,
    finish,
    history,
    in_thread,
    looks,
    make_due,
    turn,
    writes,
)

IMPATIENT = dataclasses.replace(QUICK, total=0.5)


def send(operation: Operation) -> Operation:
    """One send. A look before it that a loaded machine was too slow for is tried again."""
    while not operation.attempts.exists():
        make_due(operation)
        operations.send_operation(operation.pk)
    operation.refresh_from_db()
    return operation


def without_resend(operation: Operation) -> Operation:
    """As if `send_before` had passed while it was unknown: only looks may end it now."""
    Operation.objects.filter(pk=operation.pk).update(send_before=operation.sent_at)
    return operation


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


# Faults of the looks --------------------------------------------------------------------------------------------------


@each(READ_FAMILIES)
def test_a_look_says_what_it_saw_and_a_broken_one_that_it_saw_nothing(
    desk: Desk, twin: RunningSandbox, settings: Any, family: list[Fault]
) -> None:
    """One operation meets them all, one after the other; nothing counts against it, and in the end the effect is seen."""
    settings.WINDOWS = dataclasses.replace(QUICK, settle=300)
    operation = desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    send(operation)
    for fault in family:
        with naming(fault):
            twin.control.fault(fault.kind, endpoint="find", **fault.given)
            assert turn(operation) == "unknown"
            assert operation.evidence.filter(source="read").latest("id").verdict == fault.seen
    twin.control.fault("human", endpoint="find")
    assert finish(operation).state == "succeeded"
    assert_true(operation, twin)


def test_a_look_that_fails_is_no_look_that_finds_nothing(desk: Desk, twin: RunningSandbox) -> None:
    def check(case: Case) -> None:
        case.meets("drop_before", "redeem")
        without_resend(send(case.operation))
        case.script("find", times=4)
        operation = finish(case.operation)
        assert_true(operation, twin)
        assert operation.state == "not_applied"

    for_each(cases(desk, [Fault(kind) for kind in ("drop_before", "html_login", "null_data", "unseen_status")]), check)


@each({"quick": BEFORE_SENDING, "slow": SLOW[:4]})
def test_a_look_before_sending_that_fails_sends_nothing_or_once(
    desk: Desk, twin: RunningSandbox, settings: Any, family: list[Fault]
) -> None:
    found = cases(desk, family)
    settings.WINDOWS = QUICK if family is BEFORE_SENDING else IMPATIENT

    def check(case: Case) -> None:
        case.script("find")
        operation = finish(case.operation)
        assert_true(operation, twin)
        assert operation.state in ("succeeded", "not_sent", "refused")
        assert bool(writes(twin, case.code)) == (operation.state == "succeeded")

    for_each(found, check)


def test_looks_that_never_succeed_end_nothing_and_tell_a_person(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, review=0.5)
    operation = desk.redeem()
    twin.control.fault("drop_after", endpoint="redeem")
    send(operation)
    twin.control.fault("status", endpoint="find", status=503, times="forever")
    eventually(lambda: turn(operation) and Operation.objects.get(pk=operation.pk).escalated_at)
    operation.refresh_from_db()
    assert operation.state == "unknown"
    twin.control.clear_faults()
    assert finish(operation).state == "succeeded"
    assert_true(operation, twin)


def test_a_provider_that_asks_for_a_days_patience_is_looked_at_before_a_person_is_told(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, review=2.0)
    operation = desk.redeem()
    twin.control.fault("drop_after", endpoint="redeem")
    send(operation)
    twin.control.fault("status", endpoint="find", status=503, retry_after=86_400)
    turn(operation)
    eventually(lambda: operations.settle_operation(operation.pk) == "succeeded")
    operation.refresh_from_db()
    assert operation.escalated_at


def test_reads_that_lag_behind_are_outlasted(desk: Desk, twin: RunningSandbox, settings: Any) -> None:
    family = [Fault("drop_after", happens=True), Fault("drop_before")]
    found = cases(desk, family)
    settings.WINDOWS = dataclasses.replace(QUICK, settle=1.0)

    def check(case: Case) -> None:
        case.script("redeem")
        without_resend(send(case.operation))
        case.meets("stale_read", "find", "forever", seconds=0.25)
        operation = finish(case.operation)
        assert_true(operation, twin)
        assert operation.state == ("succeeded" if case.fault.happens else "not_applied")

    for_each(found, check)


def test_a_look_that_began_before_the_settle_window_ended_counts_for_nothing(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    """What it does not see may have happened while its answer was on the way."""
    settings.WINDOWS = dataclasses.replace(QUICK, settle=1.5, second_look=60)
    operation = desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    send(operation)
    twin.control.fault("delay", endpoint="find", seconds=1.7)
    turn(operation)
    operation.refresh_from_db()
    began = operation.calls.filter(path="/findClientCenterVouchers").latest("at").at
    assert (began - operation.sent_at).total_seconds() < 1.5, "this machine was too slow for the test"
    assert (operation.evidence.filter(source="read", verdict="clear").count(), operation.clear_looks) == (1, 0)


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


# The pace -------------------------------------------------------------------------------------------------------------


def test_a_worker_that_follows_the_clock_of_the_row_settles_it_too(desk: Desk, twin: RunningSandbox) -> None:
    """Nobody hurries it here: the times at which a row is due are the engine's own."""
    operation = desk.redeem()
    twin.control.fault("drop_after", endpoint="redeem")
    send(operation)
    eventually(lambda: operations.settle_operation(operation.pk) == "succeeded")
    assert_true(operation, twin)
    assert history(operation)[-2:] == [("unknown", "connection_lost"), ("succeeded", "already_used")]
    assert len(looks(twin)) == 3


def test_asking_for_a_look_now_does_not_put_off_the_look_that_counts(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, second_look=30)
    operation = desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    send(operation)
    eventually(lambda: turn(operation) and Operation.objects.get(pk=operation.pk).clear_looks)
    for _ in range(12):
        turn(operation)
    operation.refresh_from_db()
    assert (operation.next_at - operation.cleared_at).total_seconds() <= 30


def test_the_pauses_between_looks_begin_short_again_after_a_new_send(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    send(operation)
    operation.refresh_from_db()
    looks = [0]
    while operation.state == "unknown":
        turn(operation)
        operation.refresh_from_db()
        looks.append(operation.looks)
    assert (operation.state, operation.looks) == ("created", 0)
    assert max(looks) >= 1


def unanswered(operation: Operation, looks: int) -> float:
    """Looks that get no answer, one after the other; the seconds until the next one."""
    for _ in range(looks):
        turn(operation)
    operation.refresh_from_db()
    last = operation.evidence.filter(verdict="no_answer").latest("at")
    return (operation.next_at - last.at).total_seconds()


def silent(twin: RunningSandbox, code: str) -> None:
    twin.control.fault("html_login", endpoint="find", code=code, times="forever", after=False)


def test_a_look_that_fails_while_others_are_answered_is_made_again_soon(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.fault("drop_after", endpoint="redeem")
    send(operation)
    silent(twin, CODE)
    assert unanswered(operation, 8) <= 4


def test_the_pauses_grow_while_the_provider_is_silent_and_end_when_it_answers(desk: Desk, twin: RunningSandbox) -> None:
    """Somebody may stand at the desk with it: nobody waits a quarter of an hour for a provider that is back."""
    operation = desk.redeem()
    twin.control.fault("drop_after", endpoint="redeem")
    send(operation)
    long_ago = timezone.now() - timedelta(minutes=10)
    AccountHealth.objects.filter(account=operation.account).update(last_good_at=long_ago)
    silent(twin, CODE)
    assert unanswered(operation, 8) > 60
    assert desk.look_up(OTHER_CODE).state == "found"
    operation.refresh_from_db()
    assert operation.next_at <= timezone.now()
    twin.control.clear_faults()
    assert operations.settle_operation(operation.pk) == "succeeded"
