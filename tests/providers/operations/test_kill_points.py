"""The process dies at each of the nine named points, as in a power cut, and another one finds the truth."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from providers.models import Claim, Operation
from providers.sandbox.running import RunningSandbox
from tests.elsewhere import Elsewhere
from tests.providers.operations.truth import assert_stays, assert_true
from tests.scene import BUSY, CODE, OTHER_CODE, QUICK, Desk, effects, eventually, history, make_due, writes
from tests.workers import worker
from vouchers.models import Lookup, Redemption


@pytest.fixture(autouse=True)
def short_leases(settings: Any, quick: None) -> None:
    """A dead process holds its row this long. Those here that live are far quicker."""
    settings.WINDOWS = dataclasses.replace(QUICK, lease=0.5)


def die(fresh: Elsewhere, operation: Operation, point: str) -> Operation:
    assert fresh.run("send", operation.pk, kill=point).killed
    operation.refresh_from_db()
    return operation


def finish_elsewhere(fresh: Elsewhere, operation: Operation) -> Operation:
    """Senders and settlers that were not there when it happened."""

    def ended() -> bool:
        make_due(operation)
        for work in ("send", "settle"):
            assert fresh.run(work, operation.pk).status == 0
        operation.refresh_from_db()
        return operation.state not in BUSY

    eventually(ended)
    return operation


# While the intent is committed ----------------------------------------------------------------------------------------


def test_k1_before_the_intent_is_committed_there_is_nothing(desk: Desk, fresh: Elsewhere, twin: RunningSandbox) -> None:
    lookup = desk.draft()
    assert fresh.run("redeem", lookup.pk, kill="K1").killed
    assert not Operation.objects.exists()
    assert not Redemption.objects.exists()
    assert not Claim.objects.exists()
    assert writes(twin) == []
    assert finish_elsewhere(fresh, desk.press(lookup).operation).state == "succeeded"
    assert len(effects(twin)) == 1


def test_k2_after_the_intent_is_committed_it_is_carried_out_once(
    desk: Desk, fresh: Elsewhere, twin: RunningSandbox
) -> None:
    lookup = desk.draft()
    assert fresh.run("redeem", lookup.pk, kill="K2").killed
    operation = Operation.objects.get()
    assert (operation.state, writes(twin)) == ("created", [])
    assert desk.press(lookup).operation == operation, "the person presses again after the page broke"
    finish_elsewhere(fresh, operation)
    assert_true(operation, twin)
    assert operation.state == "succeeded"
    assert len(effects(twin)) == 1


def test_k2_an_intent_that_nobody_found_in_time_is_not_sent(desk: Desk, fresh: Elsewhere, twin: RunningSandbox) -> None:
    assert fresh.run("redeem", desk.draft().pk, kill="K2").killed
    operation = Operation.objects.get()
    Operation.objects.update(send_before=timezone.now())
    finish_elsewhere(fresh, operation)
    assert_true(operation, twin)
    assert (operation.state, writes(twin)) == ("not_sent", [])


# Before the first byte ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["K3", "K4", "K5"])
def test_k3_to_k5_before_the_attempt_is_committed_nothing_was_sent(
    desk: Desk, fresh: Elsewhere, twin: RunningSandbox, point: str
) -> None:
    operation = die(fresh, desk.redeem(), point)
    assert (operation.state, operation.attempts.count()) == ("preparing", 0)
    assert (writes(twin), effects(twin)) == ([], [])
    assert fresh.run("settle", operation.pk).result == "", "there is nothing to settle"
    finish_elsewhere(fresh, operation)
    assert_true(operation, twin)
    assert_stays(operation)
    assert (operation.state, operation.evidence_level) == ("succeeded", "response")
    assert len(writes(twin)) == len(effects(twin)) == 1


@pytest.mark.parametrize("point", ["K3", "K5"])
def test_k3_to_k5_an_intent_that_grew_too_old_meanwhile_is_not_sent(
    desk: Desk, fresh: Elsewhere, twin: RunningSandbox, point: str
) -> None:
    operation = die(fresh, desk.redeem(), point)
    Operation.objects.filter(pk=operation.pk).update(send_before=timezone.now())
    finish_elsewhere(fresh, operation)
    assert_true(operation, twin)
    assert (operation.state, operation.refusal_code) == ("not_sent", "too_late")
    assert writes(twin) == []


# From here on it may have happened ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("resend", [True, False])
def test_k6_after_the_attempt_is_committed_only_looking_tells(
    desk: Desk, fresh: Elsewhere, twin: RunningSandbox, resend: bool
) -> None:
    operation = die(fresh, desk.redeem(), "K6")
    assert (operation.state, operation.attempts.count(), writes(twin)) == ("sending", 1, [])
    assert fresh.run("send", operation.pk).result == "", "it may have been sent"
    if not resend:
        Operation.objects.filter(pk=operation.pk).update(send_before=operation.sent_at)
    finish_elsewhere(fresh, operation)
    assert_true(operation, twin, killed=True)
    assert ("unknown", "lease_expired") in history(operation)
    assert operation.state == ("succeeded" if resend else "not_applied")
    assert len(effects(twin)) == len(writes(twin)) == (1 if resend else 0)


@pytest.mark.parametrize("point", ["K7", "K8"])
def test_k7_and_k8_after_the_bytes_left_the_effect_is_found_and_nothing_is_sent_again(
    desk: Desk, fresh: Elsewhere, twin: RunningSandbox, point: str
) -> None:
    operation = die(fresh, desk.redeem(), point)
    assert operation.state == "sending"
    eventually(lambda: effects(twin))
    finish_elsewhere(fresh, operation)
    assert_true(operation, twin, killed=True)
    assert_stays(operation)
    assert (operation.state, operation.evidence_level) == ("succeeded", "inferred")
    assert len(writes(twin)) == len(effects(twin)) == 1


def test_k7_a_request_that_was_lost_with_its_process_is_sent_again_after_two_clear_looks(
    desk: Desk, fresh: Elsewhere, twin: RunningSandbox
) -> None:
    operation = desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    die(fresh, operation, "K7")
    eventually(lambda: writes(twin))
    assert effects(twin) == []
    finish_elsewhere(fresh, operation)
    assert_true(operation, twin, killed=True)
    assert operation.state == "succeeded"
    assert (len(writes(twin)), len(effects(twin))) == (2, 1)


def test_k9_after_the_outcome_is_recorded_it_is_final(desk: Desk, fresh: Elsewhere, twin: RunningSandbox) -> None:
    operation = die(fresh, desk.redeem(), "K9")
    assert (operation.state, operation.evidence_level) == ("succeeded", "response")
    assert_true(operation, twin)
    for work in ("send", "settle"):
        assert fresh.run(work, operation.pk).result == ""
    assert_stays(operation)


# While a voucher is looked up, and more than once ---------------------------------------------------------------------


def test_a_process_dies_once_only_when_it_is_told_to(
    desk: Desk, fresh: Elsewhere, twin: RunningSandbox, tmp_path: Path
) -> None:
    operation, once = desk.redeem(), tmp_path / "died"
    assert fresh.run("send", operation.pk, kill="K3,K5", once=once).killed
    assert once.exists()
    eventually(lambda: fresh.run("send", operation.pk, kill="K3,K5", once=once).result == "succeeded")
    assert len(effects(twin)) == 1


def test_it_survives_a_death_at_every_point_in_turn(desk: Desk, fresh: Elsewhere, twin: RunningSandbox) -> None:
    lookup = desk.draft()
    for point in ("K1", "K2"):
        assert fresh.run("redeem", lookup.pk, kill=point).killed
    operation = Operation.objects.get()
    for point in ("K3", "K4", "K5", "K6"):
        eventually(lambda point=point: fresh.run("send", operation.pk, kill=point).killed)
    twin.control.fault("drop_before", endpoint="redeem")

    def dies_sending_again() -> bool:
        make_due(operation)
        return fresh.run("settle", operation.pk).killed or fresh.run("send", operation.pk, kill="K7").killed

    eventually(dies_sending_again)
    finish_elsewhere(fresh, operation)
    assert_true(operation, twin, killed=True)
    assert operation.state == "succeeded"
    assert operation.attempts.count() == 3
    assert len(effects(twin)) == 1


def test_a_worker_that_is_killed_in_the_middle_is_replaced_and_loses_nothing(
    desk: Desk, twin: RunningSandbox, tmp_path: Path, settings: Any
) -> None:
    # A lease and a settle window that a busy machine keeps to: a slow sender is not a dead one.
    settings.WINDOWS = dataclasses.replace(QUICK, lease=4, settle=2, second_look=0.5)
    first, second = desk.redeem(CODE), desk.redeem(OTHER_CODE)
    with worker("send", WASL_KILL="K7", WASL_KILL_ONCE=str(tmp_path / "first")) as dying:
        assert dying.wait(60) == -9
    third = desk.redeem("VCL7C1000NO1000")
    with worker("send,settle", WASL_KILL="K7", WASL_KILL_ONCE=str(tmp_path / "first")):
        for operation in (first, second, third):
            eventually(lambda row=operation: Operation.objects.get(pk=row.pk).state == "succeeded")
    for operation in (first, second, third):
        assert_true(operation, twin, killed=True)
    assert len(twin.control.ledger("alreaaiaa")) == 3
    assert not Lookup.objects.filter(state="waiting").exists()
