"""The exact bytes of every write: documented names in documented order, the same for the same order at a re-send.

Everything is checked before it leaves. Raises ValueError for what they have no words for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from providers.contracts import (
    Attending,
    BookingItem,
    BookingOrder,
    Cancellation,
    Direction,
    Discount,
    Move,
    NewCustomer,
    Pause,
    Resumption,
    Subject,
    SubscriptionOrder,
)
from providers.normalise import plain_amount, zone_named
from providers.rekaz import wire

MOST_ITEMS = 5
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_WIRE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def identifier(given: str) -> str:
    """An id as we send it: opaque, and never something else in a path. Raises ValueError."""
    if not _ID.fullmatch(given):
        raise ValueError("This is not an id of Rekaz.")
    return given


def new_customer(order: NewCustomer, branch: str) -> bytes:
    """POST /customers (§7): `type` there is what a read calls `customerType`, and the phone goes with its plus."""
    if not order.name.strip() or not re.fullmatch(r"\+[1-9][0-9]{6,14}", order.phone, re.ASCII):
        raise ValueError("A customer needs a name and a phone in E.164.")
    optional = {"email": order.email, "address": order.address, "companyName": order.company}
    return _body(
        {
            "name": order.name,
            "mobileNumber": order.phone,
            **{name: value for name, value in optional.items() if value},
            "type": 2 if order.is_company else 1,
            "branchId": identifier(order.place_id or branch),
        }
    )


def booking(order: BookingOrder, branch: str) -> bytes:
    """POST /reservations/bulk (§10), for a customer they have: details of a new one could make two of them."""
    if not 1 <= len(order.items) <= MOST_ITEMS:
        raise ValueError(f"Rekaz books one to {MOST_ITEMS} times at once.")
    return _body(
        {
            "customerId": identifier(order.customer_id),
            "branchId": identifier(order.place_id or branch),
            "items": [_booked(item) for item in order.items],
        }
    )


def _booked(item: BookingItem) -> dict[str, Any]:
    found: dict[str, Any] = {
        "quantity": _quantity(item.quantity),
        "priceId": identifier(item.price_id),
        "from": wire_time(item.wire_from),  # as the slot had them
        "to": wire_time(item.wire_to),
        "providerIds": _ids(item.practitioner_ids),
        "customFields": dict(item.fields),
    }
    if item.discount:
        found["discount"] = _discount(item.discount, item.discount.kind)
    return found


def moved(order: Move) -> bytes:
    """PUT /reservations/{id} (§10): always all three, lest the effect depend on what is there."""
    starts, ends = wire_time(order.wire_starts), wire_time(order.wire_ends)
    return _body({"startDate": starts, "endDate": ends, "providerIds": _ids(order.practitioner_ids)})


def cancelled(order: Cancellation) -> bytes:
    return _body({"cancellationReason": order.reason, "notifyCustomer": order.notify})


def subscribed(order: SubscriptionOrder, branch: str) -> bytes:
    """POST /subscriptions (§8); `occurenceDays` is their spelling."""
    if not order.items:
        raise ValueError("A subscription needs an item.")
    found: dict[str, Any] = {"customerId": identifier(order.customer_id), "startAt": wire_time(order.wire_starts)}
    if order.discount:
        found["discount"] = _discount(order.discount, order.discount.kind.capitalize())
    found["branchId"] = identifier(order.place_id or branch)
    found["items"] = [
        {"priceId": identifier(item.price_id), "quantity": _quantity(item.quantity)} for item in order.items
    ]
    if order.occurrence_days:
        found["occurenceDays"] = list(order.occurrence_days)
    return _body(found)


def paused(order: Pause) -> bytes:
    return _body({"pausedAt": wire_time(order.wire_paused), "resumeAt": wire_time(order.wire_resume)})


def resumed(order: Resumption) -> bytes:
    return _body({"resumeAt": wire_time(order.wire_resume)})


def attended(order: Attending) -> bytes:
    """POST /attendances (§4): here the numbers are documented, and mean what the words of a read swap."""
    return _body(
        {
            "type": 1 if order.subject is Subject.SUBSCRIPTION else 0,
            "actionType": 1 if order.direction is Direction.CHECK_OUT else 0,
            "customerId": identifier(order.customer_id),
            "actionId": identifier(order.subject_id),
        }
    )


def wire_time(text: str) -> str:
    """Verbatim, once it is known to be a time. Raises ValueError."""
    if not _WIRE_TIME.fullmatch(text):
        raise ValueError("This is not a time as Rekaz writes it.")
    wire.moment(text, zone_named("UTC"))
    return text


def _ids(given: Sequence[str]) -> list[str]:
    return [identifier(each) for each in given]


def _quantity(given: int) -> int:
    if not 1 <= given <= 1000:
        raise ValueError("A quantity is one or more.")
    return given


def _discount(given: Discount, kind: str) -> dict[str, Any]:
    most = 100 if given.kind == "percentage" else 10**9
    if not given.value.is_finite() or not 0 <= given.value <= most:
        raise ValueError("This is not a discount.")
    return {"type": kind, "value": Decimal(plain_amount(given.value))}


def _body(fields: dict[str, Any]) -> bytes:
    return _ENCODER.encode(fields)
