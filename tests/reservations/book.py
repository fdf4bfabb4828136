"""A booking provider in memory, with real rules, its own ledger, and accidents on order. It never sees our database.

The n-th next write meets its accident: before_effect (the connection broke, nothing happened), lost_answer (it happened, and
nobody heard of it), delayed (nothing yet; it happens when `land` is called), refusal, unsent (no byte left), dies (the process
ends after the effect), dies_before.
"""

from __future__ import annotations

from collections.abc import Callable
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
    SubscriptionOrder,
)
from providers.contracts.bookings import (
    FieldRecord,
    ReservationStatus,
)
from providers.errors import OutcomeUnknown, Rejected, Unavailable
from tests.reservations.made import at, attendance
from tests.reservations.shelf import P, S, Shelf


class Died(BaseException):
    """The process that asked is gone."""


class Book(Shelf):
    """`client()` is what the registry gives."""

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
            raise Rejected("provider_refused", "No.", status=403)
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
