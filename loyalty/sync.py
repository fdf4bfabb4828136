"""The one writer of the loyalty mirrors: after a look, after an operation, for a webhook, and in the nightly run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction

from customers.sync import CLIENTS
from loyalty.models import Appointment, Card, CardType, Holding, LoyaltyTransaction, Program, Visit
from providers.contracts.loyalty import (
    AppointmentRecord,
    CardTypeRecord,
    LoyaltyCardRecord,
    LoyaltyClientRecord,
    LoyaltyTransactionRecord,
    ProgramRecord,
    VisitLoyaltyRecord,
)
from providers.models import Account
from providers.normalise import clean_text
from providers.sync import Mirror, store_records

KIND = "loyalty"


@dataclass(frozen=True, slots=True)
class CardsSeen:
    """All cards that a client had when we asked: what is not among them is not theirs any more."""

    client_id: str
    cards: Sequence[LoyaltyCardRecord]


@dataclass(frozen=True, slots=True)
class Dated:
    """A transaction and the day of the place under which it was listed; None where a visit or a look showed it."""

    record: LoyaltyTransactionRecord
    day: dt.date | None = None

    @property
    def external_id(self) -> str:
        return self.record.external_id

    @property
    def raw(self) -> bytes:
        """Theirs, with the day in it: the day is all of its time that they tell."""
        said = msgspec.json.decode(self.record.raw or b"{}", type=dict[str, msgspec.Raw])
        if self.day is not None:
            said["day"] = msgspec.Raw(msgspec.json.encode(self.day))
        return msgspec.json.encode(said)


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


def transaction_values(seen: Dated) -> tuple[Any, ...]:
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
    KIND, "visits", Visit, ("record_id", "items", "loyalty", "payments", "total", "left_to_pay"), visit_values
)
MIRRORS: dict[type[Any], Mirror] = {
    CardTypeRecord: CARD_TYPES,
    ProgramRecord: PROGRAMS,
    AppointmentRecord: RECORDS,
    LoyaltyCardRecord: CARDS,
    Dated: TRANSACTIONS,
    VisitSeen: VISITS,
}


def store_seen(account: Account, records: Sequence[Any], now: dt.datetime) -> None:
    """What was just read, each into its own mirror; of a client's cards also whose they are."""
    lists = [one for one in records if isinstance(one, CardsSeen)]
    single = [one for one in records if not isinstance(one, CardsSeen)]
    everything = [*single, *(card for one in lists for card in one.cards)]
    for kind, mirror in {**MIRRORS, LoyaltyClientRecord: CLIENTS}.items():
        mine = [record for record in everything if isinstance(record, kind)]
        if mine:
            store_records(account, mirror.collection, mine, now)
    for one in lists:
        store_holdings(account, one, now)


def store_holdings(account: Account, seen: CardsSeen, now: dt.datetime) -> None:
    """Which cards are a client's, as of `now`. A reading that began earlier than the one we have changes nothing. A card that
    nobody holds any more is marked as gone."""
    ids = [card.external_id[:80] for card in seen.cards]
    mine = Holding.objects.filter(account=account, client_id=seen.client_id[:80])
    with transaction.atomic():
        if mine.filter(seen_at__gt=now).exists():
            return
        lost = list(mine.exclude(card_id__in=ids).values_list("card_id", flat=True))
        mine.filter(card_id__in=lost).delete()
        fresh = [Holding(account=account, client_id=seen.client_id[:80], card_id=one, seen_at=now) for one in ids]
        Holding.objects.bulk_create(
            fresh, update_conflicts=True, update_fields=["seen_at"], unique_fields=["account", "client_id", "card_id"]
        )
        _mark_gone(account, lost, now)
        Card.objects.filter(account=account, external_id__in=ids, gone_at__isnull=False).update(gone_at=None)


def _mark_gone(account: Account, card_ids: Sequence[str], now: dt.datetime) -> None:
    if not card_ids:
        return
    held = Holding.objects.filter(account=account, card_id__in=card_ids).values("card_id")
    rows = Card.objects.filter(account=account, external_id__in=card_ids, gone_at__isnull=True)
    rows.exclude(external_id__in=held).update(gone_at=now)
