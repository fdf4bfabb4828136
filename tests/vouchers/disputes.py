"""Cases as tests make them: by the services, never by writing states."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from branches.models import User
from tests.scene import Desk, finish
from vouchers import services
from vouchers.models import Case, Redemption, RedemptionLine
from vouchers.services import CaseRefused, Complaint, Ruling

BACK = Complaint("wrong_voucher", "give_back")
TO_150 = Complaint("wrong_amount", "correct", Decimal("150.00"))


def redeemed(desk: Desk, code: str = "") -> Redemption:
    operation = finish(desk.redeem(code) if code else desk.redeem())
    assert operation.state == "succeeded"
    return Redemption.objects.get(operation=operation)


def opened(row: Redemption, person: User, complaint: Complaint = BACK, ago: int = 0) -> Case:
    return services.open_case(row, person, complaint, now=timezone.now() - dt.timedelta(ago))


def sent(row: Redemption, person: User, complaint: Complaint = BACK) -> Case:
    return services.mark_sent(opened(row, person, complaint), person, now=timezone.now())


def ruling(case: Case, outcome: str = "accepted", accepted: str | None = None, **changes: Any) -> Ruling:
    today = timezone.now().astimezone(case.branch.zone).date()
    said: dict[str, Any] = {"outcome": outcome, "reference": "CN-77/2026", "decided_on": today}
    return Ruling(**(said | {"accepted": Decimal(accepted) if accepted else None} | changes))


def close(case: Case, person: User, *args: Any, **changes: Any) -> Case:
    return services.close_case(case, person, ruling(case, *args, **changes), now=timezone.now())


def refusal(work: Any) -> str:
    with pytest.raises(CaseRefused) as raised:
        work()
    return raised.value.code


def second_line(row: Redemption, value: str = "150.00") -> RedemptionLine:
    first = row.lines.get()
    line = RedemptionLine(redemption=row, position=2, voucher=first.voucher, code_hash="0" * 64, code_last4="7777")
    line.value = Decimal(value)
    line.save(force_insert=True)
    return line
