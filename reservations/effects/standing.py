"""Confirm, cancel, done. Class S: each sets a status, so a second send sets it again. A status that is neither the old one nor
the wanted one is somebody else's change, and a person decides."""

from __future__ import annotations

from typing import ClassVar

from providers.contracts import Receipt
from providers.contracts.booking_orders import Cancellation
from providers.contracts.bookings import BookingProvider, ReservationRecord, ReservationStatus
from providers.models import Operation
from providers.operations import Look, Verdict
from reservations.effects.shared import BookingEffect, Request, applied

PENDING, CONFIRMED = ReservationStatus.PENDING, ReservationStatus.CONFIRMED
CANCELLED, DONE = ReservationStatus.CANCELLED, ReservationStatus.DONE


class SetStatus(BookingEffect):
    setting = True
    before: ClassVar[frozenset[ReservationStatus]]
    wanted: ClassVar[ReservationStatus]

    def look(self, client: BookingProvider, request: Request) -> Look:
        row = client.reservation(request["reservation_id"])
        if row is None:
            return Look(Verdict.BLOCKED, "not_found")
        if row.status == self.wanted:
            return applied(request, _facts(row), (row,), "already_done")
        if row.status in self.before:
            return Look(Verdict.CLEAR, "", _facts(row), records=(row,))
        if row.status == ReservationStatus.UNSEEN:
            return Look(Verdict.UNCLEAR, "unseen_status", _facts(row), records=(row,))
        return Look(Verdict.BLOCKED, row.status.value, _facts(row), records=(row,))

    def look_since(self, client: BookingProvider, request: Request, operation: Operation) -> Look:
        row = client.reservation(request["reservation_id"])
        if row is None:
            return Look(Verdict.UNCLEAR, "not_found")
        if row.status == self.wanted:
            return applied(request, _facts(row), (row,), "found")
        if row.status in self.before:
            return Look(Verdict.CLEAR, "", _facts(row), records=(row,))
        return Look(Verdict.UNCLEAR, "changed_by_another", _facts(row), records=(row,))


def _facts(row: ReservationRecord) -> dict[str, str]:
    return {"status": row.status.value, "raw_status": row.raw_status[:40]}


class Confirm(SetStatus):
    kind = "booking.confirm"
    before = frozenset({PENDING})
    wanted = CONFIRMED

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        return client.confirm(request["reservation_id"])


class Cancel(SetStatus):
    kind = "booking.cancel"
    before = frozenset({PENDING, CONFIRMED})
    wanted = CANCELLED

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        return client.cancel(Cancellation(request["reservation_id"], request["reason"], request["notify"]))

    def send_again(self, client: BookingProvider, request: Request) -> Receipt:
        """Without the message: the first send may have told the customer already."""
        return client.cancel(Cancellation(request["reservation_id"], request["reason"], notify=False))


class Finish(SetStatus):
    kind = "booking.done"
    before = frozenset({PENDING, CONFIRMED})
    wanted = DONE

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        return client.finish(request["reservation_id"])
