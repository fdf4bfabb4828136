"""How each record becomes a row, and which table mirrors which collection."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q

from loyalty.models import Appointment, Card, CardType, LoyaltyTransaction, Program, Visit
from loyalty.sync.rounds import ROUNDS
from providers.contracts.loyalty import (
    AppointmentRecord,
    CardTypeRecord,
    LoyaltyCardRecord,
    ProgramRecord,
)
from providers.contracts.loyalty_movements import DatedTransaction, VisitLoyaltyRecord
from providers.normalise import clean_text
from providers.sync import Mirror

KIND = "loyalty"


@dataclass(frozen=True, slots=True)
class VisitSeen:
    """A visit's bill, with whose it is: in their answer it says neither."""

    external_id: str
    record_id: str
    bill: VisitLoyaltyRecord = field(repr=False)

    @property
    def raw(self) -> bytes:
        return self.bill.raw or b"{}"


def card_type_values(record: CardTypeRecord) -> tuple[Any, ...]:
    return _text(record.title), record.chain_id[:80], _text(record.chain_title)


def program_values(record: ProgramRecord) -> tuple[Any, ...]:
    return (
        *(_text(record.title), record.raw_kind[:120], record.chain_id[:80], record.value, record.unit),
        *(record.is_discount, record.is_cashback),
    )


def card_values(record: LoyaltyCardRecord) -> tuple[Any, ...]:
    programs = [
        {
            "id": each.external_id[:80],
            "title": _text(each.title),
            "value": _plain(each.value),
            "unit": each.unit,
            "is_discount": each.is_discount,
            "is_cashback": each.is_cashback,
        }
        for each in record.programs
    ]
    return (
        *(record.number[:40], record.balance, record.points, record.paid, record.sold, record.visits),
        *(record.type_id[:80], _text(record.type_title), record.chain_id[:80], programs),
    )


def transaction_values(seen: DatedTransaction) -> tuple[Any, ...]:
    record = seen.record
    return (
        *(record.movement.value, record.raw_type[:60], record.amount, record.status[:60], record.card_id[:80]),
        *(record.program_id[:80], record.visit_id[:80], record.chain_id[:80], record.item_id[:80]),
        *(record.record_id[:80], record.is_discount, record.is_withdrawal, seen.day),
    )


def appointment_values(record: AppointmentRecord) -> tuple[Any, ...]:
    services = [
        {"id": one.external_id[:80], "title": _text(one.title), "cost": _plain(one.cost)} for one in record.services
    ]
    return (
        *(record.visit_id[:80], record.place_id[:80], record.starts_at, record.minutes, record.attendance.value),
        *(record.client_id[:80], _text(record.client_name), record.client_phone[:40]),
        *(record.practitioner_id[:80], _text(record.practitioner_name), services, record.made_at, record.changed_at),
        *(record.is_deleted, record.is_paid),
    )


def visit_values(seen: VisitSeen) -> tuple[Any, ...]:
    items = [
        {
            "id": item.item_id[:80],
            "title": _text(item.title),
            "kind": item.kind,
            "record_id": item.record_id[:80],
            "quantity": _plain(item.quantity),
            "first_cost": _plain(item.first_cost),
            "discount": _plain(item.discount),
            "cost": _plain(item.cost),
        }
        for item in seen.bill.items
    ]
    loyalty = [
        {
            "id": one.external_id[:80],
            "movement": one.movement.value,
            "amount": _plain(one.amount),
            "card": one.card_id[:80],
            "program": one.program_id[:80],
        }
        for one in seen.bill.transactions
    ]
    payments = [
        {
            "id": one.external_id[:80],
            "amount": _plain(one.amount),
            "paid_at": one.paid_at.isoformat() if one.paid_at else None,
        }
        for one in seen.bill.payments
    ]
    return seen.record_id[:80], items, loyalty, payments, seen.bill.total, seen.bill.left_to_pay


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _text(text: str, longest: int = 200) -> str:
    return clean_text(text)[:longest]


CARD_TYPES = Mirror(KIND, "card_types", CardType, ("title", "chain_id", "chain_title"), card_type_values)
PROGRAMS = Mirror(
    KIND,
    "programs",
    Program,
    ("title", "raw_kind", "chain_id", "value", "unit", "is_discount", "is_cashback"),
    program_values,
)
CARDS = Mirror(
    KIND,
    "cards",
    Card,
    (
        *("number", "balance", "counted", "paid", "sold", "visits", "type_id", "type_title", "chain_id"),
        "programs",
    ),
    card_values,
    subjects=ROUNDS,
    after=("clients", "records", "transactions"),
)
TRANSACTIONS = Mirror(
    KIND,
    "transactions",
    LoyaltyTransaction,
    (
        *("movement", "raw_type", "amount", "status", "card_id", "program_id", "visit_id", "chain_id", "item_id"),
        *("record_id", "is_discount", "is_withdrawal", "day"),
    ),
    transaction_values,
    within=lambda first, until: Q(day__range=(first, until)),
)
RECORDS = Mirror(
    KIND,
    "records",
    Appointment,
    (
        *("visit_id", "place_id", "starts_at", "minutes", "attendance", "client_id", "client_name", "client_phone"),
        *("practitioner_id", "practitioner_name", "services", "made_at", "changed_at", "is_deleted", "is_paid"),
    ),
    appointment_values,
)
VISITS = Mirror(
    KIND,
    "visits",
    Visit,
    ("record_id", "items", "loyalty", "payments", "total", "left_to_pay"),
    visit_values,
    at_night=False,
)
MIRRORS: dict[type[Any], Mirror] = {
    CardTypeRecord: CARD_TYPES,
    ProgramRecord: PROGRAMS,
    AppointmentRecord: RECORDS,
    DatedTransaction: TRANSACTIONS,
    LoyaltyCardRecord: CARDS,
    VisitSeen: VISITS,
}
