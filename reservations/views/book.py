"""A booking, in a minute: whose, what, when, confirm. The draft is its questions to the provider: their rows and their places
stand in the address, so reload, back and a second tab show the same. From the confirmation on another service can be added."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from branches.access import go
from branches.requests import StaffRequest
from providers.acting import place_of
from providers.contracts.bookings import ProductKind
from reservations import selectors, services
from reservations.cards import booking as cards
from reservations.cards.around import PERSON, steps
from reservations.cards.booking import Taken
from reservations.forms.booking import NewCustomerForm, PhoneForm, SlotForm, WhatForm
from reservations.models import Ask
from reservations.outcomes import refusal
from reservations.services import CannotBook, NewPerson
from reservations.views.draft import Draft, asked_for, draft_of, name_of
from reservations.views.shared import (
    ask_now,
    ask_or_404,
    book_here,
    pressed_before,
    say_no,
    show,
    watch,
)

both = require_http_methods(["GET", "POST"])


# Whose ------------------------------------------------------------------------------------------------------------------


@both
@book_here
def book(request: StaffRequest) -> HttpResponse:
    links = selectors.booking_links(request.branch)
    if request.method == "GET" or not links:
        return show(request, "reservations/book.html", {"steps": steps(PERSON), "links": links})
    form = PhoneForm(request.POST)
    phone = form.cleaned_data["phone"] if form.is_valid() else ""
    wanted = form.cleaned_data.get("account")
    account = next((link.account for link in links if link.account.pk == wanted), links[0].account)
    try:
        ask = services.ask_customers(account, phone, place_of(request), now=timezone.now())
    except CannotBook as problem:
        if problem.code != "phone_unreadable":
            return say_no(request, problem, resolve_url("reservations:book"), _("New booking"))
        context = {"steps": steps(PERSON), "links": links, "error": refusal(problem.code)}
        return show(request, "reservations/book.html", context, status=422)
    return redirect("reservations:book_person", ask_now(ask).pk)


@both
@book_here
def person(request: StaffRequest, ask_id: uuid.UUID) -> HttpResponse:
    ask = ask_or_404(request, ask_id, Ask.Kind.CUSTOMERS)
    if request.method == "GET":
        return _who(request, ask)
    if "customer" in request.POST:
        return _chosen(request, ask)
    form = NewCustomerForm(request.POST)
    if not form.is_valid():
        return _who(request, ask, "name_missing" if ask.state == Ask.State.ANSWERED else "nobody")
    return _create(request, ask, form.cleaned_data["name"])


def _who(request: StaffRequest, ask: Ask, error: str = "") -> HttpResponse:
    code = "" if error == "nobody" else error
    context = cards.person(ask, request.user, now=timezone.now(), error=code)
    return show(request, "reservations/book_person.html", context, status=422 if error else 200)


def _chosen(request: StaffRequest, ask: Ask) -> HttpResponse:
    text = request.POST["customer"]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    rows = cards.person(ask, request.user, now=timezone.now())["rows"]
    row = next((row for row in rows if row.pk == number), None)
    if row is None:
        return _who(request, ask, "no_customer")
    return redirect("reservations:book_what", row.pk)


def _create(request: StaffRequest, ask: Ask, name: str) -> HttpResponse:
    token = cards.token_for(ask.pk, "customer")
    if before := pressed_before(request, token):
        return before
    place = place_of(request, ask.branch, token)
    wish = NewPerson(name, ask.given["phone"])
    try:
        act = services.create_customer(wish, ask.account, place, now=timezone.now())
    except CannotBook as problem:
        if problem.code == "name_missing":
            return _who(request, ask, problem.code)
        return say_no(request, problem, resolve_url("reservations:book_person", ask.pk), _("New booking"))
    return watch(request, act, "?then=book")


# What -------------------------------------------------------------------------------------------------------------------


@both
@book_here
def what(request: StaffRequest, customer_id: int) -> HttpResponse:
    draft = draft_of(request, customer_id)
    if not draft.is_at(request.branch):  # she has changed the place meanwhile, and one booking is at one
        raise Http404
    if draft.is_short:
        return _withdrawn(request, draft)
    today = request.branch.business_date(timezone.now())
    if request.method == "GET":
        return _offer(request, draft)
    form = WhatForm(request.POST, today=today)
    if not form.is_valid():
        return _offer(request, draft, dict(form.errors))
    row_id, _colon, stable_id = form.cleaned_data["price"].partition(":")
    product = selectors.product_at(request.branch, int(row_id))
    if product is None or product.account_id != draft.customer.account_id:
        return _offer(request, draft, {"price": [refusal("not_offered").headline]})
    try:
        ask = services.ask_slots(
            product,
            stable_id,
            form.cleaned_data["day"],
            cards.DAYS,
            place_of(request),
            now=timezone.now(),
            quantity=form.cleaned_data["quantity"] or 1,
            practitioner_ids=tuple(filter(None, [form.cleaned_data["practitioner"]])),
        )
    except CannotBook as problem:
        return say_no(request, problem, draft.path("reservations:book_what"), _("New booking"))
    return redirect(draft.path("reservations:book_times", ask_now(ask).pk))


def _offer(request: StaffRequest, draft: Draft, errors: dict[str, Any] | None = None) -> HttpResponse:
    today = request.branch.business_date(timezone.now())
    context = cards.what(draft.customer, request.branch, ProductKind.RESERVATION, today, draft.after, draft.taken)
    context |= {"carried": draft.carried, "others": _others(draft), "back": draft.last}
    if errors:
        context |= {"problems": {name: texts[0] for name, texts in errors.items()}}
        context["chosen"] = request.POST.get("price", "")[:100]
        context["typed"] = {name: request.POST.get(name, "")[:80] for name in ("day", "practitioner")}
    return show(request, "reservations/book_what.html", context, status=422 if errors else 200)


def _withdrawn(request: StaffRequest, draft: Draft) -> HttpResponse:
    """What is still offered of a booking of several stays in it."""
    problem = CannotBook("withdrawn" if draft.taken else "not_offered")
    return say_no(request, problem, draft.path("reservations:book_what"), _("New booking"))


def _others(draft: Draft, page: str = "reservations:book_what", *where: object) -> list[dict[str, Any]]:
    """The times taken before, each with the page as it is without it."""
    return [
        cards.told(one) | {"name": one.name, "without": draft.without(one.name).path(page, *where)}
        for one in draft.taken
    ]


# When -------------------------------------------------------------------------------------------------------------------


@both
@book_here
def times(request: StaffRequest, customer_id: int, ask_id: uuid.UUID) -> HttpResponse:
    draft = draft_of(request, customer_id)
    ask = asked_for(request, draft.customer, ask_id)
    if draft.is_short:
        return _withdrawn(request, draft)
    if request.method == "GET":
        return _choose(request, draft, ask)
    form = SlotForm(request.POST)
    if not form.is_valid() or selectors.slot_numbered(ask, form.cleaned_data["slot"]) is None:
        return _choose(request, draft, ask, "slot_missing")
    return redirect(draft.path("reservations:book_confirm", ask.pk, form.cleaned_data["slot"]))


def _choose(request: StaffRequest, draft: Draft, ask: Ask, error: str = "") -> HttpResponse:
    now = timezone.now()
    wanted = cards.wanted_at(draft.after, now, draft.taken)
    context = cards.times(ask, wanted=wanted, now=now, error=error, onward=bool(draft.taken) and not draft.after)
    product = context["product"]
    more = {
        "title": _("New booking"),
        "who": draft.customer.name,
        "carried": draft.carried,
        "ask_url": draft.path("reservations:book_what"),
        "back": draft.path("reservations:book_what"),
        "kept": {
            "price": f"{product.pk}:{ask.given['price']}" if product else "",
            "practitioner": next(iter(ask.given["practitioners"]), ""),
            "quantity": ask.given["quantity"],
        },
    }
    return show(request, "reservations/times.html", context | more, status=422 if error else 200)


# Confirm ----------------------------------------------------------------------------------------------------------------


@both
@book_here
def confirm(request: StaffRequest, customer_id: int, ask_id: uuid.UUID, slot: int) -> HttpResponse:
    draft = draft_of(request, customer_id, name_of(ask_id, slot))
    token = cards.token_for(ask_id, draft.customer.pk, slot, *draft.names[:-1])
    if request.method == "POST" and (before := pressed_before(request, token)):
        return before
    if draft.is_short:
        return _withdrawn(request, draft)
    if request.method == "GET":
        return _ask_once_more(request, draft)
    if "then" in request.POST:
        return _leave(request, draft, request.POST["then"])
    return _send(request, draft, token)


def _send(request: StaffRequest, draft: Draft, token: uuid.UUID) -> HttpResponse:
    *others, last = draft.taken
    try:
        act = services.book_reservation(
            draft.customer,
            [one.choice(_answers(request, one, place)) for place, one in enumerate(draft.taken, 1)],
            place_of(request, last.ask.branch, token),
            now=timezone.now(),
            again=request.POST.get("again") == "yes",
            follows=draft.after if cards.is_over(draft.after) else None,
        )
    except CannotBook as problem:
        if problem.code in ("booked_already", "field_missing"):  # she can put that right on the card
            return _ask_once_more(request, draft, problem.code)
        where = (last.ask.pk, last.number) if others else (last.ask.pk,)
        page = "book_confirm" if others else "book_times"
        return say_no(request, problem, draft.without(last.name).path(f"reservations:{page}", *where), _("New booking"))
    return watch(request, act)


def _leave(request: StaffRequest, draft: Draft, then: str) -> HttpResponse:
    """To add a service, or to take out the one that is named. What was answered until now waits with its time."""
    for place, one in enumerate(draft.taken, 1):
        services.keep_answers(one.ask, one.number, _answers(request, one, place))
    if then == "more":
        return go(request, draft.path("reservations:book_what"))
    last = draft.taken[-1]
    rest = draft.without(last.name).without(then)
    return go(request, rest.path("reservations:book_confirm", last.ask.pk, last.number))


def _answers(request: StaffRequest, one: Taken, place: int) -> dict[str, str]:
    """What she wrote to the questions of the clinic about the service in that place."""
    texts = {row["name"]: request.POST.get(f"q{place}-{n}", "")[:500] for n, row in enumerate(one.product.fields)}
    return {name: text for name, text in texts.items() if text.strip()}


def _ask_once_more(request: StaffRequest, draft: Draft, error: str = "") -> HttpResponse:
    last = draft.taken[-1]
    before, where = draft.without(last.name), (last.ask.pk, last.number)
    context = cards.confirm(draft.customer, draft.taken, draft.after, error) | {
        "carried": before.carried,
        "others": _others(before, "reservations:book_confirm", *where),
        "more": draft.path("reservations:book_what") if len(draft.taken) < services.MOST_ITEMS else "",
        "back": before.path("reservations:book_times", last.ask.pk),
    }
    for one in context["questions"]:
        one["answer"] = request.POST.get(one["field"], one["answer"])[:500]
    return show(request, "reservations/book_confirm.html", context, status=409 if error else 200)
