"""Reservations for partners: lists of them, one, and what can be done to it."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.pages import MOST_ROWS, as_json, page, read_cursor
from branches.api.reading import body, branch_for, query
from branches.api.refusals import wrong_field
from branches.guests import Guest
from branches.models import Branch
from branches.roles import Permission
from customers.models import ProviderCustomer
from customers.selectors import customer_for, phone_in
from reservations import outcomes, services
from reservations.api.catalogue import READ
from reservations.api.doing import branch_of, do, row_or_404
from reservations.api.forms import (
    ActRow,
    BookForm,
    CancelForm,
    RescheduleForm,
    ReservationQuery,
    ReservationRow,
    VerbForm,
)
from reservations.api.rows import CHANGED, at_branch, select_of, shown_row
from reservations.models import Act, Ask, Reservation
from reservations.selectors import ask_for, product_of, reservation_for, slot_numbered
from reservations.selectors.slots import Slot
from reservations.services import Choice, Place

WRITE = ("reservations:write",)
SLOT = re.compile(r"([0-9a-f]{32})-([0-9]{1,4})")
STILL = "201 once it is proven, 202 while nobody knows: look at Location, and do not ask for the same again."


class Reservations(Endpoint):
    tag = "reservations"
    scopes = {"GET": READ, "POST": WRITE}
    told = {
        "GET": Told(
            "Reservations of a branch, latest start first; with changed_since, as our copy changed",
            "To keep a copy, ask again with `changed_since` fifteen minutes before the greatest `updated_at` that you have: a "
            "page that was being read then would be missed otherwise. Some rows come twice. With changed_since, rows that the "
            "provider does not list any more come too, as `gone`.",
            asks=ReservationQuery,
            answers={200: ReservationRow},
            is_list=True,
            problems=(404,),
            example={"branch": "olaya", "limit": 20},
        ),
        "POST": Told("Book a free time for a customer", STILL, asks=BookForm, answers={201: ActRow}, is_effect=True),
    }

    def get(self, request: Request) -> HttpResponse:
        wanted = query(ReservationQuery, request)
        branch = branch_for(request, wanted["branch"], Permission.BOOKINGS)
        here, given = at_branch(branch, "reservations")
        return _page(f"{here} AND {_which(wanted, branch, given)}", given, wanted)

    def post(self, request: Request) -> HttpResponse:
        wanted, guest = body(BookForm, request), guest_of(request)
        branch = branch_for(request, wanted["branch"], Permission.BOOK)
        customer = customer_at(guest, branch, wanted["customer"])
        ask, slot = slot_of(guest, branch, wanted["slot"])
        return do(request, branch, wanted["external_ref"], lambda place: _book(customer, ask, slot, wanted, place))


def _book(customer: ProviderCustomer, ask: Ask, slot: Slot, wanted: dict[str, Any], place: Place) -> Act:
    product = product_of(ask)
    if product is None or ask.account_id != customer.account_id:
        raise _no_slot()
    practitioners = tuple(ask.given["practitioners"])
    choice = Choice(product, slot.price_id, slot, ask.given["quantity"], practitioners, wanted["answers"])
    return services.book_reservation(customer, [choice], place, now=timezone.now(), again=wanted["again"])


def customer_at(guest: Guest, branch: Branch, row_id: int) -> ProviderCustomer:
    """One of the accounts of that branch, whatever else the key may see."""
    at = Guest(guest.id, guest.key_id, guest.name, frozenset({branch.code}), frozenset({Permission.CUSTOMERS}))
    customer = customer_for(at, row_id)
    if customer is None:
        raise wrong_field("customer", "not_found")
    return customer


def slot_of(guest: Guest, branch: Branch, name: str) -> tuple[Ask, Slot]:
    """A time that was offered to a key that may see this branch. Nobody books one that never was."""
    match = SLOT.fullmatch(name)
    ask = ask_for(guest, uuid.UUID(match[1])) if match else None
    if match is None or ask is None or ask.branch_id != branch.pk or ask.kind != Ask.Kind.SLOTS:
        raise _no_slot()
    slot = slot_numbered(ask, int(match[2]))
    if slot is None:
        raise _no_slot()
    return ask, slot


def _no_slot() -> Exception:
    return wrong_field("slot", "slot_missing", outcomes.refusal("slot_missing").headline)


# The list -------------------------------------------------------------------------------------------------------------


def _which(wanted: dict[str, Any], branch: Branch, given: dict[str, Any]) -> str:
    parts = ["true"]
    for name, condition in {
        "from": "r.starts_at >= %(from)s",
        "to": "r.starts_at < %(to)s",
        "status": "r.status = %(status)s",
    }.items():
        if name in wanted:
            parts.append(condition)
            given[name] = wanted[name]
    if "phone" in wanted:
        parts.append("r.customer_phone = %(phone)s")
        given["phone"] = phone_in(wanted["phone"], branch) or "none"
    if "changed_since" in wanted:
        parts.append(f"{CHANGED} >= %(since)s")
        given["since"] = wanted["changed_since"]
    else:
        parts.append("r.gone_at IS NULL")
    return " AND ".join(parts)


def _page(where: str, given: dict[str, Any], wanted: dict[str, Any]) -> HttpResponse:
    """Two orders, each with its own cursors."""
    row, source = select_of("reservations")
    since = "changed_since" in wanted
    kind, column, sign, way = ("changes", CHANGED, ">", "") if since else ("latest", "r.starts_at", "<", " DESC")
    if after := read_cursor(wanted.get("cursor"), f"reservations.{kind}"):
        where += f" AND ({column}, r.id) {sign} (%(at)s, %(after)s)"
        given |= {"at": after[0], "after": after[1]}
    select = f"SELECT {row}, {column}, r.id {source} WHERE {where} ORDER BY {column}{way}, r.id{way}"
    return page(select, given, wanted["limit"], f"reservations.{kind}")


# One ------------------------------------------------------------------------------------------------------------------


class OneReservation(Endpoint):
    tag = "reservations"
    scopes = {"GET": READ}
    told = {"GET": Told("One reservation", answers={200: ReservationRow}, problems=(404,))}

    def get(self, request: Request, reservation_id: int) -> HttpResponse:
        row = found(request, reservation_id)
        return as_json(shown_row(branch_of(request, row, Permission.BOOKINGS), "reservations", row.pk))


def found(request: Request, row_id: int) -> Reservation:
    """One of the key's branches."""
    row: Reservation = row_or_404(reservation_for, request, min(row_id, MOST_ROWS))
    return row


class Confirm(Endpoint):
    tag = "reservations"
    scopes = {"POST": WRITE}
    told = {"POST": Told("Confirm it", STILL, VerbForm, {201: ActRow}, is_effect=True, example={})}

    def post(self, request: Request, reservation_id: int) -> HttpResponse:
        row, wanted = found(request, reservation_id), body(VerbForm, request)
        branch, now = branch_of(request, row, Permission.BOOK), timezone.now()
        return do(
            request, branch, wanted["external_ref"], lambda place: services.confirm_reservation(row, place, now=now)
        )


class Done(Endpoint):
    tag = "reservations"
    scopes = {"POST": WRITE}
    told = {"POST": Told("The visit is done", STILL, VerbForm, {201: ActRow}, is_effect=True, example={})}

    def post(self, request: Request, reservation_id: int) -> HttpResponse:
        row, wanted = found(request, reservation_id), body(VerbForm, request)
        branch, now = branch_of(request, row, Permission.BOOK), timezone.now()
        return do(
            request, branch, wanted["external_ref"], lambda place: services.finish_reservation(row, place, now=now)
        )


class Cancel(Endpoint):
    tag = "reservations"
    scopes = {"POST": WRITE}
    told = {
        "POST": Told(
            "Cancel it", STILL, CancelForm, {201: ActRow}, is_effect=True, example={"reason": "The customer is ill"}
        )
    }

    def post(self, request: Request, reservation_id: int) -> HttpResponse:
        row, wanted = found(request, reservation_id), body(CancelForm, request)
        branch, now = branch_of(request, row, Permission.BOOK_SUPERVISE), timezone.now()

        def cancel(place: Place) -> Act:
            return services.cancel_reservation(row, wanted["reason"], place, notify=wanted["notify"], now=now)

        return do(request, branch, wanted["external_ref"], cancel)


class Reschedule(Endpoint):
    tag = "reservations"
    scopes = {"POST": WRITE}
    told = {"POST": Told("Move it to a free time", STILL, RescheduleForm, {201: ActRow}, is_effect=True)}

    def post(self, request: Request, reservation_id: int) -> HttpResponse:
        row, wanted, guest = found(request, reservation_id), body(RescheduleForm, request), guest_of(request)
        branch, now = branch_of(request, row, Permission.BOOK), timezone.now()
        ask, slot = slot_of(guest, branch, wanted["slot"])
        if ask.account_id != row.account_id:
            raise _no_slot()

        def move(place: Place) -> Act:
            return services.reschedule_reservation(row, slot, place, now=now)

        return do(request, branch, wanted["external_ref"], move)
