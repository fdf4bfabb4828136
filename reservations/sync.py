"""The one writer of the booking mirrors: after a look, after an operation, and in the nightly run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from customers.sync import MIRROR as CUSTOMERS
from providers.contracts.bookings import (
    AttendanceRecord,
    CustomerRecord,
    PlaceRecord,
    PractitionerRecord,
    PriceRecord,
    ProductRecord,
    ReservationRecord,
    SubscriptionRecord,
)
from providers.models import Account
from providers.normalise import clean_text
from providers.sync import Mirror, store_records
from reservations.models import Attendance, Place, Practitioner, Product, Reservation, Subscription

KIND = "reservations"


def place_values(record: PlaceRecord) -> tuple[Any, ...]:
    return _text(record.name), _text(record.name_ar), _text(record.name_en), record.address_url[:500]


def practitioner_values(record: PractitionerRecord) -> tuple[Any, ...]:
    return (_text(record.name),)


def product_values(record: ProductRecord) -> tuple[Any, ...]:
    return (
        *(_text(record.name), _text(record.name_ar), _text(record.name_en), _text(record.description, 1000)),
        *(record.kind.value, record.raw_kind[:40], record.minutes, record.most_per_order, record.out_of_stock),
        [_price(price) for price in record.prices],
        _people(record.practitioners),
        [
            {"name": field.name[:80], "label": _text(field.label), "kind": field.kind, "required": field.required}
            for field in record.fields
        ],
        [place[:80] for place in record.place_ids],
    )


def _price(price: PriceRecord) -> dict[str, Any]:
    return {
        "price_id": price.external_id,
        "stable_id": price.stable_id,
        "names": [_text(price.name), _text(price.name_ar), _text(price.name_en)],
        "amount": str(price.amount),
        "discounted": str(price.discounted),
        "deposit": None if price.deposit is None else str(price.deposit),
        "minutes": price.minutes,
        "billing_cycle": price.billing_cycle,
        "billing_days": price.billing_days,
        "has_occurrence": price.has_occurrence,
    }


def reservation_values(record: ReservationRecord) -> tuple[Any, ...]:
    return (
        *(record.number[:40], record.status.value, record.raw_status[:40], _text(record.custom_status, 80)),
        *(record.starts_at, record.ends_at, record.wire_starts[:40], record.wire_ends[:40], record.made_at),
        *(record.customer_id[:80], _text(record.customer_name), record.customer_phone[:40]),
        *(_text(record.product_name), _text(record.price_name), record.quantity, _people(record.practitioners)),
        *(record.place_id[:80], _text(record.place_name), record.total, record.remaining, record.invoice_total),
        *(record.payment_status[:40], record.source[:40], _text(record.cancellation_reason, 500)),
        *(record.meeting_url[:500], record.is_walk_in),
    )


def subscription_values(record: SubscriptionRecord) -> tuple[Any, ...]:
    items = [
        {
            "id": item.external_id,
            "price_id": item.price_id,
            "name": _text(item.name),
            "product": _text(item.product_name),
            "quantity": item.quantity,
            "cycle": item.billing_cycle,
        }
        for item in record.items
    ]
    return (
        *(record.code[:40], record.status.value, record.raw_status[:40], record.customer_id[:80]),
        *(record.starts_at, record.ends_at, record.wire_starts[:40], record.wire_ends[:40], record.made_at),
        *(record.is_paused, record.paused_at, record.resume_at, record.wire_paused[:40], record.wire_resume[:40]),
        *(items, record.place_id[:80], [day[:20] for day in record.occurrence_days]),
        *(record.paid, record.total, record.remaining, record.invoice_code[:40], record.invoice_status[:40]),
    )


def attendance_values(record: AttendanceRecord) -> tuple[Any, ...]:
    return (
        *(record.subject.value if record.subject else "", record.direction.value if record.direction else ""),
        *(record.subject_id[:80], _text(record.subject_name), record.customer_id[:80], _text(record.customer_name)),
        *(record.customer_phone[:40], _people(record.practitioners), record.starts_at, record.ends_at),
        *(record.is_active, record.may_check_in, record.is_first, record.is_package),
    )


def _people(practitioners: Sequence[PractitionerRecord]) -> list[dict[str, str]]:
    return [{"id": one.external_id[:80], "name": _text(one.name)} for one in practitioners]


def _text(text: str, longest: int = 200) -> str:
    return clean_text(text)[:longest]


MIRRORS: dict[type[Any], Mirror] = {
    PlaceRecord: Mirror(KIND, "branches", Place, ("name", "name_ar", "name_en", "address_url"), place_values),
    PractitionerRecord: Mirror(KIND, "practitioners", Practitioner, ("name",), practitioner_values),
    ProductRecord: Mirror(
        KIND,
        "products",
        Product,
        (
            *("name", "name_ar", "name_en", "description", "kind", "raw_kind", "minutes", "most_per_order"),
            *("out_of_stock", "prices", "practitioners", "fields", "place_ids"),
        ),
        product_values,
    ),
    ReservationRecord: Mirror(
        KIND,
        "reservations",
        Reservation,
        (
            *("number", "status", "raw_status", "custom_status", "starts_at", "ends_at", "wire_starts", "wire_ends"),
            *("made_at", "customer_id", "customer_name", "customer_phone", "product_name", "price_name", "quantity"),
            *("practitioners", "place_id", "place_name", "total", "remaining", "invoice_total", "payment_status"),
            *("source", "cancellation_reason", "meeting_url", "is_walk_in"),
        ),
        reservation_values,
    ),
    SubscriptionRecord: Mirror(
        KIND,
        "subscriptions",
        Subscription,
        (
            *("code", "status", "raw_status", "customer_id", "starts_at", "ends_at", "wire_starts", "wire_ends"),
            *("made_at", "is_paused", "paused_at", "resume_at", "wire_paused", "wire_resume", "items", "place_id"),
            *("occurrence_days", "paid", "total", "remaining", "invoice_code", "invoice_status"),
        ),
        subscription_values,
    ),
    AttendanceRecord: Mirror(
        KIND,
        "attendances",
        Attendance,
        (
            *("subject", "direction", "subject_id", "subject_name", "customer_id", "customer_name"),
            *("customer_phone", "practitioners", "starts_at", "ends_at", "is_active", "may_check_in"),
            *("is_first", "is_package"),
        ),
        attendance_values,
    ),
}


def store_seen(account: Account, records: Sequence[Any], now: dt.datetime) -> None:
    """What was just read, each into its own mirror."""
    for kind, mirror in {**MIRRORS, CustomerRecord: CUSTOMERS}.items():
        mine = [record for record in records if isinstance(record, kind)]
        if mine:
            store_records(account, mirror.collection, mine, now)
