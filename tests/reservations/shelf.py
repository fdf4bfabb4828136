"""What a booking provider in memory knows, and tells whoever asks. What is done to it: `book.py`."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from providers.contracts.booking_orders import (
    SlotQuery,
)
from providers.contracts.bookings import (
    AttendanceRecord,
    CustomerRecord,
    PlaceRecord,
    PractitionerRecord,
    ProductRecord,
    ReservationRecord,
    ReservationStatus,
    SlotRecord,
    SubscriptionItemRecord,
    SubscriptionRecord,
    SubscriptionStatus,
)
from providers.errors import BrokenContract, Unavailable
from tests.reservations.made import HOURS, SALMA, at, facial, hours, monthly, raw_of, wire_at, with_raw

S, P = ReservationStatus, SubscriptionStatus
OLAYA, NAKHEEL = "place-olaya", "place-nakheel"


@dataclass
class Shelf:
    """All that is known there, and what is shown of it."""

    customers: dict[str, CustomerRecord] = field(default_factory=dict)
    bookings: dict[str, ReservationRecord] = field(default_factory=dict)
    contracts: dict[str, SubscriptionRecord] = field(default_factory=dict)
    attendances: list[AttendanceRecord] = field(default_factory=list)
    accidents: list[str] = field(default_factory=list)
    landing: list[Callable[[], object]] = field(default_factory=list)
    writes: list[tuple[str, Any]] = field(default_factory=list)
    effects: Counter[tuple[str, ...]] = field(default_factory=Counter)
    messages: list[str] = field(default_factory=list)
    away: bool = False
    nonsense: bool = False  # what they answer is not what anybody has documented
    asked_for: list[SlotQuery] = field(default_factory=list)
    staff: list[PractitionerRecord] = field(default_factory=lambda: [SALMA])
    tells_ids: bool | None = True  # of practitioners; else their names alone, or nothing of them if it is None
    more_products: list[ProductRecord] = field(default_factory=list)
    capacity: int = 4
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    seen_in_transaction: bool = False
    zone_shift: dt.timedelta = dt.timedelta(0)  # how much later than the slots the clock of reservations goes

    def __post_init__(self) -> None:
        for name, phone in (("سارة أحمد", "+966500000001"), ("Omar Ali", "+966500000002")):
            self.add_customer(name, phone)

    # The clinic's own hands -------------------------------------------------------------------------------------------

    def add_customer(self, name: str, phone: str) -> str:
        external_id = f"cust-{next(self.numbers)}"
        record = CustomerRecord(
            external_id=external_id,
            number=external_id[5:],
            name=name,
            phone=phone,
            email="",
            address="",
            company="",
            is_company=False,
            is_blocked=False,
            place_ids=(),
        )
        self.customers[external_id] = replace(record, raw=raw_of(record))
        return external_id

    def add_booking(self, customer_id: str, wire_from: str, wire_to: str, **more: Any) -> str:
        external_id, customer = f"res-{next(self.numbers)}", self.customers[customer_id]
        record = ReservationRecord(
            external_id=external_id,
            number=external_id[4:],
            status=S.PENDING,
            raw_status="Pending",
            custom_status="",
            starts_at=at(wire_from),
            ends_at=at(wire_to),
            wire_starts=self._shifted(wire_from),
            wire_ends=self._shifted(wire_to),
            made_at=None,
            customer_id=customer_id,
            customer_name=customer.name,
            customer_phone=customer.phone,
            product_name="Facial",
            price_name="Once",
            quantity=1,
            practitioners=(SALMA,),
            place_id=OLAYA,
            place_name="Olaya",
            total=Decimal(300),
            remaining=Decimal(300),
            invoice_total=None,
            payment_status="Pending",
            source="Internal",
            cancellation_reason="",
            meeting_url="",
            is_walk_in=False,
            fields=(),
        )
        record = replace(record, **more)
        if self.zone_shift:
            record = replace(record, starts_at=at(record.wire_starts), ends_at=at(record.wire_ends))
        self._keep(record)
        return external_id

    def add_subscription(self, customer_id: str, wire_starts: str, place_id: str = OLAYA) -> str:
        external_id = f"sub-{next(self.numbers)}"
        item = SubscriptionItemRecord("i1", "price-month", "Monthly", "Care", 1, "Monthly")
        record = SubscriptionRecord(
            external_id=external_id,
            code=external_id.upper(),
            status=P.ACTIVE,
            raw_status="Active",
            customer_id=customer_id,
            starts_at=at(wire_starts),
            ends_at=at(wire_starts) + dt.timedelta(days=30),
            wire_starts=wire_starts,
            wire_ends="",
            made_at=None,
            is_paused=False,
            paused_at=None,
            resume_at=None,
            wire_paused="",
            wire_resume="",
            items=(item,),
            place_id=place_id,
            occurrence_days=(),
            paid=None,
            total=None,
            remaining=None,
            invoice_code="",
            invoice_status="",
        )
        self.contracts[external_id] = with_raw(record)
        return external_id

    def change(self, external_id: str, **more: Any) -> None:
        if "wire_starts" in more:
            more |= {"starts_at": at(more["wire_starts"]), "ends_at": at(more["wire_ends"])}
        self._keep(replace(self.bookings[external_id], **more))

    def change_subscription(self, external_id: str, **more: Any) -> None:
        self.contracts[external_id] = with_raw(replace(self.contracts[external_id], **more))

    def land(self) -> None:
        """What was delayed happens now."""
        while self.landing:
            self.landing.pop(0)()

    def _keep(self, record: ReservationRecord) -> None:
        self.bookings[record.external_id] = with_raw(record)

    def _shifted(self, wire: str) -> str:
        return wire_at(at(wire) + self.zone_shift) if self.zone_shift else wire

    # Reads ------------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        from django.db import connection

        self.seen_in_transaction |= connection.in_atomic_block
        if self.away:
            raise Unavailable("no_connection", "refused")
        if self.nonsense:
            raise BrokenContract("not_json", "<html>")

    def check_login(self, secrets: Mapping[str, str]) -> str:
        return "Book"

    def places(self) -> list[PlaceRecord]:
        return [PlaceRecord(one, one.title(), "", "", "", b"{}") for one in (OLAYA, NAKHEEL)]

    def practitioners(self) -> list[PractitionerRecord]:
        return [replace(one, raw=b"{}") for one in self.staff]

    def products(self) -> list[ProductRecord]:
        return [replace(facial(), practitioners=tuple(self.staff)), monthly(), *self.more_products]

    def product(self, external_id: str) -> ProductRecord | None:
        self._read()
        return {one.external_id: one for one in self.products()}.get(external_id)

    def customer(self, external_id: str) -> CustomerRecord | None:
        self._read()
        return self.customers.get(external_id)

    def customers_with(self, phone: str) -> list[CustomerRecord]:
        self._read()
        return [row for row in self.customers.values() if row.phone == phone]

    def reservation(self, external_id: str) -> ReservationRecord | None:
        self._read()
        found = self.bookings.get(external_id)
        return self._told(found) if found else None

    def _told(self, row: ReservationRecord) -> ReservationRecord:
        if self.tells_ids:
            return row
        names = () if self.tells_ids is None else row.practitioners
        return replace(row, practitioners=tuple(replace(one, external_id="") for one in names))

    def reservations_of(self, phone: str, customer_id: str) -> list[ReservationRecord]:
        self._read()
        return [row for row in self.bookings.values() if row.customer_id == customer_id]

    def slots(self, query: SlotQuery) -> list[SlotRecord]:
        self._read()
        self.asked_for.append(query)
        return [self._slot(hour) for hour in HOURS]

    def _slot(self, hour: int) -> SlotRecord:
        wire_from, wire_to = hours(hour)
        taken = sum(
            row.wire_starts == self._shifted(wire_from) and row.status != S.CANCELLED for row in self.bookings.values()
        )
        left = self.capacity - taken
        starts, ends = at(wire_from), at(wire_to)
        who = tuple(one.external_id for one in self.staff)
        return SlotRecord(wire_from, wire_to, starts, ends, left > 0, left, who, Decimal(300), None, None)

    def subscription(self, external_id: str) -> SubscriptionRecord | None:
        self._read()
        return self.contracts.get(external_id)

    def subscriptions_of(self, customer_id: str) -> list[SubscriptionRecord]:
        self._read()
        return [row for row in self.contracts.values() if row.customer_id == customer_id]

    def attendances_of(self, customer_id: str) -> list[AttendanceRecord]:
        self._read()
        return [row for row in self.attendances if row.customer_id == customer_id]
