"""A booking, in a minute: whose, what, when, confirm. The draft is its questions to the provider: their rows and their places
stand in the address, so reload, back and a second tab show the same."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from branches.pages import found
from branches.requests import StaffRequest
from customers.models import ProviderCustomer
from providers.acting import place_of
from providers.contracts.bookings import ProductKind
from reservations import selectors, services
from reservations.cards import booking as cards
from reservations.cards.around import PERSON, steps
from reservations.forms.booking import NewCustomerForm, PhoneForm, SlotForm, WhatForm
from reservations.models import Act, Ask, Product
from reservations.outcomes import refusal
from reservations.selectors import Slot
from reservations.services import CannotBook, Choice, NewPerson
from reservations.views.shared import (
    act_named,
    ask_now,
    ask_or_404,
    book_here,
    customer_or_404,
    pressed_before,
    say_no,
    show,
    watch,
)

both = require_http_methods(["GET", "POST"])


def carried(path: str, after: Act | None) -> str:
    """With what is tried once more, from page to page."""
    return f"{path}?{urlencode({'after': after.pk})}" if after else path


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
    token = cards.token_for(ask, "customer")
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
    customer, after = customer_or_404(request, customer_id), act_named(request)
    today = request.branch.business_date(timezone.now())
    if request.method == "GET":
        return _offer(request, customer, after)
    form = WhatForm(request.POST, today=today)
    if not form.is_valid():
        return _offer(request, customer, after, dict(form.errors))
    row_id, _colon, stable_id = form.cleaned_data["price"].partition(":")
    product = selectors.product_at(request.branch, int(row_id))
    if product is None or product.account_id != customer.account_id:
        return _offer(request, customer, after, {"price": [refusal("not_offered").headline]})
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
        return say_no(request, problem, resolve_url("reservations:book_what", customer.pk), _("New booking"))
    return redirect(carried(resolve_url("reservations:book_times", customer.pk, ask_now(ask).pk), after))


def _offer(
    request: StaffRequest, customer: ProviderCustomer, after: Act | None, errors: dict[str, Any] | None = None
) -> HttpResponse:
    today = request.branch.business_date(timezone.now())
    context = cards.what(customer, request.branch, ProductKind.RESERVATION, today, after)
    if errors:
        context |= {"problems": {name: texts[0] for name, texts in errors.items()}}
        context["chosen"] = request.POST.get("price", "")[:100]
        context["typed"] = {name: request.POST.get(name, "")[:80] for name in ("day", "practitioner")}
    return show(request, "reservations/book_what.html", context, status=422 if errors else 200)


# When -------------------------------------------------------------------------------------------------------------------


@both
@book_here
def times(request: StaffRequest, customer_id: int, ask_id: uuid.UUID) -> HttpResponse:
    customer, after = customer_or_404(request, customer_id), act_named(request)
    ask = _of(customer, ask_or_404(request, ask_id, Ask.Kind.SLOTS))
    if request.method == "GET":
        return _choose(request, customer, ask, after)
    form = SlotForm(request.POST)
    if not form.is_valid() or selectors.slot_numbered(ask, form.cleaned_data["slot"]) is None:
        return _choose(request, customer, ask, after, "slot_missing")
    path = resolve_url("reservations:book_confirm", customer.pk, ask.pk, form.cleaned_data["slot"])
    return redirect(carried(path, after))


def _choose(
    request: StaffRequest, customer: ProviderCustomer, ask: Ask, after: Act | None, error: str = ""
) -> HttpResponse:
    now = timezone.now()
    context = cards.times(ask, wanted=cards.wanted_at(after, now), now=now, error=error)
    product = context["product"]
    more = {
        "title": _("New booking"),
        "who": customer.name,
        "after": after,
        "ask_url": resolve_url("reservations:book_what", customer.pk),
        "back": carried(resolve_url("reservations:book_what", customer.pk), after),
        "kept": {
            "price": f"{product.pk}:{ask.given['price']}" if product else "",
            "practitioner": next(iter(ask.given["practitioners"]), ""),
            "quantity": ask.given["quantity"],
        },
    }
    return show(request, "reservations/times.html", context | more, status=422 if error else 200)


def _of(customer: ProviderCustomer, ask: Ask) -> Ask:
    if ask.account_id != customer.account_id:
        raise Http404
    return ask


# Confirm ----------------------------------------------------------------------------------------------------------------


@both
@book_here
def confirm(request: StaffRequest, customer_id: int, ask_id: uuid.UUID, slot: int) -> HttpResponse:
    customer, after = customer_or_404(request, customer_id), act_named(request)
    ask = _of(customer, ask_or_404(request, ask_id, Ask.Kind.SLOTS))
    chosen, product = found(selectors.slot_numbered(ask, slot)), found(selectors.product_of(ask))
    if request.method == "GET":
        context = cards.confirm(ask, chosen, customer, product, slot)
        return show(request, "reservations/book_confirm.html", context | {"after": after})
    token = cards.token_for(ask, customer.pk, slot)
    if before := pressed_before(request, token):
        return before
    answers = {one["name"]: request.POST.get(f"q-{n}", "")[:500] for n, one in enumerate(product.fields)}
    choice = _choice(ask, product, chosen, {name: text for name, text in answers.items() if text.strip()})
    try:
        act = services.book_reservation(
            customer,
            [choice],
            place_of(request, ask.branch, token),
            now=timezone.now(),
            again=request.POST.get("again") == "yes",
            follows=after if cards.is_over(after) else None,
        )
    except CannotBook as problem:
        return _not_yet(request, problem, cards.confirm(ask, chosen, customer, product, slot, problem.code), after)
    return watch(request, act)


def _choice(ask: Ask, product: Product, slot: Slot, answers: dict[str, str]) -> Choice:
    wanted = tuple(ask.given["practitioners"])
    return Choice(product, slot.price_id, slot, ask.given["quantity"], wanted, answers)


def _not_yet(request: StaffRequest, problem: CannotBook, context: dict[str, Any], after: Act | None) -> HttpResponse:
    """What she can put right on the card stays on the card; the rest has a card of its own."""
    if problem.code in ("booked_already", "field_missing"):
        return show(request, "reservations/book_confirm.html", context | {"after": after}, status=409)
    return say_no(request, problem, context["back"], _("New booking"))
