"""A subscription's pause, and its end. Class S: both set dates. Dates that are neither the old nor the wanted ones are
somebody else's change, and a person decides."""

from __future__ import annotations

from typing import Any

from providers.contracts import Receipt
from providers.contracts.booking_orders import Pause, Resumption
from providers.contracts.bookings import BookingProvider, SubscriptionRecord, SubscriptionStatus
from providers.models import Operation
from providers.operations import Look, Verdict, before_of
from reservations.effects.shared import BookingEffect, Request, applied
from reservations.effects.times import Moment, agree, moment_from, worst

RUNNING = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAUSED)


def pause_of(row: SubscriptionRecord) -> dict[str, Any]:
    return {
        "status": row.status.value,
        "is_paused": row.is_paused,
        "paused": Moment(row.wire_paused, row.paused_at).plain(),
        "resume": Moment(row.wire_resume, row.resume_at).plain(),
    }


def unchanged(row: SubscriptionRecord, before: dict[str, Any], zone: str) -> bool:
    now = pause_of(row)
    same = all(agree(moment_from(before[one]), moment_from(now[one]), zone) == "same" for one in ("paused", "resume"))
    return same and before["is_paused"] == row.is_paused


class SetPause(BookingEffect):
    setting = True

    def is_there(self, request: Request, row: SubscriptionRecord) -> str:
        """Whether it stands as asked: same, doubtful, other."""
        raise NotImplementedError

    def came_about(self, before: dict[str, Any], row: SubscriptionRecord) -> bool:
        """It was brought about since, whatever dates they show."""
        return False

    def problem(self, row: SubscriptionRecord) -> str:
        raise NotImplementedError

    def look(self, client: BookingProvider, request: Request) -> Look:
        row = client.subscription(request["subscription_id"])
        if row is None:
            return Look(Verdict.BLOCKED, "not_found")
        facts = pause_of(row)
        if row.status == SubscriptionStatus.UNSEEN:
            return Look(Verdict.UNCLEAR, "unseen_status", facts, records=(row,))
        if row.status not in RUNNING:
            return Look(Verdict.BLOCKED, "not_running", facts, records=(row,))
        if self.is_there(request, row) == "same":
            return applied(request, facts, (row,), "already_done")
        problem = self.problem(row)
        return Look(Verdict.BLOCKED if problem else Verdict.CLEAR, problem, facts, records=(row,))

    def look_since(self, client: BookingProvider, request: Request, operation: Operation) -> Look:
        row = client.subscription(request["subscription_id"])
        if row is None:
            return Look(Verdict.UNCLEAR, "not_found")
        facts, there = pause_of(row), self.is_there(request, row)
        if row.status not in RUNNING:
            return Look(Verdict.UNCLEAR, "changed_by_another", facts, records=(row,))
        before = before_of(operation)
        if there == "same" or self.came_about(before, row):
            return applied(request, facts, (row,), "found")
        if before and unchanged(row, before, request["zone"]):
            return Look(Verdict.CLEAR, "", facts, records=(row,))
        code = "time_read_otherwise" if there == "doubtful" else "changed_by_another"
        return Look(Verdict.UNCLEAR, code, facts, records=(row,))


class PauseSubscription(SetPause):
    kind = "booking.pause"

    def is_there(self, request: Request, row: SubscriptionRecord) -> str:
        zone = request["zone"]
        paused = agree(moment_from(request["paused"]), Moment(row.wire_paused, row.paused_at), zone)
        return worst(paused, agree(moment_from(request["resume"]), Moment(row.wire_resume, row.resume_at), zone))

    def problem(self, row: SubscriptionRecord) -> str:
        return "paused_already" if row.is_paused else ""

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        return client.pause(Pause(request["subscription_id"], request["paused"]["wire"], request["resume"]["wire"]))


class ResumeSubscription(SetPause):
    """`resume` is when it goes on: now, or a day that the pause shall end on."""

    kind = "booking.resume"

    def is_there(self, request: Request, row: SubscriptionRecord) -> str:
        if not row.is_paused and row.paused_at is None:
            return "same"
        return agree(moment_from(request["resume"]), Moment(row.wire_resume, row.resume_at), request["zone"])

    def came_about(self, before: dict[str, Any], row: SubscriptionRecord) -> bool:
        return bool(before.get("is_paused")) and not row.is_paused

    def problem(self, row: SubscriptionRecord) -> str:
        return "" if row.is_paused or row.paused_at else "not_paused"

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        return client.resume(Resumption(request["subscription_id"], request["resume"]["wire"]))
