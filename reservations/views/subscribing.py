"""Subscriptions: a new one, its pause, its going on, a visit to it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from branches.pages import token_in
from branches.requests import StaffRequest
from branches.roles import Permission
from customers.models import ProviderCustomer
from providers.acting import place_of
from providers.contracts.bookings import ProductKind
from reservations import selectors, services
from reservations.cards import booking
from reservations.cards.changes import VISITS, back_to_customer, of_subscription
from reservations.forms.booking import DayForm
from reservations.forms.changing import DAYS, PauseForm, SubscribeForm
from reservations.models import Act, Ask, Subscription
from reservations.outcomes import refusal
from reservations.services import CannotBook, Content
from reservations.views.shared import (
    act_named,
    ask_now,
    ask_or_404,
    book_here,
    customer_or_404,
    pressed_before,
    say_no,
    show,
    subscription_or_404,
    supervise_here,
    watch,
)

both = require_http_methods(["GET", "POST"])
SERVICES: Mapping[str, Callable[..., Act]] = {"check_in": services.check_in, "check_out": services.check_out}
WEEK = dt.timedelta(days=7)


@both
@book_here
def visit(request: StaffRequest, subscription_id: int, verb: str) -> HttpResponse:
    row = subscription_or_404(request, subscription_id)
    context = of_subscription(row, request.branch, timezone.now())
    if request.method == "GET":
        more = {"verb": VISITS[verb], "possible": row.status in VISITS[verb].statuses, "token": uuid.uuid4()}
        return show(request, "reservations/visit.html", context | more)
    try:
        act = SERVICES[verb](row, place_of(request), now=timezone.now())
    except CannotBook as problem:
        return say_no(request, problem, context["back"], str(VISITS[verb].title))
    return watch(request, act)


# Pause and resume -------------------------------------------------------------------------------------------------------


@both
@supervise_here
def pause(request: StaffRequest, subscription_id: int) -> HttpResponse:
    row, today = subscription_or_404(request, subscription_id), request.branch.business_date(timezone.now())
    if request.method == "GET":
        typed = {"first": today.isoformat(), "until": (today + WEEK).isoformat()}
        return _dates(request, row, "reservations/pause.html", typed)
    form = PauseForm(request.POST, today=today)
    if not form.is_valid():
        return _dates(request, row, "reservations/pause.html", request.POST, form.errors)
    first, until = form.cleaned_data["first"], form.cleaned_data["until"]
    return _send(request, row, lambda place, now: services.pause_subscription(row, first, until, place, now=now))


@both
@supervise_here
def resume(request: StaffRequest, subscription_id: int) -> HttpResponse:
    row, today = subscription_or_404(request, subscription_id), request.branch.business_date(timezone.now())
    if request.method == "GET":
        return _dates(request, row, "reservations/resume.html", {"day": today.isoformat()})
    form = DayForm(request.POST, today=today)
    if not form.is_valid():
        return _dates(request, row, "reservations/resume.html", request.POST, form.errors)
    day = form.cleaned_data["day"]
    return _send(request, row, lambda place, now: services.resume_subscription(row, day, place, now=now))


def _dates(
    request: StaffRequest,
    row: Subscription,
    template: str,
    typed: Mapping[str, str] | QueryDict,
    errors: Mapping[str, Any] | None = None,
) -> HttpResponse:
    context = of_subscription(row, request.branch, timezone.now()) | {
        "typed": {name: typed.get(name, "")[:10] for name in ("first", "until", "day")},
        "problems": {name: texts[0] for name, texts in (errors or {}).items()},
        "today": request.branch.business_date(timezone.now()),
        "running": row.status in ("active", "paused"),
        "token": uuid.uuid4(),
    }
    return show(request, template, context, status=422 if errors else 200)


def _send(request: StaffRequest, row: Subscription, service: Callable[..., Act]) -> HttpResponse:
    token = token_in(request)
    if before := pressed_before(request, token):
        return before
    try:
        act = service(place_of(request, token=token), timezone.now())
    except CannotBook as problem:
        back = of_subscription(row, request.branch, timezone.now())["back"]
        return say_no(request, problem, back, _("Subscription"))
    return watch(request, act)


# A new one --------------------------------------------------------------------------------------------------------------


@both
@book_here
def subscribe(request: StaffRequest, customer_id: int) -> HttpResponse:
    """What was chosen goes on in the address: nothing of it is a secret. The price is read fresh meanwhile."""
    customer = customer_or_404(request, customer_id)
    if request.method == "GET":
        return _offer(request, customer)
    form = _form(request, request.POST)
    if not form.is_valid():
        return _offer(request, customer, {name: str(texts[0]) for name, texts in form.errors.items()})
    row_id, _colon, stable_id = form.cleaned_data["price"].partition(":")
    product = selectors.product_at(request.branch, int(row_id))
    if product is None or product.account_id != customer.account_id:
        return _offer(request, customer, {"price": str(refusal("not_offered").headline)})
    day, quantity = form.cleaned_data["day"], form.cleaned_data["quantity"] or 1
    now = timezone.now()
    try:
        ask = services.ask_slots(product, stable_id, day, 1, place_of(request), now=now, quantity=quantity)
    except CannotBook as problem:
        return say_no(request, problem, back_to_customer(customer), _("New subscription"))
    path = resolve_url("reservations:subscribe_confirm", customer.pk, ask_now(ask).pk)
    return redirect(f"{path}?{_wanted(request.POST).urlencode()}")


def _form(request: StaffRequest, given: QueryDict) -> SubscribeForm:
    today = request.branch.business_date(timezone.now())
    return SubscribeForm(given, today=today, currency=request.branch.currency)


def _wanted(given: QueryDict) -> QueryDict:
    wanted = QueryDict(mutable=True)
    for name in ("price", "day", "quantity", "days", "off", "off_kind", "after"):
        wanted.setlist(name, [text[:100] for text in given.getlist(name)[:10] if text])
    return wanted


def _offer(request: StaffRequest, customer: ProviderCustomer, problems: dict[str, str] | None = None) -> HttpResponse:
    today, after = request.branch.business_date(timezone.now()), act_named(request)
    context = booking.what(customer, request.branch, ProductKind.SUBSCRIPTION, today, after) | {
        "weekdays": DAYS.items(),
        "may_discount": Permission.BOOK_SUPERVISE in request.permissions,
        "back": back_to_customer(customer),
        "problems": problems or {},
        "currency": request.branch.currency,
    }
    if problems:
        context["chosen"] = request.POST.get("price", "")[:100]
        context["typed"] = {name: request.POST.get(name, "")[:80] for name in ("day", "off", "off_kind", "quantity")}
        context["picked"] = request.POST.getlist("days")[:7]
    return show(request, "reservations/subscribe.html", context, status=422 if problems else 200)


@both
@book_here
def subscribe_confirm(request: StaffRequest, customer_id: int, ask_id: uuid.UUID) -> HttpResponse:
    customer, ask = customer_or_404(request, customer_id), ask_or_404(request, ask_id, Ask.Kind.SLOTS)
    if ask.account_id != customer.account_id:
        raise Http404
    given = request.GET if request.method == "GET" else request.POST
    form, now = _form(request, given), timezone.now()
    if not form.is_valid():
        return redirect("reservations:subscribe", customer.pk)
    product = selectors.product_of(ask)
    price = selectors.price_of(product, ask.result.get("price_id", "")) if product else None
    if request.method == "POST" and product and price:
        return _subscribe(request, customer, ask, Content(product, price, ask.given["quantity"]), form)
    context = booking.waits(ask, now) | {
        "customer": customer,
        "product": product,
        "price": price,
        "form": form.cleaned_data,
        "weekdays": [label for name, label in DAYS.items() if name in form.cleaned_data["days"]],
        "given": [(name, text) for name, texts in _wanted(given).lists() for text in texts],
        "branch": ask.branch,
        "query": _wanted(given).urlencode(),
        "problem": refusal("not_offered") if ask.state == Ask.State.ANSWERED and price is None else None,
        "standing": ask.state,
        "back": resolve_url("reservations:subscribe", customer.pk),
    }
    return show(request, "reservations/subscribe_confirm.html", context)


def _subscribe(
    request: StaffRequest, customer: ProviderCustomer, ask: Ask, content: Content, form: SubscribeForm
) -> HttpResponse:
    wanted, after = form.cleaned_data, act_named(request)
    token = booking.token_for(ask.pk, customer.pk, wanted["days"], wanted["discount"])
    try:
        act = services.subscribe_customer(
            customer,
            [content],
            wanted["day"],
            place_of(request, ask.branch, token),
            now=timezone.now(),
            occurrence_days=wanted["days"],
            discount=wanted["discount"],
            follows=after if booking.is_over(after) else None,
        )
    except CannotBook as problem:
        return say_no(request, problem, back_to_customer(customer), _("New subscription"))
    return watch(request, act)
