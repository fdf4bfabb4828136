"""Cases: what the database itself refuses, whoever asks it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from branches.models import User
from tests.vouchers.disputes import close, opened, sent
from vouchers.models import Case, ContraLine, Redemption

TODAY = "today"


def sql(order: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(order, values)


@pytest.mark.parametrize(
    "order",
    [
        "DELETE FROM vouchers_case",
        "UPDATE vouchers_case SET amount = 1",
        "UPDATE vouchers_case SET opened_by_id = closed_by_id",
        "UPDATE vouchers_case SET reason = 'other'",
        "UPDATE vouchers_case SET state = 'open', outcome = '', closed_at = NULL, closed_by_id = NULL",
        "UPDATE vouchers_case SET issuer_reference = 'another'",
        "DELETE FROM vouchers_contraline",
        "UPDATE vouchers_contraline SET amount = -1",
        "DELETE FROM vouchers_caseevent",
        "UPDATE vouchers_caseevent SET note = 'another'",
        "DELETE FROM vouchers_caseline",
        "UPDATE vouchers_casechange SET pgh_label = 'forged'",
    ],
)
def test_what_was_decided_cannot_be_changed_by_any_sql(done: Redemption, huda: User, aziz: User, order: str) -> None:
    close(sent(done, huda), aziz)
    with pytest.raises(DatabaseError):
        sql(order)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'closed'",
        "state = 'closed', outcome = 'accepted', closed_at = now(), closed_by_id = %s, accepted_amount = amount",
        "outcome = 'refused'",
        "accepted_amount = 1",
    ],
)
def test_a_case_is_not_half_closed(done: Redemption, huda: User, aziz: User, change: str) -> None:
    case = opened(done, huda)
    with pytest.raises(IntegrityError):
        sql(f"UPDATE vouchers_case SET {change} WHERE id = %s", *([aziz.pk] if "%s" in change else []), case.pk)


def test_a_second_open_case_is_refused_by_an_index(done: Redemption, huda: User) -> None:
    case = opened(done, huda)
    with pytest.raises(IntegrityError, match="one_open_case"), transaction.atomic():
        Case.objects.create(
            **{field: getattr(case, field) for field in ("redemption", "branch", "account", "reason", "ask", "amount")},
            **{field: getattr(case, field) for field in ("currency", "opened_by", "opened_at", "business_date")},
            reference="WC-2",
        )


def test_a_contra_line_only_takes_back(done: Redemption, huda: User, aziz: User) -> None:
    case = close(sent(done, huda), aziz, "refused")
    with pytest.raises(IntegrityError, match="contra_takes_back"), transaction.atomic():
        ContraLine.objects.create(
            redemption=done,
            case=case,
            amount=1,
            currency="SAR",
            business_date=case.business_date,
            by=aziz,
            at=timezone.now(),
        )
