"""Many at once: the database settles it, one write leaves, and everybody else is told clearly."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from branches.models import Branch
from branches.roles import Role
from providers import operations
from providers.models import AccountHealth, BranchAccount, Claim, Operation
from providers.operations.life import database_now
from providers.sandbox.running import RunningSandbox
from tests.conftest import Hire
from tests.providers.operations.truth import assert_stays, assert_true
from tests.scene import (
    CODE,
    OTHER_CODE,
    QUICK,
    SLUG,
    Desk,
    at_once,
    effects,
    eventually,
    finish,
    meanwhile,
    turn,
    writes,
)
from vouchers.models import Lookup, Redemption
from vouchers.services import CannotRedeem, Place

Crowd = Callable[[int], list[tuple[Desk, Lookup]]]


@pytest.fixture
def crowd(desk: Desk, nakheel: Branch, hire: Hire, account: Any, twin: RunningSandbox) -> Crowd:
    """So many people at two branches that share the account, each one press away from using the same voucher."""
    BranchAccount.objects.create(branch=nakheel, account=account)
    branches = [(branch, branch.tills.get()) for branch in (desk.place.branch, nakheel)]

    def gather(size: int) -> list[tuple[Desk, Lookup]]:
        found = []
        for number in range(size):
            branch, till = branches[number % 2]
            one = Desk(Place(hire(f"person{number}", Role.RECEPTIONIST, branch), branch, till), twin)
            found.append((one, one.draft()))
        return found

    return gather


def test_fifty_people_with_one_code_make_one_write_and_forty_nine_clear_refusals(
    crowd: Crowd, twin: RunningSandbox
) -> None:
    drafts = crowd(50)
    results = at_once([lambda desk=desk, draft=draft: desk.press(draft) for desk, draft in drafts])
    (winner,) = [result for result in results if isinstance(result, Redemption)]
    refusals = [result for result in results if isinstance(result, CannotRedeem)]
    assert len(refusals) == 49, [result for result in results if not isinstance(result, CannotRedeem)]
    assert {(refusal.code, refusal.holder) for refusal in refusals} == {("in_use_here", winner.operation)}
    holder = refusals[0].holder
    assert holder is not None
    assert (holder.actor, holder.branch, holder.till) == (
        winner.operation.actor,
        winner.operation.branch,
        winner.operation.till,
    )
    assert holder.created_at
    assert Operation.objects.count() == Claim.objects.count() == 1
    operation = finish(winner.operation)
    assert_true(operation, twin)
    assert operation.state == "succeeded"
    assert len(writes(twin)) == len(effects(twin)) == 1


def test_people_who_press_and_send_at_once_use_it_once(crowd: Crowd, twin: RunningSandbox) -> None:
    """No order between them at all: some press while another's voucher is being used already."""
    drafts = crowd(16)

    def all_the_way(desk: Desk, draft: Any) -> str:
        return operations.send_operation(desk.press(draft).operation_id)

    results = at_once([lambda desk=desk, draft=draft: all_the_way(desk, draft) for desk, draft in drafts])
    assert [result for result in results if not isinstance(result, CannotRedeem)] == ["succeeded"]
    codes = {result.code for result in results if isinstance(result, CannotRedeem)}
    assert codes <= {"in_use_here", "already_used_here"}
    assert len(writes(twin)) == len(effects(twin)) == 1


def test_many_senders_on_one_row_send_once(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    results = at_once([lambda: operations.send_operation(operation.pk)] * 8)
    assert sorted(map(str, results)) == [""] * 7 + ["succeeded"]
    assert_true(operation, twin)
    assert len(writes(twin)) == operation.attempts.count() == 1


def test_many_settlers_on_one_row_look_once(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.fault("drop_after", endpoint="redeem")
    turn(operation)
    eventually(lambda: Operation.objects.get().next_at <= database_now())
    results = at_once([lambda: operations.settle_operation(operation.pk)] * 8)
    assert sorted(map(str, results)) == [""] * 7 + ["succeeded"]
    assert operation.evidence.filter(source="read").count() == 1


def test_senders_and_settlers_together_do_each_others_work_never(desk: Desk, twin: RunningSandbox) -> None:
    """Every row is thrown at both kinds of workers over and over, as a storm of bells would."""
    codes = [CODE, OTHER_CODE, "VCL7C1000NO1000", "VCL7C1037NO8919"]
    rows = [desk.redeem(code, "1000") for code in codes]
    twin.control.fault("drop_after", endpoint="redeem")
    twin.control.fault("drop_before", endpoint="redeem")

    def storm() -> None:
        for _ in range(6):
            for row in rows:
                operations.send_operation(row.pk)
                operations.settle_operation(row.pk)

    assert at_once([storm] * 6) == [None] * 6
    for row in rows:
        finish(row)
        assert_true(row, twin)
        assert_stays(row)
        assert row.state == "succeeded"
    assert len(twin.control.ledger(SLUG)) == 4


def test_a_sender_and_a_settler_do_not_wait_for_each_other(desk: Desk, twin: RunningSandbox) -> None:
    """A settler locks the row and then the account's health. A sender that did it the other way round would end one of them."""
    operation = desk.redeem()
    twin.control.fault("hang_before", endpoint="redeem", seconds=1.0)
    with meanwhile(lambda: operations.send_operation(operation.pk)) as done:
        eventually(lambda: writes(twin))
        with transaction.atomic():
            Operation.objects.select_for_update().get()
            eventually(somebody_waits_for_a_lock)
            AccountHealth.objects.update(last_problem="")
    assert done == ["unknown"]


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return cursor.rowcount > 0


# A lease that ran out -------------------------------------------------------------------------------------------------


def test_an_answer_that_comes_after_the_row_was_settled_is_kept_as_evidence(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    """The lease here is shorter than the provider's pause: what must never be in production, and must not hurt there."""
    operation = desk.redeem()
    settings.WINDOWS = dataclasses.replace(QUICK, lease=0.3)
    twin.control.fault("delay", endpoint="redeem", seconds=2.0)
    with meanwhile(lambda: operations.send_operation(operation.pk)):
        eventually(lambda: effects(twin))
        eventually(lambda: operations.settle_operation(operation.pk) == "succeeded")
    assert_true(operation, twin)
    assert_stays(operation)
    assert (operation.state, operation.evidence_level) == ("succeeded", "inferred")
    late = operation.evidence.get(source="late")
    assert (late.verdict, late.facts["references"]["order_id"]) == ("succeeded", effects(twin)[0].order_id)
    assert len(writes(twin)) == 1


def test_a_failure_that_comes_after_the_row_was_settled_is_kept_as_evidence(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    operation = desk.redeem()
    settings.WINDOWS = dataclasses.replace(QUICK, lease=0.3)
    twin.control.fault("hang_before", endpoint="redeem", seconds=2.0)
    with meanwhile(lambda: operations.send_operation(operation.pk)):
        eventually(lambda: writes(twin))
        Operation.objects.filter(pk=operation.pk).update(send_before=operation.created_at)
        eventually(lambda: turn(operation) == "not_applied")
    assert_true(operation, twin)
    assert_stays(operation)
    assert operation.evidence.get(source="late").verdict == "unknown"
    assert effects(twin) == []


def test_a_sender_that_was_too_slow_before_sending_finds_its_row_gone(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    operation = desk.redeem()
    settings.WINDOWS = dataclasses.replace(QUICK, lease=0.3)
    twin.control.fault("delay", endpoint="find", seconds=2.0)
    with meanwhile(lambda: operations.send_operation(operation.pk)) as slow:
        eventually(lambda: Operation.objects.get().state == "preparing")
        settings.WINDOWS = QUICK
        eventually(lambda: operations.send_operation(operation.pk) == "succeeded")
    assert not isinstance(slow[0], BaseException)
    assert_true(operation, twin)
    assert (operation.attempts.count(), len(writes(twin))) == (1, 1)
    assert operation.calls.filter(path="/findClientCenterVouchers").count() == 2


def test_a_sender_whose_row_another_has_taken_does_not_send_though_nothing_was_sent_yet(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    operation = desk.redeem()
    settings.WINDOWS = dataclasses.replace(QUICK, lease=0.3)
    for seconds in (1.5, 3.0):
        twin.control.fault("delay", endpoint="find", seconds=seconds)
    with meanwhile(lambda: operations.send_operation(operation.pk)):
        first = eventually(lambda: Operation.objects.get().claim_token)
        settings.WINDOWS = QUICK
        with meanwhile(lambda: eventually(lambda: operations.send_operation(operation.pk))):
            eventually(lambda: Operation.objects.get().claim_token != first)
            second = Operation.objects.get().claim_token
    assert_true(operation, twin)
    assert operation.state == "succeeded"
    assert operation.attempts.get().claim_token == second


def test_a_settler_that_was_too_slow_changes_nothing(desk: Desk, twin: RunningSandbox, settings: Any) -> None:
    """It saw that nothing had happened; by the time it says so, something has, and another has seen it."""
    operation = desk.redeem()
    twin.control.fault("late_effect", endpoint="redeem", seconds=1.0)
    turn(operation)
    settings.WINDOWS = dataclasses.replace(QUICK, lease=0.3)
    twin.control.fault("delay", endpoint="find", seconds=2.5)
    asked = len(twin.control.requests(SLUG))
    with meanwhile(lambda: turn(operation)) as slow:
        eventually(lambda: len(twin.control.requests(SLUG)) > asked)
        settings.WINDOWS = dataclasses.replace(QUICK, settle=60)
        eventually(lambda: effects(twin))
        eventually(lambda: turn(operation) == "succeeded")
    assert not isinstance(slow[0], BaseException)
    assert_true(operation, twin)
    assert_stays(operation)
    assert list(operation.evidence.filter(source="read").values_list("verdict", flat=True)) == ["applied"]
    assert operation.calls.filter(path="/findClientCenterVouchers").count() == 3, "its call did happen"
