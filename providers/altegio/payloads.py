"""Altegio's JSON, validated. Only what a rule needs is required.

Numbers may come as texts and the other way round, truths as 0 and 1, an empty object as an empty list, and unknown fields are
ignored. Their own samples print a card's number as a number and so without its zeros: it is taken, and kept as a text.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from providers.http import Looser as Loose


class Shape(msgspec.Struct, frozen=True):
    """Their names, as they are."""


class Named(Shape, frozen=True):
    id: Loose
    title: Loose = Loose()


class CardType(Shape, frozen=True):
    id: Loose
    title: Loose = Loose()
    salon_group_id: Loose = Loose()
    salon_group: Named | list[Any] | None = None


class ProgramKind(Shape, frozen=True):
    title: Loose = Loose()
    is_discount: Loose = Loose()
    is_cashback: Loose = Loose()


class Program(Shape, frozen=True):
    """As a card names it (`loyalty_type`, `value_unit_id`), and as the search does (`type`, `value_unit`)."""

    id: Loose
    title: Loose = Loose()
    type: Loose = Loose()
    value: Decimal | None = None
    value_unit: Loose = Loose()
    value_unit_id: Loose = Loose()
    group_id: Loose = Loose()
    loyalty_type: ProgramKind | list[Any] | None = None


class Card(Shape, frozen=True):
    id: Loose
    balance: Decimal
    number: Loose = Loose()
    points: Decimal | None = None
    paid_amount: Decimal | None = None
    sold_amount: Decimal | None = None
    visits_count: Decimal | None = None
    type_id: Loose = Loose()
    salon_group_id: Loose = Loose()
    type: Named | list[Any] | None = None
    programs: list[Program] | None = None


class Transaction(Shape, frozen=True):
    id: Loose
    amount: Decimal
    type_id: Loose
    status_id: Loose = Loose()
    card_id: Loose = Loose()
    program_id: Loose = Loose()
    visit_id: Loose = Loose()
    salon_group_id: Loose = Loose()
    item_id: Loose = Loose()
    item_record_id: Loose = Loose()
    is_discount: Loose = Loose()
    is_loyalty_withdraw: Loose = Loose()


class Item(Shape, frozen=True):
    cost: Decimal
    item_id: Loose = Loose()
    item_title: Loose = Loose()
    record_id: Loose = Loose()
    amount: Decimal | None = None
    first_cost: Decimal | None = None
    discount: Decimal | None = None
    is_service: Loose = Loose()
    is_event: Loose = Loose()
    is_good: Loose = Loose()


class Payment(Shape, frozen=True):
    id: Loose
    amount: Decimal
    date: Loose = Loose()


class Bill(Shape, frozen=True):
    """What every call about loyalty in a visit answers, and the visit's details."""

    loyalty_transactions: list[Transaction]
    items: list[Item]
    payment_transactions: list[Payment]


class Client(Shape, frozen=True):
    id: Loose
    name: Loose = Loose()
    surname: Loose = Loose()
    display_name: Loose = Loose()
    phone: Loose = Loose()
    email: Loose = Loose()
    card: Loose = Loose()
    visits: Decimal | None = None
    visits_count: Decimal | None = None
    spent: Decimal | None = None
    sold_amount: Decimal | None = None
    last_visit_date: Loose = Loose()
    last_change_date: Loose = Loose()


class Service(Shape, frozen=True):
    id: Loose
    title: Loose = Loose()
    cost: Decimal | None = None


class Staff(Shape, frozen=True):
    id: Loose = Loose()
    name: Loose = Loose()


class Record(Shape, frozen=True):
    id: Loose
    date: Loose = Loose()
    datetime: Loose = Loose()
    visit_id: Loose = Loose()
    company_id: Loose = Loose()
    staff_id: Loose = Loose()
    staff: Staff | list[Any] | None = None
    client: Client | list[Any] | None = None
    services: list[Service] | None = None
    attendance: Loose = Loose()
    visit_attendance: Loose = Loose()
    length: Decimal | None = None
    seance_length: Decimal | None = None
    comment: Loose = Loose()
    create_date: Loose = Loose()
    last_change_date: Loose = Loose()
    deleted: Loose = Loose()
    paid_full: Loose = Loose()


class Visit(Shape, frozen=True):
    attendance: Loose = Loose()
    datetime: Loose = Loose()
    comment: Loose = Loose()
    records: list[Record] | None = None


class Company(Shape, frozen=True):
    id: Loose
    title: Loose = Loose()
    public_title: Loose = Loose()
    timezone: Loose = Loose()
    timezone_name: Loose = Loose()
    active: Loose = Loose()


class Group(Shape, frozen=True):
    id: Loose
    title: Loose = Loose()
    companies: list[Named] | None = None
    access: dict[str, Any] | list[Any] | None = None


class ChainClient(Shape, frozen=True):
    id: Loose
    company_id: Loose = Loose()
    name: Loose = Loose()


class ChainClients(Shape, frozen=True):
    clients: list[ChainClient]


class Login(Shape, frozen=True):
    user_token: str
    id: Loose = Loose()
    name: Loose = Loose()


class Envelope(Shape, frozen=True):
    success: Any = None
    data: Any = None
    meta: Any = None
    errors: Any = None


class RawEnvelope(Shape, frozen=True):
    data: list[msgspec.Raw]
    success: bool
    meta: Any = None
