"""What a test may have happen at our twin of Altegio: many clients, changes at its reception, points that are earned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from providers.altegio import sandbox_cards as cards
from providers.altegio import sandbox_salon as salon
from providers.altegio import sandbox_shapes as shapes
from providers.altegio import sandbox_visits as visits
from providers.altegio.sandbox_salon import Row
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import JsonObject, Request, Unfit

TEN = Decimal(10)


def act(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """{"do": "generate", "count", "seed"}, {"do": "delete", "record"}, {"do": "touch", "record"}, {"do": "earn", "card",
    "amount"}, {"do": "pay", "visit", "amount"}, {"do": "visit", "client"}, {"do": "take", "card"}."""
    acts = {"generate": _generate, "delete": _delete, "touch": _touch, "earn": _earn, "pay": _pay}
    acts |= {"visit": _visit, "take": _take}
    chosen = acts.get(str(fields.get("do")))
    if chosen is None:
        raise Unfit(f"do must be one of {', '.join(acts)}")
    return chosen(fields, request, draft)


def _generate(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """So many clients of the first place, each with a card, the same for the same seed; none with 0."""
    count, seed = fields.get("count", 28_000), fields.get("seed", 1)
    if not isinstance(count, int) or not isinstance(seed, int) or not 0 <= count <= salon.MOST:
        raise Unfit(f"count must be a number up to {salon.MOST}")
    draft.put("many", "", {"count": count, "seed": seed, "at": request.at.isoformat()})
    return {"count": count}


def _changed(fields: JsonObject, request: Request, draft: Draft, **changes: object) -> JsonObject:
    row = draft.find("record", str(fields.get("record")))
    if row is None:
        raise Unfit("record must be the id of one")
    at = request.at.astimezone(dt.UTC).replace(microsecond=0)
    draft.put("record", str(row["id"]), {**row, **changes, "_changed": at.isoformat()})
    return {"record": row["id"]}


def _delete(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    return _changed(fields, request, draft, deleted=True)


def _touch(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """The client arrives."""
    return _changed(fields, request, draft, attendance=1)


def _earn(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """A visit was paid, and its program gives points."""
    card, amount = shapes.card_of(cards.whole(fields.get("card")), draft), cards.cents(fields.get("amount"))
    if card is None or not amount or amount < 0:
        raise Unfit("card must be the id of one, and amount above zero")
    made = cards.noted(2, amount, request, draft, card_id=card["id"], program_id=18006)
    cards.happened(cards.moved(card, amount, draft) or card, amount, draft, actor="portal")
    return {"transaction": made["id"]}


def _visit(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """A client comes today: a new visit of one record."""
    person = shapes.client_of(cards.whole(fields.get("client")), draft)
    if person is None:
        raise Unfit("client must be the id of one")
    record, visit = draft.next_number("record", 700_001), draft.next_number("visit", 800_001)
    starts = shapes.local(request.at, salon.OLAYA).replace(microsecond=0)
    row = {**salon.record(record, visit, person, starts), "_changed": request.at.isoformat()}
    draft.put("record", str(record), row)
    return {"record": record, "visit": visit}


def respend(visit: int, standing: Sequence[Row], request: Request, draft: Draft) -> None:
    """Their reception takes back what a card has paid of a visit, and pays with it anew: five points less."""
    paid = sum((Decimal(one["amount"]) for one in standing), Decimal(0))
    record = next(dict(row) for row in draft.of_kind("record") if row["visit_id"] == visit)
    order = {"record_id": record["id"], "visit_id": visit}
    place, card = record["_place"], standing[0]["card_id"]
    visits.cancel_withdrawal(place, card, order, request, draft, actor="portal")
    less = {**order, "amount": str(max(paid - 5, Decimal(1)))}
    visits.withdraw(place, card, less, request, draft, actor="portal")


def _take(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """Their reception takes ten points by hand."""
    card = shapes.card_of(cards.whole(fields.get("card")), draft)
    if card is None or Decimal(card["balance"]) < TEN:
        raise Unfit("card must be the id of one with ten points")
    made = cards.noted(6, TEN, request, draft, card_id=card["id"])
    cards.happened(cards.moved(card, -TEN, draft) or card, -TEN, draft, actor="portal")
    return {"transaction": made["id"]}


def _pay(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """Somebody pays a part of a visit with money."""
    visit, amount = cards.whole(fields.get("visit")), cards.cents(fields.get("amount"))
    if not visit or not amount or amount < 0:
        raise Unfit("visit must be the id of one, and amount above zero")
    number = draft.next_number("payment", 70001)
    at = shapes.local(request.at, salon.OLAYA).strftime("%Y-%m-%d %H:%M:%S")
    row = {"id": number, "_visit": visit, "amount": str(Decimal(amount)), "date": at, "master": [], "supplier": []}
    draft.put("payment", str(number), row)
    return {"payment": number}
