"""What a booking provider is asked for: questions about free times, and the orders of every write."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal


class Subject(StrEnum):
    RESERVATION = "reservation"
    SUBSCRIPTION = "subscription"


class Direction(StrEnum):
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """`starts` and `ends` are wall time of the place, without a zone."""

    price_id: str
    starts: dt.datetime
    ends: dt.datetime
    quantity: int = 1
    practitioner_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discount:
    kind: Literal["percentage", "fixed"]
    value: Decimal


@dataclass(frozen=True, slots=True)
class NewCustomer:
    name: str = field(repr=False)
    phone: str = field(repr=False)  # E.164
    email: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    company: str = ""
    is_company: bool = False
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class BookingItem:
    price_id: str
    quantity: int
    wire_from: str
    wire_to: str
    practitioner_ids: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    discount: Discount | None = None


@dataclass(frozen=True, slots=True)
class BookingOrder:
    """One booking, by the id of a customer they already have. One to five items."""

    customer_id: str
    place_id: str
    items: tuple[BookingItem, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """An absolute target: always both ends and the practitioners, so that the effect does not depend on what is there."""

    reservation_id: str
    wire_starts: str
    wire_ends: str
    practitioner_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cancellation:
    reservation_id: str
    reason: str
    notify: bool


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    price_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class SubscriptionOrder:
    customer_id: str
    place_id: str
    wire_starts: str
    items: tuple[SubscriptionItem, ...]
    occurrence_days: tuple[str, ...] = ()
    discount: Discount | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    subscription_id: str
    wire_paused: str
    wire_resume: str


@dataclass(frozen=True, slots=True)
class Resumption:
    subscription_id: str
    wire_resume: str


@dataclass(frozen=True, slots=True)
class Attending:
    subject: Subject
    direction: Direction
    subject_id: str
    customer_id: str
