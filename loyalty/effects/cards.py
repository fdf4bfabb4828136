"""A card for a client, and its removal. Issuing accumulates and is sent once; a card that is removed stays so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from loyalty.effects.shared import LoyaltyEffect, Request, applied, card_now, cards_once, ids_of
from loyalty.sync import CardsSeen, cards_of
from providers.contracts import Receipt
from providers.contracts.loyalty import LoyaltyCardRecord, LoyaltyProvider
from providers.contracts.loyalty_orders import CardIssue, CardRemoval
from providers.errors import OutcomeUnknown, ProviderError
from providers.models import Evidence, Operation
from providers.operations import SEVERAL, Look, Verdict, before_of
from providers.registry import TooLate

MISSING = "card_missing"
UNSEEN = "card_not_seen"
LACKING = "cards_missing"  # of a list without cards that were there: it may be another client's


class IssueCard(LoyaltyEffect):
    kind = "loyalty.issue_card"

    def look(self, client: LoyaltyProvider, request: Request) -> Look:
        seen = cards_once(client, request)
        facts = {"ids": ids_of(seen.cards)}
        if any(card.type_id == request["type_id"] for card in seen.cards):
            return Look(Verdict.BLOCKED, "has_card", facts, records=(seen,))
        offered = client.card_types_for(request["phone"], request["place_id"])
        if request["type_id"] not in {one.external_id for one in offered}:
            return Look(Verdict.BLOCKED, "type_not_offered", facts, records=(seen,))
        return Look(Verdict.CLEAR, "", facts, records=(seen,))

    def look_since(self, client: LoyaltyProvider, request: Request, operation: Operation) -> Look:
        seen = cards_once(client, request)
        before = set(before_of(operation).get("ids", ()))
        new = [card for card in seen.cards if card.external_id not in before and _fits(card, request)]
        facts = {"new": ids_of(new), "of": 1}
        if answer := _said_yes(operation):
            return _named(answer.facts.get("named", ""), request, facts, seen)
        if len(new) > 1:
            return Look(Verdict.UNCLEAR, SEVERAL, facts | {"more": len(new) - 1}, records=(seen,))
        if new and before.difference(ids_of(seen.cards)) and not operation.evidence.filter(code=LACKING).exists():
            return Look(Verdict.UNCLEAR, LACKING, facts, records=(seen,))
        return applied(request, facts, (seen,)) if new else Look(Verdict.CLEAR, "", facts, records=(seen,))

    def send(self, client: LoyaltyProvider, request: Request) -> Receipt:
        receipt = client.issue_card(
            CardIssue(request["type_id"], request["phone"], request["number"], request["place_id"])
        )
        _made_for(client, request, receipt.references["card"])
        return receipt

    def named_problem(self, operation: Operation, named: Collection[str] | None) -> str:
        """A person names the card that it made, of those that the looks have shown."""
        facts: Sequence[dict[str, list[str]]] = list(operation.evidence.values_list("facts", flat=True))
        offered = {one for found in facts for one in found.get("new", ())}
        if named is None:
            return "not_named" if offered else ""
        if not set(named) <= offered:
            return "not_a_candidate"
        return "too_many_named" if len(set(named)) > 1 else ""


def _said_yes(operation: Operation) -> Evidence | None:
    """Their answer that it is done, of which nobody has seen the card yet."""
    return operation.evidence.filter(source=Evidence.From.RESPONSE, code=UNSEEN).order_by("pk").last()


def _named(card_id: str, request: Request, facts: dict[str, Any], seen: CardsSeen) -> Look:
    """After their yes no list says that there is no card, and no other card is ours than the one that they named."""
    if card_id in facts["new"]:
        return applied(request, facts | {"new": [card_id]}, (seen,))
    return Look(Verdict.UNCLEAR, UNSEEN, facts, records=(seen,))


def _made_for(client: LoyaltyProvider, request: Request, card_id: str) -> None:
    """Their answer names a card by nothing but an id that we have never seen: it must be the client's. Raises OutcomeUnknown:
    it is not, or nobody says so now, and settling looks again. Nor is it too late for anything but this look: the card was
    asked for, whatever the window says now."""
    try:
        theirs = ids_of(cards_of(client, request["client_id"]).cards)
    except ProviderError as problem:
        raise OutcomeUnknown(UNSEEN, f"card {card_id}: {problem.code}", named=card_id) from None
    except TooLate:
        paused = f"card {card_id}: the machine was paused before it could look"
        raise OutcomeUnknown(UNSEEN, paused, named=card_id) from None
    if card_id not in theirs:
        raise OutcomeUnknown(UNSEEN, f"card {card_id}: it is not one of the client's", named=card_id)


def _fits(card: LoyaltyCardRecord, request: Request) -> bool:
    same_number = not request["number"] or card.number.lstrip("0") == request["number"].lstrip("0")
    return card.type_id == request["type_id"] and same_number


class RemoveCard(LoyaltyEffect):
    kind = "loyalty.remove_card"
    setting = True

    def look(self, client: LoyaltyProvider, request: Request) -> Look:
        return self._look(client, request, "already_done")

    def look_since(self, client: LoyaltyProvider, request: Request, operation: Operation) -> Look:
        """That it is done shows only in what their list does not show: two looks must say so, not one list that lags."""
        look = self._look(client, request, "found")
        if look.verdict is Verdict.APPLIED and not operation.evidence.filter(code=MISSING).exists():
            return Look(Verdict.UNCLEAR, MISSING, look.facts)
        return look

    def _look(self, client: LoyaltyProvider, request: Request, code: str) -> Look:
        seen, card = card_now(client, request)
        if card is None:
            return applied(request, {"ids": ids_of(seen.cards)}, (seen,), code)
        return Look(Verdict.CLEAR, "", {"balance": str(card.balance)}, records=(seen,))

    def send(self, client: LoyaltyProvider, request: Request) -> Receipt:
        return client.remove_card(CardRemoval(request["card_id"], request["place_id"]))
