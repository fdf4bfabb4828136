"""Correcting what cannot be undone. A case asks the issuer; its decision adds contra lines; the redemption stays as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from branches.models import User
from branches.roles import Permission
from branches.selectors import may
from providers.operations.claim import new_reference
from vouchers.models import Case, CaseEvent, CaseLine, ContraLine, Redemption, RedemptionLine
from vouchers.selectors.cases import APPLIED, uncorrected


class CaseRefused(Exception):
    """`code` is one of vouchers.casework.PROBLEMS. `case` is the one that is open already."""

    def __init__(self, code: str, case: Case | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.case = case


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong and what is asked. `amount`: the right one for a correction, the sum for a credit. `lines`: keys of the
    codes it is about; where there is one code, that one."""

    reason: str
    ask: str
    amount: Decimal | None = None
    lines: Collection[int] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the issuer decided. `accepted` counts only where it accepts a part."""

    outcome: str
    reference: str
    decided_on: dt.date
    accepted: Decimal | None = None
    note: str = ""


# Opening ----------------------------------------------------------------------------------------------------------------


def open_case(redemption: Redemption, person: User, complaint: Complaint, *, now: dt.datetime) -> Case:
    """Dispute a redemption, or some of its codes. Raises CaseRefused; of two at once the second is told of the first."""
    _check_complaint(redemption, person, complaint)
    with transaction.atomic(durable=True):
        Redemption.objects.select_for_update().get(pk=redemption.pk)  # what it counts for stands still meanwhile
        standing = Case.objects.filter(redemption=redemption).exclude(state=Case.State.CLOSED).first()
        if standing:
            raise CaseRefused("open_already", standing)
        return _opened(redemption, person, complaint, now)


def _check_complaint(redemption: Redemption, person: User, complaint: Complaint) -> None:
    operation = redemption.operation
    if not may(person, Permission.CASES_OPEN, operation.branch):
        raise CaseRefused("not_allowed")
    if operation.state not in APPLIED:
        raise CaseRefused("not_applied")
    if complaint.reason not in Case.Reason.values or complaint.ask not in Case.Ask.values:
        raise CaseRefused("no_reason")
    if complaint.reason == Case.Reason.OTHER and not complaint.note.strip():
        raise CaseRefused("note_missing")


def _opened(redemption: Redemption, person: User, complaint: Complaint, now: dt.datetime) -> Case:
    lines = _chosen(redemption, complaint.lines)
    correction = complaint.amount if complaint.ask == Case.Ask.CORRECT else None
    operation = redemption.operation
    case = Case.objects.create(
        reference=f"WC-{new_reference().removeprefix('W-')}",
        redemption=redemption,
        branch=operation.branch,
        account=operation.account,
        reason=complaint.reason,
        note=complaint.note.strip()[:500],
        ask=complaint.ask,
        right_amount=correction,
        amount=in_dispute(complaint.ask, uncorrected(redemption, lines), complaint.amount),
        currency=redemption.currency,
        opened_by=person,
        opened_at=now,
        business_date=operation.branch.business_date(now),
    )
    CaseLine.objects.bulk_create(CaseLine(case=case, line=line) for line in lines)
    _note(case, CaseEvent.Kind.OPENED, person, "", now)
    return case


def _chosen(redemption: Redemption, wanted: Collection[int]) -> list[RedemptionLine]:
    """Those of this redemption, whatever was asked for; with one code there is nothing to choose."""
    lines = list(redemption.lines.all())
    chosen = [line for line in lines if line.pk in wanted] if len(lines) > 1 else lines
    if not chosen:
        raise CaseRefused("no_lines")
    return chosen


def in_dispute(ask: str, worth: Decimal, amount: Decimal | None) -> Decimal:
    """How much of what the codes still count for this puts in doubt. Never more than that, and never nothing."""
    if worth <= 0:
        raise CaseRefused("nothing_left")
    if ask == Case.Ask.GIVE_BACK:
        return worth
    if amount is None or amount <= 0:
        raise CaseRefused("amount_missing")
    if ask == Case.Ask.CREDIT:
        if amount > worth:
            raise CaseRefused("amount_too_large")
        return amount
    if amount >= worth:
        raise CaseRefused("amount_not_below")
    return worth - amount


# On its way -------------------------------------------------------------------------------------------------------------


def note_on_case(case: Case, person: User, text: str, *, now: dt.datetime) -> None:
    """Something to remember about it; a case that is closed can be noted on, too."""
    if not may(person, Permission.CASES, case.branch):
        raise CaseRefused("not_allowed")
    if not text.strip():
        raise CaseRefused("note_missing")
    _note(case, CaseEvent.Kind.NOTED, person, text, now)


def mark_sent(case: Case, person: User, *, now: dt.datetime) -> Case:
    """The letter has left the house: from now on it is the issuer's turn. Raises CaseRefused."""
    with transaction.atomic(durable=True):
        row = _locked(case)
        if not may(person, Permission.CASES_OPEN, row.branch):
            raise CaseRefused("not_allowed")
        if row.state != Case.State.OPEN:
            raise CaseRefused("sent_already" if row.state == Case.State.SENT else "closed_already")
        row.state, row.sent_at = Case.State.SENT, now
        row.save(update_fields=["state", "sent_at"])
        _note(row, CaseEvent.Kind.SENT, person, "", now)
    return row


# Closing ----------------------------------------------------------------------------------------------------------------


def close_case(case: Case, person: User, ruling: Ruling, *, now: dt.datetime) -> Case:
    """Enter the issuer's decision. What it accepts becomes contra lines of today; the redemption stays as it is.

    Raises CaseRefused. Nobody closes a case that they opened.
    """
    with transaction.atomic(durable=True):
        row = _locked(case)
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
        row = _locked(case)
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
    _note(case, CaseEvent.Kind.CLOSED, person, note, now)


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


def _locked(case: Case) -> Case:
    return Case.objects.select_for_update(of=("self",)).select_related("branch").get(pk=case.pk)


def _note(case: Case, kind: str, person: User, text: str, now: dt.datetime) -> None:
    CaseEvent.objects.create(case=case, kind=kind, note=text.strip()[:500], by=person, at=now)
