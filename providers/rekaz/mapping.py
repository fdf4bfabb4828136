"""From Rekaz's payloads to our records. Pure, and quick: a first night reads a hundred thousand of them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from providers.contracts import (
    AttendanceRecord,
    CustomerRecord,
    FieldRecord,
    PlaceRecord,
    PractitionerRecord,
    PriceRecord,
    ProductKind,
    ProductRecord,
    ReservationRecord,
    ReservationStatus,
    SlotRecord,
    SubscriptionItemRecord,
    SubscriptionRecord,
    SubscriptionStatus,
)
from providers.http import parsed
from providers.normalise import whole_number
from providers.rekaz import payloads, wire, words
from providers.rekaz.wire import LONGEST_ID, amount, folded, moment, moment_or_none, phone, text

_LONGEST_WORD = 60


class Zones(NamedTuple):
    """`wire` is what they mean by the Z of their times, `place` where the clinic's wall clock hangs."""

    wire: dt.tzinfo
    place: dt.tzinfo


def place(value: Any, zones: Zones, raw: bytes = b"") -> PlaceRecord:
    found = parsed(value, payloads.Branch)
    return PlaceRecord(
        external_id=wire.identifier(found.id),
        name=text(found.name or found.name_ar or found.name_en),
        name_ar=text(found.name_ar),
        name_en=text(found.name_en),  # often Arabic too (fact sheet §5)
        address_url=wire.https_or_nothing(found.address_url),
        raw=raw,
    )


def practitioner(value: Any, zones: Zones, raw: bytes = b"") -> PractitionerRecord:
    found = parsed(value, payloads.Practitioner)
    return PractitionerRecord(external_id=wire.identifier(found.id), name=text(found.name), raw=raw)


def product(value: Any, zones: Zones, raw: bytes = b"") -> ProductRecord:
    found = parsed(value, payloads.Product)
    word = found.type_string or found.type
    return ProductRecord(
        external_id=wire.identifier(found.id),
        name=text(found.name or found.name_ar or found.name_en),
        name_ar=text(found.name_ar),
        name_en=text(found.name_en),
        description=wire.plain_text(found.description),
        kind=words.PRODUCTS.get(folded(word), ProductKind.UNSEEN),
        raw_kind=text(word, _LONGEST_WORD),
        minutes=whole_number(found.duration),
        most_per_order=whole_number(found.maximum_quantity_per_order),
        out_of_stock=bool(found.is_out_of_stock),
        prices=tuple(_price(each) for each in found.pricing or ()),
        practitioners=_practitioners(found.product_providers),
        fields=tuple(_field(each) for each in found.custom_fields or ()),
        place_ids=tuple(text(each, LONGEST_ID) for each in found.branch_ids or ()),
        raw=raw,
    )


def _price(found: payloads.Price) -> PriceRecord:
    full = amount(found.amount)
    discounted = amount(found.discounted_amount)
    assert full is not None
    return PriceRecord(
        external_id=wire.identifier(found.id),
        stable_id=text(found.immutable_id, LONGEST_ID),
        name=text(found.name or found.name_ar or found.name_en),
        name_ar=text(found.name_ar),
        name_en=text(found.name_en),
        amount=full,
        discounted=full if discounted is None else discounted,
        deposit=amount(found.deposit_amount),
        minutes=whole_number(found.duration),
        billing_cycle=text(found.billing_cycle, _LONGEST_WORD),
        billing_days=whole_number(found.billing_period),
        has_deposit=bool(found.has_deposit),
        has_occurrence=bool(found.has_occurrence),
    )


def customer(value: Any, zones: Zones, raw: bytes = b"") -> CustomerRecord:
    found = parsed(value, payloads.Customer)
    return CustomerRecord(
        external_id=wire.identifier(found.id),
        number=text(found.customer_number, _LONGEST_WORD),
        name=text(found.name),
        phone=phone(found.mobile_number),
        email=text(found.email),
        address=text(found.address, 1000),
        company=text(found.company_name),
        is_company=folded(found.customer_type) in ("2", "company", "corporate"),
        is_blocked=bool(found.is_blocked),
        place_ids=tuple(text(each, LONGEST_ID) for each in found.branch_ids or ()),
        raw=raw,
    )


def reservation(value: Any, zones: Zones, raw: bytes = b"") -> ReservationRecord:
    found = parsed(value, payloads.Reservation)
    remaining = found.reservation_remaining_amount
    invoiced = found.invoice_total_amount
    return ReservationRecord(
        external_id=wire.identifier(found.id),
        number=text(found.reservation_number, _LONGEST_WORD),
        status=words.RESERVATIONS.get(folded(found.status), ReservationStatus.UNSEEN),
        raw_status=text(found.status, _LONGEST_WORD),
        custom_status=text(found.custom_status),
        starts_at=moment(found.start_at, zones.wire),
        ends_at=moment(found.end_at, zones.wire),
        wire_starts=found.start_at,
        wire_ends=found.end_at,
        made_at=wire.made_at(found.creation_time),
        customer_id=text(found.customer_id, LONGEST_ID),
        customer_name=text(found.customer_name),
        customer_phone=phone(found.customer_mobile),
        product_name=text(found.product_name),
        price_name=text(found.price_name),
        quantity=_quantity(found.quantity),
        practitioners=_practitioners(found.providers),
        place_id=text(found.branch_id, LONGEST_ID),
        place_name=text(found.branch_name),
        total=amount(found.reservation_total_amount),
        remaining=amount(found.remaining_amount if remaining is None else remaining),
        invoice_total=amount(found.order_total_amount if invoiced is None else invoiced),
        payment_status=text(found.order_payment_status_string, _LONGEST_WORD),
        source=text(found.source, _LONGEST_WORD),
        cancellation_reason=text(found.cancellation_reason, 1000),
        meeting_url=wire.https_or_nothing(found.meeting_url),
        is_walk_in=bool(found.is_walk_in_customer),
        fields=tuple(_field(each) for each in found.custom_fields or ()),
        raw=raw,
    )


def subscription(value: Any, zones: Zones, raw: bytes = b"") -> SubscriptionRecord:
    found = parsed(value, payloads.Subscription)
    days = found.occurrence_days if found.occurence_days is None else found.occurence_days
    return SubscriptionRecord(
        external_id=wire.identifier(found.id),
        code=text(found.subscription_code, _LONGEST_WORD),
        status=words.SUBSCRIPTIONS.get(folded(found.status), SubscriptionStatus.UNSEEN),
        raw_status=text(found.status, _LONGEST_WORD),
        customer_id=text(found.customer_id, LONGEST_ID),
        starts_at=moment(found.start_at, zones.wire),
        ends_at=moment(found.end_at, zones.wire) if found.end_at else None,
        wire_starts=found.start_at,
        wire_ends=str(found.end_at),
        made_at=wire.made_at(found.creation_time),
        is_paused=bool(found.is_paused),
        paused_at=moment_or_none(found.paused_at, zones.wire),
        resume_at=moment_or_none(found.resume_at, zones.wire),
        wire_paused=str(found.paused_at),
        wire_resume=str(found.resume_at),
        items=tuple(_subscribed(each) for each in found.items or ()),
        place_id=text(found.branch_id, LONGEST_ID),
        occurrence_days=tuple(text(each, _LONGEST_WORD) for each in days or ()),
        paid=amount(found.paid_amount),
        total=amount(found.total_amount),
        remaining=amount(found.remaining_amount),
        invoice_code=text(found.last_invoice_code, _LONGEST_WORD),
        invoice_status=text(found.last_invoice_status, _LONGEST_WORD),
        raw=raw,
    )


def _subscribed(found: payloads.SubscribedItem) -> SubscriptionItemRecord:
    return SubscriptionItemRecord(
        external_id=text(found.id, LONGEST_ID),
        price_id=text(found.price_id, LONGEST_ID),
        name=text(found.name),
        product_name=text(found.product_name),
        quantity=_quantity(found.quantity),
        billing_cycle=text(found.billing_cycle, _LONGEST_WORD),
    )


def attendance(value: Any, zones: Zones, raw: bytes = b"") -> AttendanceRecord:
    found = parsed(value, payloads.Attendance)
    return AttendanceRecord(
        external_id=_attendance_id(found),
        subject=words.subject_of(found),
        direction=words.direction_of(found),
        subject_id=text(found.action_id, LONGEST_ID),
        subject_name=text(found.action_name),
        customer_id=text(found.customer_id, LONGEST_ID),
        customer_name=text(found.customer_name),
        customer_phone=phone(found.customer_mobile_number),
        practitioners=_practitioners(found.providers),
        starts_at=moment_or_none(found.action_date_from, zones.wire),
        ends_at=moment_or_none(found.action_date_to, zones.wire),
        is_active=bool(found.is_active),
        may_check_in=bool(found.can_do_check_in),
        is_first=bool(found.is_first_check_in),
        is_package=bool(found.is_package),
        raw=raw,
    )


def attendance_id(value: Any) -> str:
    return _attendance_id(parsed(value, payloads.Attendance))


def _attendance_id(found: payloads.Attendance) -> str:
    """They give none, and no time of its own either: what makes one is who, what, which way and for which hours."""
    if not found.action_id and not found.customer_id:
        raise ValueError("an attendance of nobody, for nothing")
    parts = (words.subject_of(found), words.direction_of(found), found.action_id, found.customer_id)
    hours = (found.action_date_from, found.action_date_to)
    return hashlib.sha256(json.dumps([*map(str, parts), *hours]).encode()).hexdigest()[:32]


def slot(value: Any, zones: Zones) -> SlotRecord | None:
    """None for one that is out of date (fact sheet §10)."""
    found = parsed(value, payloads.Slot)
    if found.is_out_dated:
        return None
    amounts = found.amounts or payloads.Amounts()
    left = whole_number(found.available_reservations_count) or 0
    return SlotRecord(
        wire_from=found.start,
        wire_to=found.end,
        starts_at=moment(found.start, zones.wire),
        ends_at=moment(found.end, zones.wire),
        is_bookable=bool(found.is_available),
        places_left=left,
        practitioner_ids=tuple(text(each, LONGEST_ID) for each in found.available_provider_ids or ()),
        total=amount(amounts.total_price),
        total_after_discount=amount(amounts.total_after_discount),
        deposit=amount(amounts.deposit_amount),
    )


def _practitioners(found: Sequence[str | payloads.Practitioner] | None) -> tuple[PractitionerRecord, ...]:
    """Documented as names, measured as objects."""
    return tuple(
        PractitionerRecord("", text(each))
        if isinstance(each, str)
        else PractitionerRecord(text(each.id, LONGEST_ID), text(each.name))
        for each in found or ()
    )


def _field(found: payloads.Field) -> FieldRecord:
    return FieldRecord(
        name=text(found.name),
        label=text(found.localized_label or found.label),
        kind=text(found.type, _LONGEST_WORD),
        required=bool(found.is_required),
        value=wire.answer(found.value),
    )


def _quantity(value: Decimal | None) -> int:
    found = whole_number(value)
    return 1 if found is None else found


Decode = Callable[[Any, Zones, bytes], Any]
DECODERS: Mapping[str, Decode] = {
    "branches": place,
    "practitioners": practitioner,
    "products": product,
    "customers": customer,
    "reservations": reservation,
    "subscriptions": subscription,
    "attendances": attendance,
}
