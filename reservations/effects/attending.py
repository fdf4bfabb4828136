"""Came, went. Class N: every send is one more, so a machine sends once. They give an attendance no id, so what is compared is
how many of its kind there are. A mistaken one is undone by its opposite, which is another act."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from providers.contracts import Receipt
from providers.contracts.booking_orders import Attending, Direction, Subject
from providers.contracts.bookings import AttendanceRecord, BookingProvider
from providers.models import Operation
from providers.operations import SEVERAL, Look, Verdict, before_of
from reservations.effects.shared import BookingEffect, Request, applied

IN, OUT = Direction.CHECK_IN, Direction.CHECK_OUT


class Attend(BookingEffect):
    kind = "booking.attend"

    def look(self, client: BookingProvider, request: Request) -> Look:
        rows = _of(client, request)
        facts = _counted(rows)
        if any(row.subject is None or row.direction is None for row in rows):
            return Look(Verdict.UNCLEAR, "unseen_status", facts, records=rows)
        problem = attendance_problem(Subject(request["subject"]), Direction(request["direction"]), rows)
        if problem == "already_done":
            return applied(request, facts, rows, problem)
        return Look(Verdict.BLOCKED if problem else Verdict.CLEAR, problem, facts, records=rows)

    def look_since(self, client: BookingProvider, request: Request, operation: Operation) -> Look:
        rows = _of(client, request)
        facts, wanted = _counted(rows), request["direction"]
        more = facts[wanted] - before_of(operation).get(wanted, 0)
        if more == 1:
            return applied(request, facts, rows, "found")
        if more > 1:
            return Look(Verdict.UNCLEAR, SEVERAL, facts, records=rows)
        if any(row.subject is None or row.direction is None for row in rows):
            return Look(Verdict.UNCLEAR, "unseen_status", facts, records=rows)
        return Look(Verdict.CLEAR, "", facts, records=rows)

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        subject, direction = Subject(request["subject"]), Direction(request["direction"])
        return client.attend(Attending(subject, direction, request["subject_id"], request["customer_id"]))


def attendance_problem(subject: Subject, direction: Direction, rows: Sequence[AttendanceRecord]) -> str:
    """Why this cannot be done now. Whoever is in cannot come in, except to a subscription, which is visited many times and
    says itself whether one more is due."""
    came, went = (sum(row.direction == one for row in rows) for one in (IN, OUT))
    if direction == OUT:
        return "" if came > went else "not_checked_in"
    if subject == Subject.SUBSCRIPTION:
        return "" if not rows or any(row.may_check_in for row in rows) else "no_visit_left"
    return "already_done" if came > went else ""


def _of(client: BookingProvider, request: Request) -> tuple[AttendanceRecord, ...]:
    found = client.attendances_of(request["customer_id"])
    return tuple(row for row in found if row.subject_id == request["subject_id"])


def _counted(rows: Sequence[AttendanceRecord]) -> dict[str, int]:
    counts = Counter(row.direction for row in rows)
    return {IN.value: counts[IN], OUT.value: counts[OUT]}
