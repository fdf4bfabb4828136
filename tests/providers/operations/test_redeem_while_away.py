"""One redemption while the provider, or the database, is away: nothing is sent twice and every intent has one truth."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from providers import operations
from providers.models import Account, AccountHealth, Claim, Operation
from providers.sandbox.running import RunningSandbox
from tests.lossy import How, cable, through
from tests.providers.operations.truth import assert_stays, assert_true
from tests.scene import (
    CODE,
    OTHER_CODE,
    QUICK,
    SLUG,
    Desk,
    finish,
    in_thread,
    refusal,
    turn,
    writes,
)
from vouchers.models import Redemption

# A provider that is away ----------------------------------------------------------------------------------------------


def test_a_provider_that_refuses_connections_is_tried_until_it_is_too_late_and_gets_nothing(
    desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, send_before=4)
    operation = desk.redeem()
    twin.control.down(SLUG)
    for _ in range(3):
        turn(operation)
        operation.refresh_from_db()
        assert (operation.state, operation.refusal_code) == ("created", "unreachable")
    Operation.objects.filter(pk=operation.pk).update(send_before=timezone.now())
    finish(operation)
    twin.control.down(SLUG, False)
    assert_true(operation, twin)
    assert_stays(operation)
    assert (operation.state, operation.refusal_code) == ("not_sent", "unreachable")
    assert writes(twin) == []
    assert operation.attempts.count() == 0


def test_a_provider_that_comes_back_in_time_gets_it_once(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    twin.control.down(SLUG)
    turn(operation)
    twin.control.down(SLUG, False)
    finish(operation)
    assert_true(operation, twin)
    assert operation.state == "succeeded"
    assert len(writes(twin)) == 1


def test_a_provider_that_goes_away_before_the_write_has_got_nothing(desk: Desk, twin: RunningSandbox) -> None:
    operation = desk.redeem()
    with cable(nth=2, how=1.0) as slow:  # the attempt's commit
        done: list[Any] = []
        thread = in_thread(through(slow, lambda: operations.send_operation(operation.pk)), done)
        assert slow.met.wait(30)
        twin.control.down(SLUG)
        thread.join(60)
    assert done == ["created"]
    operation.refresh_from_db()
    assert (operation.refusal_code, operation.sends, operation.attempts.count()) == ("unreachable", 0, 1)
    twin.control.down(SLUG, False)
    assert writes(twin) == []
    finish(operation)
    assert_true(operation, twin)
    assert (operation.state, operation.attempts.count(), len(writes(twin))) == ("succeeded", 2, 1)


def test_the_circuit_stops_new_intents_and_never_the_looks_that_settle(
    desk: Desk, other_desk: Desk, twin: RunningSandbox, settings: Any
) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, breaker_failures=2, settle=60)
    first, second = desk.redeem(CODE), desk.redeem(OTHER_CODE)
    third = other_desk.draft("VCL7C1000NO1000")
    twin.control.fault("drop_after", endpoint="redeem", times=2)
    for operation in (first, second):
        turn(operation)
    assert AccountHealth.objects.get().failures == 2
    refused = refusal(other_desk, third)
    assert refused.code == "issuer_down"
    assert Operation.objects.count() == 2
    asked = len(twin.control.requests(SLUG))
    assert turn(first) == turn(second) == "succeeded"
    assert len(twin.control.requests(SLUG)) == asked + 2
    assert AccountHealth.objects.get().open_until is None
    assert finish(other_desk.press(third).operation).state == "succeeded"


def test_a_refused_login_stops_new_intents_and_sends_nothing(
    desk: Desk, account: Account, twin: RunningSandbox
) -> None:
    operation, waiting = desk.redeem(CODE), desk.draft(OTHER_CODE)
    account.refresh_from_db()
    account.seal_secrets({"email": "centeradmintesting@admin.com", "password": "another"})
    account.save()
    twin.control.revoke_tokens(SLUG)
    finish(operation)
    assert_true(operation, twin)
    assert (operation.state, operation.refusal_code) == ("not_sent", "login_refused")
    assert refusal(desk, waiting).code == "issuer_down"
    assert writes(twin) == []


# A database that is away ----------------------------------------------------------------------------------------------


def test_an_intent_whose_connection_is_killed_before_the_commit_never_was(desk: Desk, twin: RunningSandbox) -> None:
    lookup = desk.draft()
    with cable(nth=1, how=2.0) as slow:
        done: list[Any] = []
        thread = in_thread(through(slow, lambda: desk.press(lookup)), done)
        assert slow.met.wait(30)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND state = 'idle in transaction'"
            )
            assert cursor.fetchall() == [(True,)]
        thread.join(60)
    assert isinstance(done[0], OperationalError)
    assert not Operation.objects.exists()
    assert not Claim.objects.exists()
    finish(desk.press(lookup).operation)
    assert len(writes(twin)) == 1


@pytest.mark.parametrize("how", ["lost", "done"])
def test_an_intent_whose_commit_is_in_doubt_has_one_truth(desk: Desk, twin: RunningSandbox, how: How) -> None:
    lookup = desk.draft()
    with cable(nth=1, how=how) as broken:
        done: list[Any] = []
        in_thread(through(broken, lambda: desk.press(lookup)), done).join(60)
    assert broken.met.is_set()
    (pressed,) = done
    if how == "lost":
        assert isinstance(pressed, OperationalError)
        assert not Operation.objects.exists()
    else:
        assert pressed == Redemption.objects.get()
    again = desk.press(lookup)
    assert Operation.objects.get() == again.operation
    finish(again.operation)
    assert_true(again.operation, twin)
    assert again.operation.state == "succeeded"


@pytest.mark.parametrize("how", ["lost", "done"])
@pytest.mark.parametrize("nth", [1, 2, 3], ids=["taking", "attempt", "outcome"])
def test_a_send_whose_commit_is_in_doubt_has_one_truth(
    desk: Desk, twin: RunningSandbox, settings: Any, nth: int, how: How
) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, lease=1)
    operation = desk.redeem()
    with cable(nth=nth, how=how) as broken:
        done: list[Any] = []
        in_thread(through(broken, lambda: operations.send_operation(operation.pk)), done).join(60)
    assert broken.met.is_set()
    assert isinstance(done[0], OperationalError)
    assert len(writes(twin)) == (1 if nth == 3 else 0), "a write without a committed attempt"
    finish(operation)
    assert_true(operation, twin, killed=True)
    assert operation.state == "succeeded"
