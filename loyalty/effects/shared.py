"""What all of them share: how a card and a bill are read, what an act notes of its end, and what is read again after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from loyalty.models import Act, Ask
from loyalty.sync import CardsSeen, VisitSeen, cards_of, store_seen
from providers.contracts import Receipt
from providers.contracts.loyalty import LoyaltyCardRecord, LoyaltyProvider
from providers.contracts.loyalty_movements import SIGNS, LoyaltyTransactionRecord, VisitLoyaltyRecord
from providers.contracts.loyalty_orders import Movement
from providers.models import Operation, State
from providers.operations import Look, Verdict

Request = Mapping[str, Any]
DONE = (State.SUCCEEDED, State.RESOLVED_APPLIED)
KEEP = dt.timedelta(minutes=5)


class LoyaltyEffect:
    """Claims end with their operation: tomorrow the same card is used again. `whole`: it happens as it was asked for or not at
    all, so that a person who says that it happened says how much, too."""

    kind = ""
    setting = False
    whole = False
    keeps_claims = False

    def look(self, client: LoyaltyProvider, request: Request) -> Look:
        raise NotImplementedError

    def look_since(self, client: LoyaltyProvider, request: Request, operation: Operation) -> Look:
        raise NotImplementedError

    def send(self, client: LoyaltyProvider, request: Request) -> Receipt:
        raise NotImplementedError

    def attribute(self, client: LoyaltyProvider, request: Request, look: Look) -> Look:
        """They tell nobody whose a transaction is: the title of one by hand is shown to people only."""
        return look

    def store(self, operation: Operation, records: tuple[Any, ...], now: dt.datetime) -> None:
        store_seen(operation.account, records, now)

    def finished(self, operation: Operation, now: dt.datetime) -> None:
        """What was really moved, by their answer or by what a look found."""
        act = Act.objects.filter(operation=operation).first()
        if act is None or operation.state not in DONE:
            return
        for name, value in ending_of(operation).items():
            setattr(act, name, value)
        if act.applied is None and self.whole:
            act.applied = act.requested
        act.save(
            update_fields=["applied", "balance_before", "balance_after", "left_to_pay", "transaction_ids", "made_id"]
        )
        _read_again(act, operation, now)


def ending_of(operation: Operation) -> dict[str, Any]:
    """Of an act that happened. Their answer tells more than a look may; where a person decided, she named what it was."""
    told = operation.outcome.get("references", {})
    seen = operation.outcome.get("seen", {})
    named = operation.outcome.get("named")
    ids = named if named is not None else (told.get("transactions", "").split() or seen.get("new", []))
    made = operation.kind == "loyalty.issue_card"
    return {
        "applied": _figure(told.get("applied", seen.get("applied"))),
        "balance_before": _figure(operation.snapshot.get("before", {}).get("balance")),
        "balance_after": _figure(told.get("balance", seen.get("balance"))),
        "left_to_pay": _figure(told.get("left_to_pay", seen.get("left"))),
        "transaction_ids": [] if made else [str(one)[:80] for one in ids],
        "made_id": _made(told, seen, named) if made else "",
    }


def _made(told: Mapping[str, Any], seen: Mapping[str, Any], named: Sequence[str] | None) -> str:
    found = named if named is not None else [told.get("card") or next(iter(seen.get("new", [])), "")]
    return str(next(iter(found), ""))[:80]


def _figure(text: Any) -> Decimal | None:
    return None if text in (None, "") else Decimal(str(text))


def _read_again(act: Act, operation: Operation, now: dt.datetime) -> None:
    """Their answer proves the change and does not show all of it: a worker reads card and bill into the mirror, and looks up
    which transaction was ours."""
    kind = Ask.Kind.VISIT if act.visit_id else Ask.Kind.CLIENT if act.subject == Act.Subject.CUSTOMER else Ask.Kind.CARD
    ask = Ask(kind=kind, account=operation.account, branch=operation.branch, created_at=now, next_at=now)
    ask.expires_at = now + KEEP
    ask.seal_given(
        {
            "client_id": act.client_id,
            "card_id": act.card_id,
            "visit_id": act.visit_id,
            "record_id": act.record_id,
            "place_id": str(act.asked.get("place_id", "")),
            "day": str(act.asked.get("day", "")),
        }
    )
    ask.save(force_insert=True)


# Reading --------------------------------------------------------------------------------------------------------------


def card_in(seen: CardsSeen, card_id: str) -> LoyaltyCardRecord | None:
    return next((card for card in seen.cards if card.external_id == card_id), None)


def cards_once(client: LoyaltyProvider, request: Request) -> CardsSeen:
    """The client's cards. What one list does not show is not gone."""
    return replace(cards_of(client, request["client_id"]), sure=False)


def card_now(client: LoyaltyProvider, request: Request) -> tuple[CardsSeen, LoyaltyCardRecord | None]:
    """The client's cards, and the one that it is about. That one is gone is negative evidence: it is read twice."""
    for _ in range(2):
        seen = cards_once(client, request)
        card = card_in(seen, request["card_id"])
        if card:
            return seen, card
    return replace(seen, sure=True), None


def bill_of(client: LoyaltyProvider, request: Request) -> VisitSeen | None:
    bill = client.visit_loyalty(request["visit_id"], request["record_id"], request["place_id"])
    return VisitSeen(request["visit_id"], request["record_id"], bill) if bill else None


def on_card(
    bill: VisitLoyaltyRecord, movement: Movement, card_id: str, program_id: str | None = None
) -> list[LoyaltyTransactionRecord]:
    """Of a bill: what stands on this card ('' for none), of this program where one is named."""
    return [
        one
        for one in bill.transactions
        if one.movement is movement and one.card_id == card_id and program_id in (None, one.program_id)
    ]


def signed(one: LoyaltyTransactionRecord) -> Decimal:
    """By how much it changed the card on which it stands. They write amounts without a sign, and may write them with one."""
    return SIGNS.get(one.movement, 0) * abs(one.amount)


def ids_of(rows: Iterable[Any]) -> list[str]:
    return sorted(row.external_id for row in rows)


def total_of(rows: Iterable[LoyaltyTransactionRecord]) -> Decimal:
    return sum((abs(row.amount) for row in rows), Decimal(0))


def taken_by_others(operation: Operation, ids: Collection[str]) -> set[str]:
    """Those of them that are known to be other operations'."""
    others = Act.objects.filter(operation__account=operation.account_id).exclude(operation=operation)
    taken = others.filter(transaction_ids__overlap=list(ids) or [""]).values_list("transaction_ids", flat=True)
    return {one for made in taken for one in made}


def claim_of(subject: str, external_id: str) -> str:
    return f"{subject}:{external_id}"[:120]


def applied(request: Request, facts: Mapping[str, Any], records: Sequence[Any] = (), code: str = "found") -> Look:
    """It is there: every resource of the request is proven."""
    return Look(Verdict.APPLIED, code, facts, frozenset(request["resources"]), tuple(records))
