"""Cards at our twin of Altegio: issued, removed, and changed by hand."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from providers.altegio import sandbox_salon as salon
from providers.altegio import sandbox_shapes as shapes
from providers.altegio.sandbox_salon import Row
from providers.altegio.sandbox_say import invalid, no, not_there, yes
from providers.sandbox.shelf import Draft, Effect
from providers.sandbox.twin import Answer, JsonObject, Request

CENT = Decimal("0.01")


def types_in(place: int, draft: Draft) -> Answer:
    return yes([shapes.card_type(one) for one in salon.TYPES], draft, loyalty=True)


def types_of_chain(draft: Draft) -> Answer:
    return yes([{"id": key, "title": title} for key, title in salon.TYPES.items()], draft, loyalty=True)


def types_for(place: int, phone: str, draft: Draft) -> Answer:
    """Of each type a client has one card at most: an assumption."""
    owned = {row["type_id"] for row in shapes.cards_of(0, phone.lstrip("+"), draft)}
    return yes([shapes.card_type(one) for one in salon.TYPES if one not in owned], draft, loyalty=True)


def of_client(client_id: int, draft: Draft) -> Answer:
    if shapes.client_of(client_id, draft) is None:
        return not_there(draft, "Client not found")
    return _cards(shapes.cards_of(client_id, "", draft), draft)


def of_phone(phone: str, draft: Draft) -> Answer:
    return _cards(shapes.cards_of(0, phone.lstrip("+"), draft), draft)


def of_user(draft: Draft) -> Answer:
    return _cards([], draft)


def _cards(found: list[Row], draft: Draft) -> Answer:
    return yes([shapes.card(row, draft) for row in found], draft, loyalty=True)


def issue(place: int, fields: JsonObject, request: Request, draft: Draft) -> Answer:
    number, phone = str(fields.get("loyalty_card_number") or ""), str(fields.get("phone") or "").lstrip("+")
    type_id = whole(fields.get("loyalty_card_type_id"))
    if type_id not in salon.TYPES:
        return invalid("loyalty_card_type_id", "The card type is not available.", draft)
    person = next((row for row in shapes.clients_in(place, draft) if row["_phone"] == phone), None)
    if person is None:
        return not_there(draft, "Client not found")
    if number and any(row["number"] == number for row in draft.of_kind("card")):
        return invalid("loyalty_card_number", "A card with this number exists already.", draft)
    owned = any(row["type_id"] == type_id for row in shapes.cards_of(person["id"], phone, draft))
    if owned and draft.rule("second_use", "refused") == "refused":
        return invalid("loyalty_card_type_id", "The client has a card of this type already.", draft)
    made = salon.card(draft.next_number("card", 9210600), type_id, person["id"], phone, Decimal(0), number)
    draft.put("card", str(made["id"]), made)
    happened(made, Decimal(0), draft, issued="1")
    return yes(shapes.card(made, draft), draft, loyalty=True)


def remove(identifier: int, draft: Draft) -> Answer:
    row = shapes.card_of(identifier, draft)
    if row is None:
        return not_there(draft)
    draft.put("card", str(identifier), {**row, "gone": True})
    happened(row, Decimal(0), draft, removed="1")
    return Answer(204) if draft.rule("removal", "204") == "204" else yes([], draft)


def by_hand(identifier: int, fields: JsonObject, request: Request, draft: Draft, *, of_chain: bool) -> Answer:
    """They answer the card and never which transaction it was."""
    row, amount = shapes.card_of(identifier, draft), cents(fields.get("amount"))
    if of_chain and draft.rule("right_missing", "none") == "loyalty_cards_manual_transactions_access":
        return no(403, "Not enough rights", draft)
    if row is None:
        return not_there(draft)
    if not amount:
        return invalid("amount", "The amount is required.", draft)
    changed = moved(row, amount, draft)
    if changed is None:
        return invalid("amount", "There are not enough points on the card.", draft)
    made = noted(5 if amount > 0 else 6, abs(amount), request, draft, card_id=identifier)
    title = fields.get("title")
    happened(changed, amount, draft, transaction=str(made["id"]), title=title if isinstance(title, str) else "")
    return yes({**shapes.figures(changed, changed["number"]), "max_discount_percent": 0}, draft)


# How ------------------------------------------------------------------------------------------------------------------


def moved(row: Row, amount: Decimal, draft: Draft) -> Row | None:
    """The card with so much more or less, or None where it does not have as much."""
    balance = Decimal(row["balance"]) + amount
    if balance < 0:
        return None
    changed = {**row, "balance": str(balance.quantize(CENT))}
    draft.put("card", str(row["id"]), changed)
    return changed


def noted(
    kind: int, amount: Decimal, request: Request, draft: Draft, *, card_id: int = 0, program_id: int = 0, **more: Any
) -> Row:
    """A transaction of theirs."""
    identifier = draft.next_number("transaction", 22988861)
    row = {
        "id": identifier,
        "type_id": kind,
        "amount": str(amount.quantize(CENT)),
        "card_id": card_id,
        "program_id": program_id,
        "visit_id": 0,
        "item_id": 0,
        "record_id": 0,
        "at": request.at.isoformat(),
        "gone": False,
        **more,
    }
    draft.put("transaction", str(identifier), row)
    return row


def happened(card: Row, points: Decimal, draft: Draft, *, visit: int = 0, actor: Any = "api", **more: str) -> None:
    """In the ledger: the sum of all `points` of a card is what its balance has changed by."""
    order = str(visit) if visit else ""
    amounts = {"points": str(points.quantize(CENT)), **more}
    draft.happened(Effect(code=str(card["id"]), amounts=amounts, order_id=order, user=str(actor), actor=actor))


def whole(value: Any) -> int:
    """A number, or a text of one; 0 for anything else."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() else 0


def cents(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found.quantize(CENT) if found.is_finite() and abs(found) < 10**9 else None
