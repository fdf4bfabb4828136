"""What PostgreSQL itself refuses, whatever a program asks of it: plain SQL, past every line of ours."""

from __future__ import annotations

import dataclasses
from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from branches.models import User
from providers.models import OPEN_STATES, Claim, Operation, State
from providers.operations import decide
from providers.sandbox.running import RunningSandbox
from tests.providers.operations.truth import STEPS
from tests.scene import CODE, Desk, finish, make_due, turn

ALL = [str(state) for state in State]
FINAL = sorted(set(ALL) - {str(state) for state in OPEN_STATES})
# The shortest way from a new row to each state, by legal steps alone.
WAYS: dict[str, list[str]] = {
    "created": [],
    "preparing": ["preparing"],
    "sending": ["preparing", "sending"],
    "unknown": ["preparing", "sending", "unknown"],
    "succeeded": ["preparing", "sending", "succeeded"],
    "refused": ["preparing", "refused"],
    "not_sent": ["not_sent"],
    "not_applied": ["preparing", "sending", "unknown", "not_applied"],
    "partial": ["preparing", "sending", "unknown", "partial"],
    "needs_review": ["preparing", "sending", "unknown", "needs_review"],
    "resolved_applied": ["preparing", "sending", "unknown", "needs_review", "resolved_applied"],
    "resolved_not_applied": ["preparing", "sending", "unknown", "needs_review", "resolved_not_applied"],
}


def sql(text: str, *values: Any) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(text, values)
        return int(cursor.rowcount)


def step(operation: Operation, state: str) -> int:
    return sql("UPDATE providers_operation SET state = %s WHERE id = %s", state, operation.pk)


def refuses(text: str, *values: Any, match: str) -> None:
    with pytest.raises(DatabaseError, match=match):
        sql(text, *values)


@pytest.mark.parametrize("before", ALL)
def test_every_step_that_is_not_legal_is_refused(desk: Desk, before: str) -> None:
    operation = desk.redeem()
    for state in WAYS[before]:
        assert step(operation, state) == 1
    for after in ALL:
        if after != before and after not in STEPS.get(before, set()):
            with pytest.raises(DatabaseError, match="Invalid transition"):
                step(operation, after)
    operation.refresh_from_db()
    assert operation.state == before


def test_every_final_state_is_final() -> None:
    assert FINAL == [
        "not_applied",
        "not_sent",
        "partial",
        "refused",
        "resolved_applied",
        "resolved_not_applied",
        "succeeded",
    ]
    assert not [(before, after) for before, after in product(FINAL, ALL) if after in STEPS.get(before, set())]


def test_a_state_that_nobody_knows_is_refused(desk: Desk) -> None:
    operation = desk.redeem()
    with pytest.raises(DatabaseError):
        step(operation, "done")


@pytest.fixture
def decided(desk: Desk, twin: RunningSandbox, settings: Any, huda: User) -> Operation:
    """One with a row in every table that must only grow."""
    settings.WINDOWS = dataclasses.replace(settings.WINDOWS, review=0)
    operation = desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    turn(operation)
    twin.control.put_vouchers("alreaaiaa", {"voucher_code": CODE, "status": "canceled"})
    assert finish(operation).state == "needs_review"
    decide(operation, huda, applied=False, reason="issuer_portal")
    return operation


@pytest.mark.parametrize("table", ["attempt", "evidence", "transition", "decision"])
def test_tables_that_only_grow_refuse_everything_else(decided: Operation, table: str) -> None:
    name, refusal = f"providers_{table}", "Cannot update or delete rows"
    count = sql(f"SELECT FROM {name} WHERE operation_id = %s", decided.pk)
    assert count
    refuses(f"UPDATE {name} SET at = now() WHERE operation_id = %s", decided.pk, match=refusal)
    refuses(f"UPDATE {name} SET operation_id = operation_id", match=refusal)
    refuses(f"DELETE FROM {name} WHERE operation_id = %s", decided.pk, match=refusal)
    refuses(f"DELETE FROM {name}", match=refusal)
    assert sql(f"SELECT FROM {name} WHERE operation_id = %s", decided.pk) == count


def test_an_operation_is_never_deleted(desk: Desk) -> None:
    operation = desk.redeem()
    refuses("DELETE FROM providers_operation WHERE id = %s", operation.pk, match="Cannot delete rows")
    refuses("DELETE FROM providers_operation", match="Cannot delete rows")
    with pytest.raises(DatabaseError):
        operation.delete()
    assert Operation.objects.filter(pk=operation.pk).exists()


def test_a_second_open_claim_is_refused(desk: Desk) -> None:
    operation = desk.redeem()
    claim = operation.claims.get()
    with pytest.raises(IntegrityError, match="one_open_claim"):
        Claim.objects.create(account=claim.account, resource=claim.resource, operation=operation)
    Claim.objects.create(account=claim.account, resource=claim.resource, operation=operation, open=False)


def test_a_claim_that_was_let_go_cannot_be_taken_back_from_its_next_holder(desk: Desk, twin: RunningSandbox) -> None:
    first = desk.redeem()
    twin.control.put_vouchers("alreaaiaa", {"voucher_code": CODE, "status": "frozen"})
    assert finish(first).state == "refused"
    twin.control.put_vouchers("alreaaiaa", {"voucher_code": CODE, "status": "verified"})
    second = desk.redeem()
    with pytest.raises(IntegrityError, match="one_open_claim"):
        first.claims.update(open=True)
    make_due(second)
    assert finish(second).state == "succeeded"


def test_one_form_makes_one_operation(desk: Desk) -> None:
    operation = desk.redeem()
    twin_row = Operation.objects.get(pk=operation.pk)
    twin_row.pk, twin_row.reference = desk.draft("VCL6C5881NO4658").pk, "W-0000-0000"
    with pytest.raises(IntegrityError, match="one_operation_a_form"):
        twin_row.save(force_insert=True)
