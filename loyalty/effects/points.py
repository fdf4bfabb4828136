"""Points given or taken by hand (reliability notes §3.3). Class N: every send moves them once more, so a machine sends once.

Their answer is the card and never a transaction, and a transaction has no time and no title. So the look before sending keeps
the card's balance and transactions; afterwards only what is new can be ours, and the balance has to add up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from loyalty.effects.shared import (
    DONE,
    LoyaltyEffect,
    Request,
    applied,
    card_now,
    ids_of,
    signed,
    taken_by_others,
)
from loyalty.models import Act
from loyalty.sync import Dated
from providers.contracts import Receipt
from providers.contracts.loyalty import LoyaltyProvider
from providers.contracts.loyalty_movements import SIGNS, LoyaltyTransactionRecord
from providers.contracts.loyalty_orders import ManualTransaction, Movement, TransactionQuery
from providers.models import Operation
from providers.operations import SEVERAL, Look, Verdict, before_of
from providers.operations.life import database_now

KIND = "loyalty.points"
BY_HAND = (Movement.DEPOSIT_BY_HAND, Movement.WITHDRAWAL_BY_HAND)
AROUND = dt.timedelta(
    days=1
)  # their filter knows days only: one on either side defeats midnight and clocks that differ
LATELY = dt.timedelta(minutes=30)


class MovePoints(LoyaltyEffect):
    kind = KIND
    whole = True

    def look(self, client: LoyaltyProvider, request: Request) -> Look:
        amount = Decimal(request["amount"])
        seen, card = card_now(client, request)
        if card is None:
            return Look(Verdict.BLOCKED, "card_gone", records=(seen,))
        moves = moves_of(client, request["card_id"], request["day"])
        facts = {"balance": str(card.balance), "moves": _moved(moves)}
        if lags(request["card_id"], moves):
            return Look(Verdict.LATER, "list_lags", facts, records=(seen,))
        if card.balance + amount < 0:
            return Look(Verdict.BLOCKED, "balance_too_small", facts, records=(seen,))
        return Look(Verdict.CLEAR, "", facts, records=(seen,))

    def look_since(self, client: LoyaltyProvider, request: Request, operation: Operation) -> Look:
        seen, card = card_now(client, request)
        if card is None:
            return Look(Verdict.UNCLEAR, "card_gone", records=(seen,))
        moves = moves_of(client, request["card_id"], request["day"])
        fits = fitting(new_since(moves, operation), Decimal(request["amount"]))
        facts = {"balance": str(card.balance), "new": ids_of(fits), "of": 1}
        records = (seen, *(Dated(one) for one in fits))
        if len(fits) > 1:
            return Look(Verdict.UNCLEAR, SEVERAL, facts | {"more": len(fits) - 1}, records=records)
        if fits and _has_unlinked(operation, request):
            return Look(Verdict.UNCLEAR, "whose_is_open", facts, records=records)
        if not _adds_up(card.balance, moves, operation):
            return Look(Verdict.UNCLEAR, "balance_does_not_add_up", facts, records=records)
        if fits:
            return applied(request, facts | {"applied": request["amount"]}, records)
        return Look(Verdict.CLEAR, "", facts, records=records)

    def send(self, client: LoyaltyProvider, request: Request) -> Receipt:
        receipt = client.transact(
            ManualTransaction(
                card_id=request["card_id"],
                amount=Decimal(request["amount"]),
                title=f"{request['title']} · {request['order_ref']}",
                scope=request["scope"],
                place_id=request["place_id"],
            )
        )
        return Receipt(receipt.codes, {**receipt.references, "applied": request["amount"]}, receipt.names_each)

    def named_problem(self, operation: Operation, named: Collection[str] | None) -> str:
        """A person names the transaction that she found at the provider, of those that the looks have shown."""
        offered = seen_in(operation)
        if named is None:
            return "not_named" if offered else ""
        if not set(named) <= offered:
            return "not_a_candidate"
        return "too_many_named" if len(set(named)) > 1 else ""


def moves_of(client: LoyaltyProvider, card_id: str, day: str) -> list[LoyaltyTransactionRecord]:
    """What changed this card's balance on the days around."""
    middle = dt.date.fromisoformat(day)
    found = client.transactions(TransactionQuery(middle - AROUND, middle + AROUND, tuple(SIGNS)))
    return [one for one in found if one.card_id == card_id]


def lags(card_id: str, moves: Sequence[LoyaltyTransactionRecord]) -> bool:
    """Whether their list does not show yet what we moved on this card a moment ago: it would look like the next one's. Which
    transaction each of them was is noted on the way."""
    ours = Act.objects.filter(card_id=card_id, operation__kind=KIND, operation__state__in=DONE)
    recent = ours.filter(operation__finished_at__gte=database_now() - LATELY).select_related("operation")
    there = {one.external_id for one in moves}
    return any(
        not (act.transaction_ids or link_transaction(act, moves)) or not there.issuperset(act.transaction_ids)
        for act in recent.order_by("operation__created_at")
    )


def _moved(moves: Sequence[LoyaltyTransactionRecord]) -> dict[str, str]:
    return {one.external_id: str(signed(one)) for one in moves}


def new_since(moves: Sequence[LoyaltyTransactionRecord], operation: Operation) -> list[LoyaltyTransactionRecord]:
    """Without what was there before, and what other operations of ours are known to have made."""
    before = before_of(operation).get("moves", {})
    fresh = [one for one in moves if one.external_id not in before]
    taken = taken_by_others(operation, ids_of(fresh))
    return [one for one in fresh if one.external_id not in taken]


def fitting(moves: Sequence[LoyaltyTransactionRecord], amount: Decimal) -> list[LoyaltyTransactionRecord]:
    return [one for one in moves if one.movement in BY_HAND and signed(one) == amount]


def _adds_up(balance: Decimal, moves: Sequence[LoyaltyTransactionRecord], operation: Operation) -> bool:
    """What was on the card, with all that came since and without what was taken back, is what is on it. Who else moved the
    card may be in the middle of it: then the next look tells."""
    before = before_of(operation)
    if "balance" not in before:
        return True
    known: Mapping[str, Any] = before.get("moves", {})
    came = sum((signed(one) for one in moves if one.external_id not in known), Decimal(0))
    there = {one.external_id for one in moves}
    went = sum((Decimal(value) for name, value in known.items() if name not in there), Decimal(0))
    return Decimal(before["balance"]) + came - went == balance


def _has_unlinked(operation: Operation, request: Request) -> bool:
    """Another of ours moved as much on this card a moment before, and it is not known yet which transaction was its."""
    others = Act.objects.filter(
        operation__account=operation.account_id,
        operation__kind=KIND,
        operation__state__in=DONE,
        operation__finished_at__gte=operation.created_at - LATELY,
        card_id=request["card_id"],
        requested=Decimal(request["amount"]),
        transaction_ids=[],
    )
    return others.exclude(operation=operation).exists()


def seen_in(operation: Operation) -> set[str]:
    """Every transaction that a look of this operation has named."""
    facts = operation.evidence.values_list("facts", flat=True)
    return {str(one) for found in facts for one in found.get("new", ())}


def link_transaction(act: Act, moves: Sequence[LoyaltyTransactionRecord]) -> bool:
    """Which transaction an act was that is done by their word: the one that is new and fits. Of several, none is said to be."""
    if act.transaction_ids or act.operation.kind != KIND or act.operation.state not in DONE or act.requested is None:
        return False
    on_it = [one for one in moves if one.card_id == act.card_id]
    fits = fitting(new_since(on_it, act.operation), act.requested)
    if len(fits) > 1:  # what the next one on this card found there before it was sent is no later one's
        known = _seen_before_the_next(act)
        fits = [one for one in fits if one.external_id in known]
    if len(fits) != 1:
        return False
    act.transaction_ids = ids_of(fits)
    return bool(Act.objects.filter(pk=act.pk, transaction_ids=[]).update(transaction_ids=act.transaction_ids))


def _seen_before_the_next(act: Act) -> Collection[str]:
    """One at a time: what our next operation on this card saw before it was sent stood there when this one had ended."""
    later = Act.objects.filter(operation__account=act.operation.account_id, operation__kind=KIND, card_id=act.card_id)
    later = later.filter(operation__created_at__gte=act.operation.finished_at).exclude(pk=act.pk)
    following = later.select_related("operation").order_by("operation__created_at").first()
    moves: Mapping[str, Any] = before_of(following.operation).get("moves", {}) if following else {}
    return moves
