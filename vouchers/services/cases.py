"""Correcting what cannot be undone: a case asks the issuer, and the redemption stays as it is."""

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
from vouchers.effects import lines_used
from vouchers.models import Case, CaseEvent, CaseLine, Redemption, RedemptionLine
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
    record(case, CaseEvent.Kind.OPENED, person, "", now)
    return case


def _chosen(redemption: Redemption, wanted: Collection[int]) -> list[RedemptionLine]:
    """Of those that this redemption has used, whatever was asked for; with one there is nothing to choose."""
    lines = lines_used(redemption)
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
    record(case, CaseEvent.Kind.NOTED, person, text, now)


def mark_sent(case: Case, person: User, *, now: dt.datetime) -> Case:
    """The letter has left the house: from now on it is the issuer's turn. Raises CaseRefused."""
    with transaction.atomic(durable=True):
        row = locked(case)
        if not may(person, Permission.CASES_OPEN, row.branch):
            raise CaseRefused("not_allowed")
        if row.state != Case.State.OPEN:
            raise CaseRefused("sent_already" if row.state == Case.State.SENT else "closed_already")
        row.state, row.sent_at = Case.State.SENT, now
        row.save(update_fields=["state", "sent_at"])
        record(row, CaseEvent.Kind.SENT, person, "", now)
    return row


def locked(case: Case) -> Case:
    """As it is now, and for as long as this transaction lasts."""
    return Case.objects.select_for_update(of=("self",)).select_related("branch").get(pk=case.pk)


def record(case: Case, kind: str, person: User, text: str, now: dt.datetime) -> None:
    CaseEvent.objects.create(case=case, kind=kind, note=text.strip()[:500], by=person, at=now)
