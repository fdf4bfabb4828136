"""Points, programs and referrals in a visit (reliability notes §3.4).

Applying accumulates: a machine sends it once, and what was taken is what is new in the bill: it may be less than was asked for.
Cancelling is a setting, and theirs names no single transaction: so ours does, and stops where others stand there now.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from loyalty.effects.shared import (
    LoyaltyEffect,
    Request,
    applied,
    bill_of,
    card_now,
    ids_of,
    on_card,
    total_of,
)
from loyalty.sync import Dated, VisitSeen
from providers.contracts import Receipt
from providers.contracts.loyalty import LoyaltyProvider
from providers.contracts.loyalty_movements import LoyaltyTransactionRecord
from providers.contracts.loyalty_orders import (
    CardWithdrawal,
    Movement,
    ProgramCancellation,
    ProgramUse,
    Referral,
    WithdrawalCancellation,
)
from providers.errors import BrokenContract
from providers.models import Operation
from providers.operations import SEVERAL, Look, Verdict, before_of

Rows = list[LoyaltyTransactionRecord]
NOT_OURS = Look(Verdict.UNCLEAR, "other_record")


def _bill(client: LoyaltyProvider, request: Request) -> VisitSeen | None:
    """Before anything is sent. None when the visit is not there. Raises BrokenContract("other_record") for one on which nothing
    can be done: another visit's, or without items."""
    seen = bill_of(client, request)
    if seen and not _proves(seen, request):
        raise BrokenContract("other_record", "The bill is about another visit.")
    return seen


def _proves(seen: VisitSeen, request: Request) -> bool:
    """Whether what a bill does not show is not there. What was to be done stands on a bill with items of ours: one without any,
    or with another record's alone, is about something else."""
    return bool(seen.bill.items) and seen.bill.may_be_of(request["record_id"])


class InVisit(LoyaltyEffect):
    """`made` is what of the bill this kind of act makes or takes back."""

    def made(self, seen: VisitSeen, request: Request) -> Rows:
        raise NotImplementedError


def _facts(seen: VisitSeen, **more: Any) -> dict[str, Any]:
    """`ids`: everything that stood there, so that only what is new can be ours."""
    bill = seen.bill
    return {"ids": ids_of(bill.transactions), "left": str(bill.left_to_pay), "total": str(bill.total), **more}


def _records(seen: VisitSeen, *others: Any) -> tuple[Any, ...]:
    return (seen, *(Dated(one) for one in seen.bill.transactions if one.raw), *others)


# Applying -------------------------------------------------------------------------------------------------------------


class Apply(InVisit):
    def look(self, client: LoyaltyProvider, request: Request) -> Look:
        seen = _bill(client, request)
        if seen is None:
            return Look(Verdict.BLOCKED, "visit_gone")
        facts = _facts(seen)
        if self.made(seen, request):
            return Look(Verdict.BLOCKED, "applied_already", facts, records=_records(seen))
        if not seen.bill.left_to_pay:
            return Look(Verdict.BLOCKED, "nothing_to_pay", facts, records=_records(seen))
        return self.with_card(client, request, seen, facts)

    def with_card(self, client: LoyaltyProvider, request: Request, seen: VisitSeen, facts: dict[str, Any]) -> Look:
        cards, card = card_now(client, request)
        if card is None:
            return Look(Verdict.BLOCKED, "card_gone", facts, records=_records(seen, cards))
        facts["balance"] = str(card.balance)
        problem = self.card_problem(card.balance)
        return Look(Verdict.BLOCKED if problem else Verdict.CLEAR, problem, facts, records=_records(seen, cards))

    def card_problem(self, balance: Decimal) -> str:
        return ""

    def look_since(self, client: LoyaltyProvider, request: Request, operation: Operation) -> Look:
        seen = bill_of(client, request)
        if seen is None:
            return Look(Verdict.UNCLEAR, "visit_gone")
        if not seen.bill.may_be_of(request["record_id"]):
            return NOT_OURS
        before = set(before_of(operation).get("ids", ()))
        new = [one for one in self.made(seen, request) if one.external_id not in before]
        facts = _facts(seen, new=ids_of(new), applied=str(total_of(new)))
        if not new:
            return Look(Verdict.CLEAR, "", facts, records=_records(seen)) if seen.bill.items else NOT_OURS
        if "amount" in request and total_of(new) > Decimal(request["amount"]):
            return Look(Verdict.UNCLEAR, SEVERAL, facts | {"more": 1}, records=_records(seen))
        return applied(request, facts, _records(seen))

    def send(self, client: LoyaltyProvider, request: Request) -> Receipt:
        return self.send_knowing(client, request, {})

    def send_knowing(self, client: LoyaltyProvider, request: Request, before: dict[str, Any]) -> Receipt:
        """`before` has the ids that stood there: without them nobody could tell which of their answer is ours."""
        raise NotImplementedError


class Withdraw(Apply):
    kind = "loyalty.withdraw"

    def made(self, seen: VisitSeen, request: Request) -> Rows:
        return on_card(seen.bill, Movement.WITHDRAWAL, request["card_id"])

    def card_problem(self, balance: Decimal) -> str:
        return "" if balance > 0 else "card_empty"

    def send_knowing(self, client: LoyaltyProvider, request: Request, before: dict[str, Any]) -> Receipt:
        return client.withdraw(
            CardWithdrawal(
                card_id=request["card_id"],
                record_id=request["record_id"],
                visit_id=request["visit_id"],
                amount=Decimal(request["amount"]),
                known=tuple(before.get("ids", ())),
                place_id=request["place_id"],
            )
        )


class ApplyProgram(Apply):
    kind = "loyalty.apply_program"

    def made(self, seen: VisitSeen, request: Request) -> Rows:
        return on_card(seen.bill, Movement.DISCOUNT, request["card_id"], request["program_id"])

    def send_knowing(self, client: LoyaltyProvider, request: Request, before: dict[str, Any]) -> Receipt:
        return client.apply_program(
            ProgramUse(
                card_id=request["card_id"],
                program_id=request["program_id"],
                record_id=request["record_id"],
                visit_id=request["visit_id"],
                known=tuple(before.get("ids", ())),
                place_id=request["place_id"],
            )
        )


class Refer(Apply):
    """Whoever was brought along gets a discount that stands on no card. It cannot be cancelled: they have no call for it."""

    kind = "loyalty.referral"

    def made(self, seen: VisitSeen, request: Request) -> Rows:
        return on_card(seen.bill, Movement.DISCOUNT, "")

    def with_card(self, client: LoyaltyProvider, request: Request, seen: VisitSeen, facts: dict[str, Any]) -> Look:
        return Look(Verdict.CLEAR, "", facts, records=_records(seen))

    def send_knowing(self, client: LoyaltyProvider, request: Request, before: dict[str, Any]) -> Receipt:
        return client.apply_referral(
            Referral(
                record_id=request["record_id"],
                visit_id=request["visit_id"],
                referrer_phone=request["phone"],
                known=tuple(before.get("ids", ())),
                place_id=request["place_id"],
            )
        )


# Cancelling -----------------------------------------------------------------------------------------------------------


class CancelInVisit(InVisit):
    setting = True
    whole = True

    def look(self, client: LoyaltyProvider, request: Request) -> Look:
        seen = _bill(client, request)
        if seen is None:
            return Look(Verdict.BLOCKED, "visit_gone")
        standing = ids_of(self.made(seen, request))
        facts, records = self._before(client, request, seen)
        if not standing:
            return applied(request, facts, records, "already_done")
        if standing != sorted(request["ids"]):
            return Look(Verdict.BLOCKED, "changed_meanwhile", facts, records=records)
        return Look(Verdict.CLEAR, "", facts, records=records)

    def _before(
        self, client: LoyaltyProvider, request: Request, seen: VisitSeen
    ) -> tuple[dict[str, Any], tuple[Any, ...]]:
        cards, card = card_now(client, request)
        facts = _facts(seen, **({"balance": str(card.balance)} if card else {}))
        return facts, _records(seen, cards)

    def look_since(self, client: LoyaltyProvider, request: Request, operation: Operation) -> Look:
        seen = bill_of(client, request)
        if seen is None:
            return Look(Verdict.UNCLEAR, "visit_gone")
        if not _proves(seen, request):
            return NOT_OURS
        standing, facts = ids_of(self.made(seen, request)), _facts(seen)
        if not standing:
            return applied(request, facts | {"applied": request["amount"]}, _records(seen))
        if standing == sorted(request["ids"]):
            return Look(Verdict.CLEAR, "", facts, records=_records(seen))
        return Look(Verdict.UNCLEAR, "changed_by_another", facts, records=_records(seen))

    def cancel(self, client: LoyaltyProvider, request: Request) -> Receipt:
        raise NotImplementedError

    def send(self, client: LoyaltyProvider, request: Request) -> Receipt:
        receipt = self.cancel(client, request)
        return Receipt(receipt.codes, {**receipt.references, "applied": request["amount"]}, receipt.names_each)


class CancelWithdrawal(CancelInVisit):
    kind = "loyalty.cancel_withdrawal"

    def made(self, seen: VisitSeen, request: Request) -> Rows:
        return on_card(seen.bill, Movement.WITHDRAWAL, request["card_id"])

    def cancel(self, client: LoyaltyProvider, request: Request) -> Receipt:
        return client.cancel_withdrawal(
            WithdrawalCancellation(request["card_id"], request["record_id"], request["visit_id"], request["place_id"])
        )


class CancelProgram(CancelInVisit):
    kind = "loyalty.cancel_program"

    def made(self, seen: VisitSeen, request: Request) -> Rows:
        return on_card(seen.bill, Movement.DISCOUNT, request["card_id"], request["program_id"])

    def cancel(self, client: LoyaltyProvider, request: Request) -> Receipt:
        return client.cancel_program(
            ProgramCancellation(
                request["card_id"],
                request["program_id"],
                request["record_id"],
                request["visit_id"],
                request["place_id"],
            )
        )
