"""What a booking provider's client gives and takes.

Every record has the provider's own id as text, unread. Times come twice: aware, as the account's zone of the wire says, and
verbatim (`wire_…`), because what a provider means by its own zone is disputed and a slot is passed back as it came. A record
that a mirror keeps has the bytes it was read from (`raw`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from providers.contracts.accounts import Receipt
from providers.contracts.booking_orders import (
    Attending,
    BookingOrder,
    Cancellation,
    Direction,
    Move,
    NewCustomer,
    Pause,
    Resumption,
    SlotQuery,
    Subject,
    SubscriptionOrder,
)


class ReservationStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    DONE = "done"
    UNSEEN = "unseen"  # a word nobody has documented: shown raw to nobody, blocks what depends on it


class SubscriptionStatus(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNSEEN = "unseen"


class ProductKind(StrEnum):
    RESERVATION = "reservation"
    SUBSCRIPTION = "subscription"
    MERCHANDISE = "merchandise"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A branch as the provider knows it."""

    external_id: str
    name: str
    name_ar: str
    name_en: str
    address_url: str  # '' unless it is https
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PractitionerRecord:
    """Who serves: the provider calls this a provider. Reads of a reservation may give a name without an id."""

    external_id: str
    name: str
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class FieldRecord:
    """A question of the merchant's own that a booking answers. `value` is '' in a product."""

    name: str  # the key under which the answer is sent
    label: str
    kind: str
    required: bool = False
    value: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PriceRecord:
    external_id: str  # changes whenever the price is edited
    stable_id: str  # does not; '' where they do not tell
    name: str
    name_ar: str
    name_en: str
    amount: Decimal
    discounted: Decimal
    deposit: Decimal | None
    minutes: int | None
    billing_cycle: str
    billing_days: int | None
    has_deposit: bool
    has_occurrence: bool


@dataclass(frozen=True, slots=True)
class ProductRecord:
    external_id: str
    name: str
    name_ar: str
    name_en: str
    description: str  # text without markup
    kind: ProductKind
    raw_kind: str
    minutes: int | None
    most_per_order: int | None
    out_of_stock: bool
    prices: tuple[PriceRecord, ...]
    practitioners: tuple[PractitionerRecord, ...]
    fields: tuple[FieldRecord, ...]
    place_ids: tuple[str, ...]  # none means: at every place
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    external_id: str
    number: str
    name: str = field(repr=False)
    phone: str = field(repr=False)  # E.164 where it could be read, else as it came
    email: str = field(repr=False)
    address: str = field(repr=False)
    company: str
    is_company: bool
    is_blocked: bool
    place_ids: tuple[str, ...]
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ReservationRecord:
    external_id: str
    number: str
    status: ReservationStatus
    raw_status: str
    custom_status: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    wire_starts: str
    wire_ends: str
    made_at: dt.datetime | None
    customer_id: str
    customer_name: str = field(repr=False)
    customer_phone: str = field(repr=False)
    product_name: str
    price_name: str
    quantity: int
    practitioners: tuple[PractitionerRecord, ...]
    place_id: str
    place_name: str
    total: Decimal | None
    remaining: Decimal | None
    invoice_total: Decimal | None
    payment_status: str
    source: str
    cancellation_reason: str
    meeting_url: str  # '' unless it is https
    is_walk_in: bool
    fields: tuple[FieldRecord, ...] = field(repr=False)
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class SubscriptionItemRecord:
    external_id: str
    price_id: str
    name: str
    product_name: str
    quantity: int
    billing_cycle: str


@dataclass(frozen=True, slots=True)
class SubscriptionRecord:
    external_id: str
    code: str
    status: SubscriptionStatus
    raw_status: str
    customer_id: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    wire_starts: str
    wire_ends: str
    made_at: dt.datetime | None
    is_paused: bool
    paused_at: dt.datetime | None  # may lie ahead: a pause that is planned
    resume_at: dt.datetime | None
    wire_paused: str
    wire_resume: str
    items: tuple[SubscriptionItemRecord, ...]
    place_id: str
    occurrence_days: tuple[str, ...]
    paid: Decimal | None
    total: Decimal | None
    remaining: Decimal | None
    invoice_code: str
    invoice_status: str
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class AttendanceRecord:
    """They give an attendance no id: `external_id` is made of what makes it one."""

    external_id: str
    subject: Subject | None  # None: neither word was one that we know
    direction: Direction | None
    subject_id: str
    subject_name: str
    customer_id: str
    customer_name: str = field(repr=False)
    customer_phone: str = field(repr=False)
    practitioners: tuple[PractitionerRecord, ...]
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    is_active: bool
    may_check_in: bool
    is_first: bool
    is_package: bool
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class SlotRecord:
    """A time that may be booked. `wire_from` and `wire_to` go back as they came."""

    wire_from: str
    wire_to: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    is_bookable: bool
    places_left: int
    practitioner_ids: tuple[str, ...]
    total: Decimal | None
    total_after_discount: Decimal | None
    deposit: Decimal | None


class BookingProvider(Protocol):
    """What every booking provider's client can do. Reads raise Unavailable, BrokenContract, Misconfigured or Rejected, and
    give None for what the provider does not have; writes raise any of the five. A receipt's `references` hold, where the
    provider gives them: customer, invoice, reservations (ids separated by spaces), payment_link, subscription."""

    def check_login(self, secrets: Mapping[str, str]) -> str: ...

    def places(self) -> Sequence[PlaceRecord]: ...

    def practitioners(self) -> Sequence[PractitionerRecord]: ...

    def products(self) -> Sequence[ProductRecord]: ...

    def product(self, external_id: str) -> ProductRecord | None: ...

    def customer(self, external_id: str) -> CustomerRecord | None: ...

    def customers_with(self, phone: str) -> Sequence[CustomerRecord]:
        """All that have exactly this number, filtered here: their own filter is not to be trusted."""

    def reservation(self, external_id: str) -> ReservationRecord | None: ...

    def reservations_of(self, phone: str, customer_id: str) -> Sequence[ReservationRecord]: ...

    def slots(self, query: SlotQuery) -> Sequence[SlotRecord]: ...

    def subscription(self, external_id: str) -> SubscriptionRecord | None: ...

    def subscriptions_of(self, customer_id: str) -> Sequence[SubscriptionRecord]: ...

    def attendances_of(self, customer_id: str) -> Sequence[AttendanceRecord]: ...

    def create_customer(self, customer: NewCustomer) -> Receipt: ...

    def book(self, order: BookingOrder) -> Receipt: ...

    def reschedule(self, move: Move) -> Receipt: ...

    def confirm(self, reservation_id: str) -> Receipt: ...

    def cancel(self, cancellation: Cancellation) -> Receipt: ...

    def finish(self, reservation_id: str) -> Receipt: ...

    def subscribe(self, order: SubscriptionOrder) -> Receipt: ...

    def pause(self, pause: Pause) -> Receipt: ...

    def resume(self, resumption: Resumption) -> Receipt: ...

    def attend(self, attending: Attending) -> Receipt: ...
