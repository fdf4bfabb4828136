"""What our twin of Rekaz says by itself, and what a test may have happen there: webhooks, moving rows, many rows."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from typing import Any

from providers.rekaz import sandbox_many as many
from providers.rekaz.sandbox_clinic import Row, guid, iso, reservation, wall
from providers.rekaz.sandbox_lists import bulk_in, find, rows_of
from providers.rekaz.sandbox_shapes import in_riyadh
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Delivery, JsonObject, Request, Unfit

EVENTS = (
    *(f"Reservation{word}Event" for word in ("Created", "Confirmed", "Done", "Cancelled", "Updated")),
    *(f"Subscription{word}Event" for word in ("Created", "Activated", "Cancelled", "Expired", "Paused", "Resumed")),
    *(
        "SubscriptionTransferredEvent",
        "SubscriptionPauseScheduledEvent",
        "MerchandiseOrderCompletedEvent",
        "GiftCreatedEvent",
    ),
)
SHAPES = ("pascal", "camel", "bare")


def act(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """{"do": "generate", "count", "seed"}, {"do": "insert", "count"}, {"do": "delete", "count"}, {"do": "touch", "id"}."""
    acts = {"generate": _generate, "insert": _insert, "delete": _delete, "touch": _touch}
    chosen = acts.get(str(fields.get("do")))
    if chosen is None:
        raise Unfit(f"do must be one of {', '.join(acts)}")
    return chosen(fields, request, draft)


def _number(fields: JsonObject, name: str, default: int, most: int) -> int:
    value = fields.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise Unfit(f"{name} must be a number up to {most}")
    return value


def _generate(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """So many reservations of a fifth as many customers, the same for the same seed and day; none with 0."""
    count, seed = _number(fields, "count", 100_000, many.MOST), _number(fields, "seed", 1, 2**31)
    day = str(fields.get("day") or request.at.date().isoformat())
    draft.put("bulk", "", {"count": count, "seed": seed, "day": day, "gone": []})
    return {"count": count, "customers": max(1, count // 5) if count else 0}


def _insert(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """New ones at the head of the list: every page behind moves on."""
    people = rows_of("customer", draft)
    services = [product for product in rows_of("product", draft) if product["type"] == 0]
    made = []
    for _ in range(_number(fields, "count", 1, 1000)):
        number = draft.next_number("reservation", 10500)
        person, product = people[number % len(people)], services[number % len(services)]
        starts = wall(request.at.date(), 10 + number % 9)
        row = reservation(number, person, product, starts, id=guid(f"inserted/{number}"), creationTime=iso(request.at))
        draft.put("reservation", row["id"], row)
        made.append(row["id"])
    return {"ids": made}


def _delete(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """From the head of the list: every row behind moves forward, past the edge of a page."""
    count = _number(fields, "count", 1, 1000)
    own = sorted(rows_of("reservation", draft), key=lambda row: str(row["creationTime"]), reverse=True)[:count]
    for row in own:
        draft.put("reservation", row["id"], {**row, "_gone": True})
    bulk, ids = bulk_in(draft), [row["id"] for row in own]
    if bulk and len(own) < count:
        numbers = [bulk.visible(place) for place in range(min(count - len(own), len(bulk)))]
        kept = draft.find("bulk", "") or {}
        draft.put("bulk", "", {**kept, "gone": sorted({*bulk.gone, *numbers})})
        ids += [many.reservation_id(number) for number in numbers]
    return {"ids": ids}


def _touch(fields: JsonObject, request: Request, draft: Draft) -> JsonObject:
    """Reception changes something: whatever `set` has, by their names."""
    row = find("reservation", str(fields.get("id")), draft)
    changed = fields.get("set", {"customStatus": "VIP"})
    if row is None or not isinstance(changed, dict) or not set(changed) <= set(row):
        raise Unfit("id must be a reservation's, and set may have what a reservation has")
    draft.put("reservation", row["id"], {**row, **changed})
    return {"id": row["id"]}


def deliveries(fields: JsonObject, request: Request, draft: Draft) -> list[Delivery]:
    """One for each of `events`, some of them `duplicates` times more, in an order that `shuffle` (a seed) chooses."""
    url, events = fields.get("url"), fields.get("events")
    shape = fields.get("shape", "pascal")
    if not isinstance(url, str) or not isinstance(events, list) or shape not in SHAPES:
        raise Unfit(f"webhooks need url, events [{{event, id}}] and perhaps shape: {', '.join(SHAPES)}")
    bodies = [_body(place, event, str(shape), request, draft) for place, event in enumerate(events)]
    bodies += bodies[:1] * _number(fields, "duplicates", 0, 1000)
    if "shuffle" in fields:
        random.Random(_number(fields, "shuffle", 0, 2**31)).shuffle(bodies)
    return [Delivery(url, body, {"Content-Type": "application/json", "User-Agent": "Rekaz"}) for body in bodies]


def _body(place: int, event: Any, shape: str, request: Request, draft: Draft) -> bytes:
    if not isinstance(event, Mapping) or event.get("event") not in EVENTS:
        raise Unfit(f"event must be one of {', '.join(EVENTS)}")
    subject = str(event.get("id", ""))
    inner: Row = {"Id": subject}
    row = find("reservation", subject, draft) if str(event["event"]).startswith("Reservation") else None
    if row:
        inner |= {
            "StartDate": in_riyadh(row["startAt"])[:-1],
            "EndDate": in_riyadh(row["endAt"])[:-1],
            "Status": row["status"],
            "Price": row["reservationTotalAmount"],
            "Customer": {"Name": row["customerName"], "MobileNumber": row["customerMobile"]},
            "ProductName": row["productName"],
            "Number": f"RES{row['reservationNumber']}",
        }
    number = draft.next_number("webhook", 1)
    outer: Row = {
        "Id": event.get("event_id") or guid(f"webhook/{number}/{place}"),
        "EventName": event["event"],
        "CreatedAt": iso(request.at),
        "Data": inner,
    }
    if shape == "bare":
        outer = {**outer, **{f"Reservation{name}" if name == "Id" else name: value for name, value in inner.items()}}
        del outer["Data"]
    return json.dumps(outer if shape == "pascal" else _camel(outer), ensure_ascii=False).encode()


def _camel(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: _camel(inner) for name, inner in value.items()}
    return value
