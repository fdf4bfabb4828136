"""What our twin of Altegio says by itself, and what a test may have happen there: webhooks, many clients, changes at its
reception, points that are earned."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from decimal import Decimal

from providers.altegio import sandbox_cards as cards
from providers.altegio import sandbox_salon as salon
from providers.altegio import sandbox_shapes as shapes
from providers.altegio import sandbox_visits as visits
from providers.altegio.sandbox_salon import Row
from providers.altegio.sandbox_say import in_figures
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Delivery, JsonObject, Request, Unfit

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


# What it says by itself -------------------------------------------------------------------------------------------------

RESOURCES = ("record", "client", "loyalty_card")
STATUSES = ("create", "update", "delete")
MOST_AGAIN = 1000


def deliveries(fields: JsonObject, request: Request, draft: Draft) -> list[Delivery]:
    """One for each of `events` ({resource, id, status}), or all of them in one where `shape` is "list"; some `duplicates` times
    more, in an order that `shuffle` (a seed) chooses. Their bearer is the same for everybody, and proves nothing."""
    url, events, shape = fields.get("url"), fields.get("events"), fields.get("shape", "each")
    if not isinstance(url, str) or not isinstance(events, list) or shape not in ("each", "list"):
        raise Unfit("webhooks need url, events [{resource, id, status}] and perhaps shape: each, list")
    told = [_event(one, draft) for one in events]
    bodies = [in_figures(told, draft)] if shape == "list" else [in_figures(one, draft) for one in told]
    again = fields.get("duplicates", 0)
    if not isinstance(again, int) or not 0 <= again <= MOST_AGAIN:
        raise Unfit(f"duplicates must be a number up to {MOST_AGAIN}")
    bodies += bodies[:1] * again
    if isinstance(fields.get("shuffle"), int):
        random.Random(fields["shuffle"]).shuffle(bodies)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer shared-by-all-receivers"}
    return [Delivery(url, body, headers) for body in bodies]


def _event(event: object, draft: Draft) -> Row:
    if not isinstance(event, Mapping) or event.get("resource") not in RESOURCES or event.get("status") not in STATUSES:
        raise Unfit(f"an event has a resource ({', '.join(RESOURCES)}), an id and a status ({', '.join(STATUSES)})")
    identifier = cards.whole(event.get("id"))
    shown = {"record": _record, "client": _client, "loyalty_card": _card}[str(event["resource"])](identifier, draft)
    head = {"company_id": salon.OLAYA, "resource": event["resource"], "resource_id": identifier}
    return {**head, "status": event["status"], "data": shown}


def _record(identifier: int, draft: Draft) -> Row:
    row = draft.find("record", str(identifier))
    return shapes.record(dict(row), draft) if row else {"id": identifier}


def _client(identifier: int, draft: Draft) -> Row:
    row = shapes.client_of(identifier, draft)
    return shapes.client(row) if row else {"id": identifier}


def _card(identifier: int, draft: Draft) -> Row:
    """Four things and no time. Of a card that is gone nobody knows what they send."""
    row = draft.find("card", str(identifier)) or shapes.card_of(identifier, draft)
    if not row:
        return {"id": identifier}
    balance = Decimal(row["balance"])
    return {"id": identifier, "balance": balance, "number": row["number"], "phone": f"+{row['phone']}"}
