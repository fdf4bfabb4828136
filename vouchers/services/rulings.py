"""The end of a case: what its issuer decided, entered by a second person, and what is taken back for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from branches.models import User
from branches.roles import Permission
from branches.selectors import may
from vouchers.models import Case, CaseEvent, ContraLine, RedemptionLine
from vouchers.services.cases import CaseRefused, locked, record


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the issuer decided. `accepted` counts only where it accepts a part."""

    outcome: str
    reference: str
    decided_on: dt.date
    accepted: Decimal | None = None
    note: str = ""


def close_case(case: Case, person: User, ruling: Ruling, *, now: dt.datetime) -> Case:
    """Enter the issuer's decision. What it accepts becomes contra lines of today; the redemption stays as it is.

    Raises CaseRefused. Nobody closes a case that they opened.
    """
    with transaction.atomic(durable=True):
        row = locked(case)
        if not may(person, Permission.CASES_CLOSE, row.branch):
            raise CaseRefused("not_allowed")
        _refuse_closing(row, person)
        if row.state != Case.State.SENT:
            raise CaseRefused("not_sent")
        _check_ruling(row, ruling, now)
        row.accepted_amount = accepted_amount(ruling, row.amount)
        row.issuer_reference, row.decided_on = ruling.reference.strip()[:80], ruling.decided_on
        _close(row, person, ruling.outcome, ruling.note, now)
        if row.accepted_amount:
            _take_back(row, person, now)
    return row


def withdraw_case(case: Case, person: User, note: str, *, now: dt.datetime) -> Case:
    """It was a mistake, or needs no answer any more: the redemption counts as before. By a second person, too."""
    with transaction.atomic(durable=True):
        row = locked(case)
        if not any(may(person, right, row.branch) for right in (Permission.CASES_OPEN, Permission.CASES_CLOSE)):
            raise CaseRefused("not_allowed")
        _refuse_closing(row, person)
        if not note.strip():
            raise CaseRefused("note_missing")
        _close(row, person, Case.Outcome.WITHDRAWN, note, now)
    return row


def _refuse_closing(case: Case, person: User) -> None:
    if case.is_closed:
        raise CaseRefused("closed_already")
    if case.opened_by_id == person.pk:
        raise CaseRefused("own_case")


def _check_ruling(case: Case, ruling: Ruling, now: dt.datetime) -> None:
    if ruling.outcome not in (Case.Outcome.ACCEPTED, Case.Outcome.PARTLY, Case.Outcome.REFUSED):
        raise CaseRefused("no_outcome")
    if not ruling.reference.strip():
        raise CaseRefused("reference_missing")
    if not case.business_date <= ruling.decided_on <= now.astimezone(case.branch.zone).date():
        raise CaseRefused("decided_another_day")


def accepted_amount(ruling: Ruling, disputed: Decimal) -> Decimal:
    """All of it, nothing, or the part that was said, which is neither."""
    if ruling.outcome != Case.Outcome.PARTLY:
        return disputed if ruling.outcome == Case.Outcome.ACCEPTED else Decimal(0)
    if ruling.accepted is None or not 0 < ruling.accepted < disputed:
        raise CaseRefused("not_a_part")
    return ruling.accepted


def _close(case: Case, person: User, outcome: str, note: str, now: dt.datetime) -> None:
    case.state, case.outcome = Case.State.CLOSED, outcome
    case.closed_by, case.closed_at = person, now
    case.save(
        update_fields=[
            *("state", "outcome", "accepted_amount", "issuer_reference", "decided_on", "closed_by", "closed_at"),
        ]
    )
    record(case, CaseEvent.Kind.CLOSED, person, note, now)


def _take_back(case: Case, person: User, now: dt.datetime) -> None:
    """By code where it is known which: a case about one, or every one of them as a whole."""
    lines = [row.line for row in case.case_lines.select_related("line")]
    shares: dict[RedemptionLine | None, Decimal] = {line: line.value for line in lines}
    if sum(shares.values()) != case.accepted_amount:
        shares = {lines[0] if len(lines) == 1 else None: case.accepted_amount}
    ContraLine.objects.bulk_create(
        ContraLine(
            redemption_id=case.redemption_id,
            case=case,
            line=line,
            amount=-amount,
            currency=case.currency,
            business_date=case.branch.business_date(now),
            by=person,
            at=now,
        )
        for line, amount in shares.items()
    )
