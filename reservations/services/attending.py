"""Came, went, and the undoing of a mistaken one by its opposite."""

from __future__ import annotations

import datetime as dt

from branches.roles import Permission
from providers.acting import Place
from providers.contracts.booking_orders import Direction, Subject
from providers.models import State
from reservations.effects.shared import claim_of
from reservations.models import Act, Reservation, Subscription
from reservations.selectors.places import Link
from reservations.services.opening import Wish, open_act
from reservations.services.place import CannotBook, allowed, link_to

DONE = (State.SUCCEEDED, State.RESOLVED_APPLIED)
GONE = (State.REFUSED, State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED)
OPPOSITE = {Direction.CHECK_IN: Direction.CHECK_OUT, Direction.CHECK_OUT: Direction.CHECK_IN}


def check_in(row: Reservation | Subscription, place: Place, *, now: dt.datetime) -> Act:
    """Raises CannotBook."""
    return _attend(row, Direction.CHECK_IN, place, now)


def check_out(row: Reservation | Subscription, place: Place, *, now: dt.datetime) -> Act:
    """Raises CannotBook."""
    return _attend(row, Direction.CHECK_OUT, place, now)


def undo_attendance(act: Act, place: Place, *, now: dt.datetime) -> Act:
    """The opposite of a check-in or check-out of ours that was done, once. They keep both. Raises CannotBook."""
    allowed(place, Permission.BOOK)
    if act.operation.kind != "booking.attend" or act.operation.state not in DONE:
        raise CannotBook("nothing_to_undo")
    if act.followed_by.exclude(operation__state__in=GONE).exclude(operation__form_token=place.form_token).exists():
        raise CannotBook("undone_already")
    link = link_to(place, act.operation.account_id)
    direction = OPPOSITE[Direction(act.asked["direction"])]
    return _open(Subject(act.subject), act.subject_id, act.customer_id, direction, place, link, now, act)


def _attend(row: Reservation | Subscription, direction: Direction, place: Place, now: dt.datetime) -> Act:
    allowed(place, Permission.BOOK)
    link = link_to(place, row.account_id)
    if link.place_id and row.place_id not in ("", link.place_id):
        raise CannotBook("not_here")
    if not row.customer_id:
        raise CannotBook("no_customer")
    if row.status == "cancelled":
        raise CannotBook("cancelled")
    subject = Subject.RESERVATION if isinstance(row, Reservation) else Subject.SUBSCRIPTION
    return _open(subject, row.external_id, row.customer_id, direction, place, link, now)


def _open(
    subject: Subject,
    subject_id: str,
    customer_id: str,
    direction: Direction,
    place: Place,
    link: Link,
    now: dt.datetime,
    follows: Act | None = None,
) -> Act:
    request = {
        "subject": subject.value,
        "direction": direction.value,
        "subject_id": subject_id,
        "customer_id": customer_id,
    }
    asked, resources = {"direction": direction.value}, [claim_of(subject, subject_id)]
    wish = Wish("booking.attend", subject, subject_id, customer_id, request, resources, asked, follows)
    return open_act(wish, place, link, now=now)
