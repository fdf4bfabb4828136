"""A booking provider in memory, with real rules, its own ledger, and accidents on order. It never sees our database.

The n-th next write meets its accident: before_effect (the connection broke, nothing happened), lost_answer (it happened, and
nobody heard of it), delayed (nothing yet; it happens when `land` is called), refusal, unsent (no byte left), dies (the process
ends after the effect), dies_before.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from providers.contracts import Receipt
from providers.contracts.booking_orders import (
    Attending,
    BookingOrder,
    Cancellation,
    Move,
    NewCustomer,
    Pause,
    Resumption,
    SlotQuery,
    SubscriptionOrder,
)
from providers.contracts.bookings import (
    AttendanceRecord,
    CustomerRecord,
    FieldRecord,
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
from providers.errors import BrokenContract, OutcomeUnknown, Rejected, Unavailable
from tests.reservations.made import HOURS, SALMA, at, attendance, facial, hours, monthly, raw_of, wire_at, with_raw

S, P = ReservationStatus, SubscriptionStatus
OLAYA, NAKHEEL = "place-olaya", "place-nakheel"


class Died(BaseException):
    """The process that asked is gone."""


@dataclass
class Book:
    """`client()` is what the registry gives."""

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

    # Writes -----------------------------------------------------------------------------------------------------------

    def _write(self, name: str, given: Any, effect: Callable[[], Receipt]) -> Receipt:
        from django.db import connection

        self.seen_in_transaction |= connection.in_atomic_block
        accident = self.accidents.pop(0) if self.accidents else ""
        if self.away or accident == "unsent":
            raise Unavailable("no_connection", "refused")
        self.writes.append((name, given))
        if accident == "dies_before":
            raise Died
        if accident == "refusal":
            raise Rejected("business_rule", "No.", status=403)
        if accident == "before_effect":
            raise OutcomeUnknown("no_answer", "timed out")
        if accident == "delayed":
            self.landing.append(effect)
            raise OutcomeUnknown("no_answer", "timed out")
        receipt = effect()
        if accident == "dies":
            raise Died
        if accident == "lost_answer":
            raise OutcomeUnknown("no_answer", "timed out")
        return receipt

    def create_customer(self, customer: NewCustomer) -> Receipt:
        def effect() -> Receipt:
            self.effects["create_customer", customer.phone] += 1
            return Receipt(references={"customer": self.add_customer(customer.name, customer.phone)})

        return self._write("create_customer", customer, effect)

    def book(self, order: BookingOrder) -> Receipt:
        def effect() -> Receipt:
            made = []
            for item in order.items:
                self.effects["book", order.customer_id, item.wire_from] += 1
                fields = tuple(FieldRecord(name, name, "text", value=value) for name, value in item.fields.items())
                more = {"quantity": item.quantity, "place_id": order.place_id, "fields": fields}
                made.append(self.add_booking(order.customer_id, item.wire_from, item.wire_to, **more))
            return Receipt(references={"reservations": " ".join(made), "payment_link": "https://pay.example/1"})

        return self._write("book", order, effect)

    def reschedule(self, move: Move) -> Receipt:
        def effect() -> Receipt:
            self.effects["reschedule", move.reservation_id, move.wire_starts] += 1
            with_them = tuple(one for one in self.staff if one.external_id in move.practitioner_ids)
            more = {"practitioners": with_them} if with_them else {}
            self.change(move.reservation_id, wire_starts=move.wire_starts, wire_ends=move.wire_ends, **more)
            return Receipt(references={"reservations": move.reservation_id})

        return self._write("reschedule", move, effect)

    def _set(self, name: str, external_id: str, given: Any, status: ReservationStatus) -> Receipt:
        def effect() -> Receipt:
            self.effects[name, external_id] += 1
            self.change(external_id, status=status, raw_status=status.value.title())
            return Receipt(references={"reservations": external_id})

        return self._write(name, given, effect)

    def confirm(self, reservation_id: str) -> Receipt:
        return self._set("confirm", reservation_id, reservation_id, S.CONFIRMED)

    def cancel(self, cancellation: Cancellation) -> Receipt:
        if cancellation.notify:
            self.messages.append(cancellation.reservation_id)
        return self._set("cancel", cancellation.reservation_id, cancellation, S.CANCELLED)

    def finish(self, reservation_id: str) -> Receipt:
        return self._set("finish", reservation_id, reservation_id, S.DONE)

    def subscribe(self, order: SubscriptionOrder) -> Receipt:
        def effect() -> Receipt:
            self.effects["subscribe", order.customer_id] += 1
            self.add_subscription(order.customer_id, order.wire_starts, order.place_id)
            return Receipt(references={"invoice": "inv-1"})

        return self._write("subscribe", order, effect)

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

    def pause(self, pause: Pause) -> Receipt:
        def effect() -> Receipt:
            self.effects["pause", pause.subscription_id] += 1
            dates = {"wire_paused": pause.wire_paused, "wire_resume": pause.wire_resume}
            moments = {"paused_at": at(pause.wire_paused), "resume_at": at(pause.wire_resume)}
            self.change_subscription(pause.subscription_id, **dates, **moments, is_paused=True, status=P.PAUSED)
            return Receipt(references={"subscription": pause.subscription_id})

        return self._write("pause", pause, effect)

    def resume(self, resumption: Resumption) -> Receipt:
        def effect() -> Receipt:
            self.effects["resume", resumption.subscription_id] += 1
            more = {"wire_resume": resumption.wire_resume, "resume_at": at(resumption.wire_resume)}
            self.change_subscription(resumption.subscription_id, **more, is_paused=False, status=P.ACTIVE)
            return Receipt(references={"subscription": resumption.subscription_id})

        return self._write("resume", resumption, effect)

    def attend(self, attending: Attending) -> Receipt:
        def effect() -> Receipt:
            self.effects["attend", attending.subject_id, attending.direction] += 1
            self.attendances.append(attendance(attending, len(self.attendances)))
            return Receipt(references={"reservations": attending.subject_id, "customer": attending.customer_id})

        return self._write("attend", attending, effect)
