"""Subscriptions and attendances for partners."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.pages import MOST_ROWS, page, read_cursor
from branches.api.reading import body, branch_for, query
from branches.api.refusals import FieldProblem, Refusal, wrong_field
from branches.models import Branch
from branches.roles import Permission
from customers.selectors import customer_for
from reservations import outcomes, services
from reservations.api.bookings import STILL, WRITE, customer_at
from reservations.api.bookings import found as reservation_found
from reservations.api.catalogue import READ, product_priced
from reservations.api.doing import ask_or_refuse, branch_of, do, place_at, row_or_404
from reservations.api.forms import (
    ActRow,
    AttendanceQuery,
    AttendanceRow,
    AttendForm,
    PauseForm,
    ResumeForm,
    SubscribeForm,
    SubscriptionQuery,
    SubscriptionRow,
)
from reservations.api.rows import at_branch, select_of
from reservations.models import Act, Subscription
from reservations.selectors import price_of, product_of, subscription_for
from reservations.services import Content, Place


class Subscriptions(Endpoint):
    tag = "subscriptions"
    scopes = {"GET": READ, "POST": WRITE}
    told = {
        "GET": Told(
            "Subscriptions of a branch, latest start first",
            asks=SubscriptionQuery,
            answers={200: SubscriptionRow},
            is_list=True,
            problems=(404,),
            example={"branch": "olaya"},
        ),
        "POST": Told(
            "A subscription for a customer",
            f"The price is asked for first. {STILL}",
            asks=SubscribeForm,
            answers={201: ActRow},
            is_effect=True,
        ),
    }

    def get(self, request: Request) -> HttpResponse:
        wanted = query(SubscriptionQuery, request)
        branch = branch_for(request, wanted["branch"], Permission.BOOKINGS)
        here, given = at_branch(branch, "subscriptions")
        where = f"{here} AND r.gone_at IS NULL"
        if "status" in wanted:
            where += " AND r.status = %(status)s"
            given["status"] = wanted["status"]
        if "customer" in wanted:
            where += _of_customer(request, wanted["customer"], given)
        if after := read_cursor(wanted.get("cursor"), "subscriptions"):
            where += " AND (r.starts_at, r.id) < (%(at)s, %(after)s)"
            given |= {"at": after[0], "after": after[1]}
        row, source = select_of("subscriptions")
        select = f"SELECT {row}, r.starts_at, r.id {source} WHERE {where} ORDER BY r.starts_at DESC, r.id DESC"
        return page(select, given, wanted["limit"], "subscriptions")

    def post(self, request: Request) -> HttpResponse:
        wanted, guest = body(SubscribeForm, request), guest_of(request)
        branch = branch_for(request, wanted["branch"], Permission.BOOK)
        customer = customer_at(guest, branch, wanted["customer"])

        def subscribe(place: Place) -> Act:
            content = _content(request, branch, wanted)
            if content.product.account_id != customer.account_id:
                raise _not_offered()
            return services.subscribe_customer(
                customer, [content], wanted["starts_on"], place, now=timezone.now(), occurrence_days=wanted["days"]
            )

        return do(request, branch, wanted["external_ref"], subscribe)


def _of_customer(request: Request, row_id: int, given: dict[str, Any]) -> str:
    """Nobody has what belongs to a customer of somewhere else."""
    found = customer_for(_as_customers(request), row_id)
    given |= {"whose": found.external_id if found else "", "their": found.account_id if found else None}
    return " AND r.account_id = %(their)s AND r.customer_id = %(whose)s"


def _as_customers(request: Request) -> Any:
    """The ids of customers may be asked by, whether or not the key may search for them."""
    guest = guest_of(request)
    may = frozenset({Permission.CUSTOMERS})
    return type(guest)(guest.id, guest.key_id, guest.name, guest.branches, may)


def _content(request: Request, branch: Branch, wanted: dict[str, Any]) -> Content:
    """With the price as it is today: its id changes whenever it is edited there."""
    product, guest = product_priced(branch, wanted["price"]), guest_of(request)
    ask = ask_or_refuse(
        lambda: services.ask_slots(
            product,
            wanted["price"],
            wanted["starts_on"],
            1,
            place_at(branch, guest),
            now=timezone.now(),
            quantity=wanted["quantity"],
        ),
        guest,
    )
    fresh = product_of(ask)
    price = price_of(fresh, ask.result.get("price_id", "")) if fresh else None
    if fresh is None or price is None:
        raise _not_offered()
    return Content(fresh, price, wanted["quantity"])


def _not_offered() -> Refusal:
    return wrong_field("price", "not_offered", outcomes.refusal("not_offered").headline)


def _subscription(request: Request, row_id: int) -> Subscription:
    row: Subscription = row_or_404(subscription_for, request, min(row_id, MOST_ROWS))
    return row


class Pause(Endpoint):
    tag = "subscriptions"
    scopes = {"POST": WRITE}
    told = {
        "POST": Told(
            "Pause it from one day until another",
            STILL,
            PauseForm,
            {201: ActRow},
            is_effect=True,
            example={"first": "2027-03-01", "until": "2027-03-15"},
        )
    }

    def post(self, request: Request, subscription_id: int) -> HttpResponse:
        row, wanted = _subscription(request, subscription_id), body(PauseForm, request)
        branch, now = branch_of(request, row, Permission.BOOK_SUPERVISE), timezone.now()

        def pause(place: Place) -> Act:
            return services.pause_subscription(row, wanted["first"], wanted["until"], place, now=now)

        return do(request, branch, wanted["external_ref"], pause)


class Resume(Endpoint):
    tag = "subscriptions"
    scopes = {"POST": WRITE}
    told = {
        "POST": Told("Go on from a day", STILL, ResumeForm, {201: ActRow}, is_effect=True, example={"on": "2027-03-10"})
    }

    def post(self, request: Request, subscription_id: int) -> HttpResponse:
        row, wanted = _subscription(request, subscription_id), body(ResumeForm, request)
        branch, now = branch_of(request, row, Permission.BOOK_SUPERVISE), timezone.now()

        def resume(place: Place) -> Act:
            return services.resume_subscription(row, wanted["on"], place, now=now)

        return do(request, branch, wanted["external_ref"], resume)


class Attendances(Endpoint):
    tag = "attendances"
    scopes = {"GET": READ, "POST": WRITE}
    told = {
        "GET": Told(
            "Who came and went, the newest to us first",
            asks=AttendanceQuery,
            answers={200: AttendanceRow},
            is_list=True,
            problems=(404,),
            example={"branch": "olaya"},
        ),
        "POST": Told(
            "Check in or out, of a reservation or a subscription",
            STILL,
            asks=AttendForm,
            answers={201: ActRow},
            is_effect=True,
        ),
    }

    def get(self, request: Request) -> HttpResponse:
        wanted = query(AttendanceQuery, request)
        branch = branch_for(request, wanted["branch"], Permission.BOOKINGS)
        here, given = at_branch(branch, "attendances", placed=False)
        where = f"{here} AND r.gone_at IS NULL{_about(request, wanted, given)}"
        if after := read_cursor(wanted.get("cursor"), "attendances"):
            where += " AND r.id < %(after)s"
            given["after"] = after[1]
        row, source = select_of("attendances")
        select = f"SELECT {row}, r.seen_at, r.id {source} WHERE {where} ORDER BY r.id DESC"
        return page(select, given, wanted["limit"], "attendances")

    def post(self, request: Request) -> HttpResponse:
        wanted = body(AttendForm, request)
        row = _attended(request, wanted)
        branch, now = branch_of(request, row, Permission.BOOK), timezone.now()
        verb = services.check_in if wanted["direction"] == "check_in" else services.check_out
        return do(request, branch, wanted["external_ref"], lambda place: verb(row, place, now=now))


def _about(request: Request, wanted: dict[str, Any], given: dict[str, Any]) -> str:
    where = _of_customer(request, wanted["customer"], given) if "customer" in wanted else ""
    for subject in ("reservation", "subscription"):
        if subject in wanted:
            row = _attended(request, {subject: wanted[subject]})
            given |= {subject: row.external_id, f"{subject}_at": row.account_id}
            where += (
                f" AND r.account_id = %({subject}_at)s AND r.subject = '{subject}' AND r.subject_id = %({subject})s"
            )
    return where


def _attended(request: Request, wanted: dict[str, Any]) -> Any:
    if ("reservation" in wanted) == ("subscription" in wanted):
        names = ("reservation", "subscription")
        raise Refusal(400, "invalid", fields=[FieldProblem(name, "one_of_two") for name in names])
    if "reservation" in wanted:
        return reservation_found(request, wanted["reservation"])
    return _subscription(request, wanted["subscription"])
