"""Another time or practitioner, confirmed, cancelled, done."""

from __future__ import annotations

import datetime as dt
from typing import Any

from branches.roles import Permission
from providers.acting import Place
from providers.normalise import clean_text
from reservations.effects.shared import claim_of
from reservations.effects.times import Moment, later
from reservations.models import Act, Reservation
from reservations.selectors.catalogue import practitioner_ids_of, price_named, who_gives
from reservations.selectors.places import Link
from reservations.selectors.slots import Slot
from reservations.services.booking import slot_to_check
from reservations.services.opening import Wish, open_act
from reservations.services.place import CannotBook, allowed, link_to

ALIVE = ("pending", "confirmed")


def reschedule_reservation(
    row: Reservation,
    slot: Slot,
    place: Place,
    *,
    now: dt.datetime,
    practitioner_ids: tuple[str, ...] | None = None,
    keep_length: bool = True,
) -> Act:
    """Move it to a free time. Its length stays unless `keep_length` is off, its practitioners unless others are given.
    Raises CannotBook. The time is looked at once more just before it is taken."""
    link = _at_this_branch(row, place, Permission.BOOK)
    if row.status not in ALIVE:
        raise CannotBook(row.status if row.status in ("cancelled", "done") else "unseen_status")
    if slot.starts_at <= now:
        raise CannotBook("slot_past")
    here = _with(practitioner_ids_of(row), [one["name"] for one in row.practitioners])
    there = here if practitioner_ids is None else _with_others(row, practitioner_ids)
    times = _moments(slot, row if keep_length else None)
    request = {
        "reservation_id": row.external_id,
        "target": {**times, **there},
        "seen": {
            "starts": Moment(row.wire_starts, row.starts_at).plain(),
            "ends": Moment(row.wire_ends, row.ends_at).plain(),
            **here,
        },
        "slots": _slots_to_check(row, slot, there["practitioner_ids"], place),
    }
    asked: dict[str, Any] = {"from": row.starts_at.isoformat(), "to": times["starts"]["at"]}
    asked["until"] = times["ends"]["at"]
    if there != here:
        asked |= {"with": there["practitioner_ids"], "with_names": there["practitioner_names"]}
        asked |= {"were_with": here["practitioner_names"], "only_who": asked["from"] == asked["to"]}
    return _open("booking.reschedule", row, request, asked, place, link, now)


def _with(ids: list[str], names: list[str]) -> dict[str, list[str]]:
    return {"practitioner_ids": ids, "practitioner_names": names}


def _with_others(row: Reservation, ids: tuple[str, ...]) -> dict[str, list[str]]:
    """Of those who give this service. Raises CannotBook."""
    names = {one["id"]: one["name"] for one in who_gives(row)}
    if not ids or not set(ids) <= set(names):
        raise CannotBook("practitioner_wrong")
    return _with(list(ids), [names[key] for key in ids])


def _moments(slot: Slot, kept: Reservation | None) -> dict[str, dict[str, str]]:
    starts, ends = Moment(slot.wire_from, slot.starts_at), Moment(slot.wire_to, slot.ends_at)
    length = kept.ends_at - kept.starts_at if kept else slot.ends_at - slot.starts_at
    if length != slot.ends_at - slot.starts_at:
        ends = Moment(later(slot.wire_from, length), slot.starts_at + length)
    return {"starts": starts.plain(), "ends": ends.plain()}


def _slots_to_check(row: Reservation, slot: Slot, ids: list[str], place: Place) -> list[dict[str, Any]]:
    """None where its price is not known any more: the provider itself says then whether the time is free."""
    price_id = slot.price_id or price_named(row)
    return [slot_to_check(slot, price_id, row.quantity, ids, place)] if price_id else []


def confirm_reservation(row: Reservation, place: Place, *, now: dt.datetime) -> Act:
    link = _at_this_branch(row, place, Permission.BOOK)
    return _open("booking.confirm", row, {"reservation_id": row.external_id}, {}, place, link, now)


def cancel_reservation(row: Reservation, reason: str, place: Place, *, notify: bool, now: dt.datetime) -> Act:
    """A reason is asked for. A message to the customer is a supervisor's to send."""
    link = _at_this_branch(row, place, Permission.BOOK_SUPERVISE if notify else Permission.BOOK)
    text = clean_text(reason)[:300]
    if not text:
        raise CannotBook("no_reason")
    request = {"reservation_id": row.external_id, "reason": text, "notify": notify}
    return _open("booking.cancel", row, request, {"reason": text, "notify": notify}, place, link, now)


def finish_reservation(row: Reservation, place: Place, *, now: dt.datetime) -> Act:
    link = _at_this_branch(row, place, Permission.BOOK)
    return _open("booking.done", row, {"reservation_id": row.external_id}, {}, place, link, now)


def _at_this_branch(row: Reservation, place: Place, permission: str) -> Link:
    allowed(place, permission)
    link = link_to(place, row.account_id)
    if link.place_id and row.place_id not in ("", link.place_id):
        raise CannotBook("not_here")
    return link


def _open(
    kind: str,
    row: Reservation,
    request: dict[str, Any],
    asked: dict[str, Any],
    place: Place,
    link: Link,
    now: dt.datetime,
) -> Act:
    resources = [claim_of("reservation", row.external_id)]
    subject = Act.Subject.RESERVATION
    wish = Wish(kind, subject, row.external_id, row.customer_id, request, resources, {"number": row.number, **asked})
    return open_act(wish, place, link, now=now)
