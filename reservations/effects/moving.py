"""Another time for a reservation. Class S: the target is absolute, so a second send changes nothing more; but it is only sent
over what we saw before. What is neither the old nor the target somebody else has changed, and a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.contracts import Receipt
from providers.contracts.bookings import BookingProvider, Move, ReservationRecord, ReservationStatus
from providers.models import Operation
from providers.operations import Look, Verdict, before_of
from reservations.effects.shared import BookingEffect, Request, applied, slot_problem
from reservations.effects.times import Agreement, Moment, agree, moment_from, worst

MOVABLE = (ReservationStatus.PENDING, ReservationStatus.CONFIRMED)


class Reschedule(BookingEffect):
    kind = "booking.reschedule"
    setting = True

    def look(self, client: BookingProvider, request: Request) -> Look:
        row = client.reservation(request["reservation_id"])
        if row is None:
            return Look(Verdict.BLOCKED, "not_found")
        facts = standing_of(row)
        if row.status == ReservationStatus.UNSEEN:
            return Look(Verdict.UNCLEAR, "unseen_status", facts, records=(row,))
        if row.status not in MOVABLE:
            return Look(Verdict.BLOCKED, row.status.value, facts, records=(row,))
        if at(request["target"], row, request["zone"]) == "same":
            return applied(request, facts, (row,), "already_done")
        if at(request["seen"], row, request["zone"]) != "same":
            return Look(Verdict.BLOCKED, "changed_meanwhile", facts, records=(row,))
        problem = slot_problem(client, request["slots"])
        return Look(Verdict.BLOCKED if problem else Verdict.CLEAR, problem, facts, records=(row,))

    def look_since(self, client: BookingProvider, request: Request, operation: Operation) -> Look:
        row = client.reservation(request["reservation_id"])
        if row is None:
            return Look(Verdict.UNCLEAR, "not_found")
        facts, zone = standing_of(row), request["zone"]
        if row.status not in MOVABLE:
            return Look(Verdict.UNCLEAR, "changed_by_another", facts, records=(row,))
        if at(request["target"], row, zone) == "same":
            return applied(request, facts, (row,), "found")
        old = before_of(operation) or request["seen"]
        if at(old, row, zone) == "same":
            return Look(Verdict.CLEAR, "", facts, records=(row,))
        doubt = at(request["target"], row, zone) == "doubtful"
        code = "time_read_otherwise" if doubt else "changed_by_another"
        return Look(Verdict.UNCLEAR, code, facts, records=(row,))

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        target = request["target"]
        ids = tuple(target["practitioner_ids"])
        starts, ends = target["starts"]["wire"], target["ends"]["wire"]
        return client.reschedule(Move(request["reservation_id"], starts, ends, ids))


def standing_of(row: ReservationRecord) -> dict[str, Any]:
    """Where a reservation stands, for the snapshot and for whoever compares."""
    return {
        "starts": Moment(row.wire_starts, row.starts_at).plain(),
        "ends": Moment(row.wire_ends, row.ends_at).plain(),
        "practitioner_ids": [one.external_id for one in row.practitioners],
        "status": row.status.value,
    }


def at(place: Mapping[str, Any], row: ReservationRecord, zone: str) -> Agreement:
    """Does it stand there? Practitioners count where both sides name them all by id."""
    starts = agree(moment_from(place["starts"]), Moment(row.wire_starts, row.starts_at), zone)
    ends = agree(moment_from(place["ends"]), Moment(row.wire_ends, row.ends_at), zone)
    wanted, found = set(place["practitioner_ids"]), {one.external_id for one in row.practitioners}
    readable = wanted and found and "" not in wanted | found
    return worst(starts, ends, "other" if readable and wanted != found else "same")
