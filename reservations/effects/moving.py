"""Another time for a reservation, or another practitioner. Class S: the target is absolute, so a second send changes nothing
more; but it is only sent over what we saw before. What is neither the old nor the target somebody else has changed, and a
person decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from providers.contracts import Receipt
from providers.contracts.booking_orders import Move
from providers.contracts.bookings import BookingProvider, ReservationRecord, ReservationStatus
from providers.models import Operation
from providers.normalise import fold_name
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
        if _is_there(request, row):
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
        if _is_there(request, row):
            return applied(request, facts, (row,), "found")
        if _only_who(request) and whom(request["target"], row) == "untold":
            return Look(Verdict.UNCLEAR, "practitioner_not_told", facts, records=(row,))
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
        "practitioner_names": [one.name for one in row.practitioners],
        "status": row.status.value,
    }


def at(place: Mapping[str, Any], row: ReservationRecord, zone: str) -> Agreement:
    """Does it stand there? Practitioners count where they are told."""
    starts = agree(moment_from(place["starts"]), Moment(row.wire_starts, row.starts_at), zone)
    ends = agree(moment_from(place["ends"]), Moment(row.wire_ends, row.ends_at), zone)
    return worst(starts, ends, "other" if whom(place, row) == "other" else "same")


def whom(place: Mapping[str, Any], row: ReservationRecord) -> Literal["same", "other", "untold"]:
    """Is it with these practitioners? By id where both sides name them all by id, else by name."""
    ids, names = set(place["practitioner_ids"]), {fold_name(name) for name in place.get("practitioner_names", ())}
    for wanted, found in (
        (ids, {one.external_id for one in row.practitioners}),
        (names, {fold_name(one.name) for one in row.practitioners}),
    ):
        if wanted and found and "" not in wanted | found:
            return "same" if wanted == found else "other"
    return "untold"


def _is_there(request: Request, row: ReservationRecord) -> bool:
    """Where only the practitioner changes, the time proves nothing."""
    untold = _only_who(request) and whom(request["target"], row) == "untold"
    return at(request["target"], row, request["zone"]) == "same" and not untold


def _only_who(request: Request) -> bool:
    seen, target, zone = request["seen"], request["target"], request["zone"]
    pairs = [(moment_from(seen[name]), moment_from(target[name])) for name in ("starts", "ends")]
    return all(agree(before, after, zone) == "same" for before, after in pairs)
