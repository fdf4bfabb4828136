"""Looks that fail, lag or have to wait end nothing too early, and their pace follows what they find."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from django.utils import timezone

from providers import operations
from providers.models import AccountHealth, Operation
from providers.sandbox.running import RunningSandbox
from tests.providers.operations.faults import (
    BEFORE_SENDING,
    READ_FAMILIES,
    SLOW,
    Case,
    Fault,
    cases,
    each,
    for_each,
    naming,
)
from tests.providers.operations.sends import IMPATIENT, send, without_resend
from tests.providers.operations.truth import assert_true
from tests.scene import CODE, OTHER_CODE, QUICK, Desk, eventually, finish, history, looks, turn, writes

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
