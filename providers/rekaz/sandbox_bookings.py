"""How our twin of Rekaz books, moves, confirms, cancels and finishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from providers.rekaz import sandbox_clinic as clinic
from providers.rekaz.sandbox_clinic import Row, guid, iso
from providers.rekaz.sandbox_lists import find
from providers.rekaz.sandbox_say import invalid, not_there, refused
from providers.rekaz.sandbox_slots import Price, free, is_open, moment, price_of
from providers.rekaz.sandbox_writes import customer_for, done, happened, is_lax
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Answer, JsonObject, Request

MOST_ITEMS = 5
LINKS = {
    "relative": "/orders/pay/{0}",
    "absolute": "https://platform.rekaz.io/i/{0}",
    "protocol_relative": "//evil.invalid/orders/pay/{0}",
    "backslashes": "\\/evil.invalid/orders/pay/{0}",
    "script": "javascript:alert(document.domain)//{0}",
}


def made_ids(request: Request, count: int) -> tuple[str, ...]:
    """The ids that this request's bookings get, known before they are made: faults may let some of them through."""
    return tuple(guid(f"reservation/{request.sequence}/{place}") for place in range(count))


def items_of(fields: JsonObject) -> list[Any]:
    items = fields.get("items")
    return items if isinstance(items, list) else []


def book(fields: JsonObject, request: Request, draft: Draft) -> Answer:
    items = items_of(fields)
    branch = next((one for one in clinic.BRANCHES if one["id"] == str(fields.get("branchId", "")).lower()), None)
    if branch is None:
        return refused("no_branch", request, draft)
    if not items or not all(isinstance(item, dict) for item in items):
        return invalid({"items": "The Items field is required."}, draft)
    if len(items) > MOST_ITEMS:
        return refused("too_many", request, draft)
    person = customer_for(fields, request, draft)
    if isinstance(person, Answer):
        return person
    made = []
    for identifier, item in zip(made_ids(request, len(items)), items, strict=True):
        row = _booked(identifier, item, person, branch, request, draft)
        if isinstance(row, Answer):
            return row
        draft.put("reservation", identifier, row)
        made.append(row)
    return _answer(made, request, draft)


def _answer(made: Sequence[Row], request: Request, draft: Draft) -> Answer:
    invoice, order = guid(f"invoice/{request.sequence}"), made[0]["orderId"]
    for row in made:
        happened(row["id"], draft, invoice=invoice, starts=row["startAt"])
    found: JsonObject = {"reservationIds": [row["id"] for row in made]}
    if draft.rule("invoice_id", "absent") == "present":
        found = {"invoiceId": invoice, **found}
    link = LINKS[draft.rule("payment_link", "relative")].format(order)
    return done({**found, "paymentLink": link}, draft)


def _booked(
    identifier: str, item: JsonObject, person: Row, branch: Row, request: Request, draft: Draft
) -> Row | Answer:
    price = price_of(str(item.get("priceId", "")), draft)
    if price is None:
        return not_there("Price", str(item.get("priceId", "")), draft)
    starts, ends = moment(item.get("from"), draft), moment(item.get("to"), draft)
    quantity = item.get("quantity")
    if starts is None or ends is None or not isinstance(quantity, int) or quantity < 1:
        return invalid({"items[0].from": "The value is not valid."}, draft)
    if price.product["type"] != 0:
        return refused("wrong_kind", request, draft)
    who = _who(price, starts, ends, item.get("providerIds") or [], draft)
    if who is None or starts < request.at - dt.timedelta(minutes=5):
        return refused("taken", request, draft)
    total = price.price["discountedAmount"] * quantity
    number = draft.next_number("reservation", 10500)
    return clinic.reservation(number, person, price.product, starts) | {
        "id": identifier,
        "endAt": iso(ends),
        "status": "Pending" if total else "Confirmed",
        "quantity": quantity,
        "providers": who,
        "customFields": _answers(price, item),
        "orderId": guid(f"order/{request.sequence}"),
        "orderPaymentStatusString": "Pending",
        "reservationTotalAmount": total,
        "orderTotalAmount": total,
        "remainingAmount": total,
        "branchId": branch["id"],
        "branchName": branch["name"],
        "source": "Api",
        "creationTime": iso(request.at),
    }


def _answers(price: Price, item: JsonObject) -> list[Row]:
    given = item.get("customFields")
    labels = {one["name"]: one["label"] for one in price.product["customFields"]}
    return [
        {"name": name, "label": labels.get(name, name), "type": "String", "value": value}
        for name, value in (given if isinstance(given, dict) else {}).items()
    ]


def _who(
    price: Price, starts: dt.datetime, ends: dt.datetime, wanted: list[Any], draft: Draft, but: str = ""
) -> list[Row] | None:
    """Who will serve; None when nobody can, or the clinic is shut."""
    names = {one["id"]: one["name"] for one in price.product["productProviders"]}
    found = list(names) if is_lax(draft) else free(price, starts, ends, draft, but)
    chosen = [one for one in wanted if one in found] if wanted else found[:1]
    if not chosen or len(chosen) < len(wanted) or not (is_lax(draft) or is_open(starts, ends)):
        return None
    return [{"id": one, "name": names[one], "isDeleted": False} for one in chosen]


def change(identifier: str, verb: str, fields: JsonObject, request: Request, draft: Draft) -> Answer:
    row = find("reservation", identifier, draft)
    if row is None:
        return not_there("Reservation", identifier, draft)
    if verb == "":
        return _move(row, fields, request, draft)
    if verb == "confirm":
        return _set(row, {"status": "Confirmed"}, ("Pending",), "not_pending", request, draft)
    if verb == "done":
        return _set(row, {"status": "Done"}, ("Confirmed",), "not_confirmed", request, draft)
    told = fields.get("notifyCustomer") is True
    changed = {
        "status": "Cancelled",
        "cancellationReason": fields.get("cancellationReason"),
        "_notified": [*row.get("_notified", []), iso(request.at)] if told else row.get("_notified", []),
    }
    return _set(row, changed, ("Pending", "Confirmed"), "not_open", request, draft, notified="yes" if told else "no")


def _set(
    row: Row, changed: Row, allowed: Sequence[str], word: str, request: Request, draft: Draft, **amounts: str
) -> Answer:
    if row["status"] not in allowed and not is_lax(draft):
        return refused(word, request, draft)
    draft.put("reservation", row["id"], row | changed)
    happened(row["id"], draft, status=changed["status"], **amounts)
    return Answer(204)


def _move(row: Row, fields: JsonObject, request: Request, draft: Draft) -> Answer:
    """Without an end the length stays, without practitioners they do."""
    starts = moment(fields.get("startDate"), draft)
    if starts is None:
        return invalid({"startDate": "The StartDate field is required."}, draft)
    was = [dt.datetime.fromisoformat(row[name]) for name in ("startAt", "endAt")]
    ends = moment(fields.get("endDate"), draft) or starts + (was[1] - was[0])
    price = price_of(row["_priceId"], draft)
    if row["status"] not in ("Pending", "Confirmed") or price is None:
        return refused("not_open", request, draft)
    kept = [one["id"] for one in row["providers"]]
    who = _who(price, starts, ends, fields.get("providerIds") or kept, draft, row["id"])
    if who is None:
        return refused("taken", request, draft)
    draft.put("reservation", row["id"], row | {"startAt": iso(starts), "endAt": iso(ends), "providers": who})
    happened(row["id"], draft, starts=iso(starts), ends=iso(ends))
    return Answer(204)
