"""One visit at the till: its bill, points and discounts on it, and their cancelling. Each change has a card to confirm it,
which works from anywhere and without JavaScript; an amount stands in the address of its confirmation."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branches.pages import found, token_in
from branches.requests import StaffRequest
from customers.selectors import customer_in
from loyalty import selectors, services
from loyalty.cards import asked, confirming
from loyalty.cards import visits as cards
from loyalty.cards.visits import Panel
from loyalty.forms.visits import AmountForm
from loyalty.models import Act, Appointment, Visit
from loyalty.selectors import Held
from loyalty.services import CannotMove
from loyalty.views.shared import (
    appointment_or_404,
    ask_now,
    not_asked,
    nothing_new,
    pressed_before,
    say_no,
    see_here,
    show,
    show_wide,
    use_here,
    watch,
)
from providers.acting import place_of

both = require_http_methods(["GET", "POST"])
VISIT = "loyalty/visit.html"


@require_GET
@see_here
def visit(request: StaffRequest, visit_id: int) -> HttpResponse:
    row = appointment_or_404(request, visit_id)
    waiting = asked.shown(asked.asked_for(request, request.user), timezone.now(), cards.address_of(row))
    if nothing_new(request, waiting):
        return HttpResponse(status=204)
    context = _panel(row)
    if waiting.get("polls") or waiting.get("trouble"):
        context |= waiting
    if nothing_new(request, context):
        return HttpResponse(status=204)
    return show_wide(request, VISIT, context)


@require_POST
@see_here
def refresh(request: StaffRequest, visit_id: int) -> HttpResponse:
    """This bill, and the cards of whoever it is for."""
    row = appointment_or_404(request, visit_id)
    try:
        ask = services.refresh_visit(row, place_of(request), now=timezone.now())
    except CannotMove as problem:
        return not_asked(request, VISIT, _panel(row), problem)
    return redirect(asked.with_ask(cards.address_of(row), ask_now(ask)))


def _panel(row: Appointment) -> dict[str, Any]:
    panel = Panel(
        row,
        selectors.together_with(row),
        selectors.bill_for(row),
        selectors.held_by(row.account_id, row.client_id),
        selectors.acts_in_visit(row.account, row.visit_id, limit=20),
        customer_in(row.account_id, row.client_id),
    )
    return cards.visit_page(panel, timezone.now())


# Points ---------------------------------------------------------------------------------------------------------------


@both
@use_here
def withdraw(request: StaffRequest, visit_id: int, card_id: int) -> HttpResponse:
    """How many. What at most can be taken is filled in."""
    row = appointment_or_404(request, visit_id)
    one, bill = _held(row, card_id), _bill_or_404(row)
    context = confirming.amount(row, bill, one, request.branch)
    if request.method == "GET":
        return show(request, "loyalty/amount.html", context)
    form = AmountForm(request.POST, currency=request.branch.currency)
    if not form.is_valid():
        typed = {"typed": request.POST.get("amount", "")[:40], "problem": next(iter(form.errors.values()))[0]}
        return show(request, "loyalty/amount.html", context | typed, status=422)
    query = urlencode({"amount": f"{form.cleaned_data['amount']:f}", "form": uuid.uuid4()})
    return redirect(f"{resolve_url('loyalty:withdraw_confirm', row.pk, card_id)}?{query}")


@both
@use_here
def withdraw_confirm(request: StaffRequest, visit_id: int, card_id: int) -> HttpResponse:
    row = appointment_or_404(request, visit_id)
    one, bill = _held(row, card_id), _bill_or_404(row)
    form = AmountForm(request.POST if request.method == "POST" else request.GET, currency=request.branch.currency)
    if not form.is_valid():
        return redirect("loyalty:withdraw", row.pk, card_id)
    amount = form.cleaned_data["amount"]
    if request.method == "GET":
        token = form.cleaned_data["form"] or uuid.uuid4()
        return show(request, "loyalty/confirm.html", confirming.withdrawal(row, bill, one, amount, token))
    if before := pressed_before(request, token_in(request)):
        return before
    return _do(request, row, _("Pay with points"), services.withdraw_points, bill, one.card, amount)


@both
@use_here
def cancel_points(request: StaffRequest, visit_id: int, card_id: int) -> HttpResponse:
    row = appointment_or_404(request, visit_id)
    one, bill = _held(row, card_id), _bill_or_404(row)
    if request.method == "GET":
        return show(request, "loyalty/confirm.html", confirming.cancellation(row, bill, one, request.branch.currency))
    return _do(request, row, _("Give points back"), services.cancel_withdrawal, bill, one.card)


# Programs -------------------------------------------------------------------------------------------------------------


@both
@use_here
def apply_program(request: StaffRequest, visit_id: int, card_id: int, program: str) -> HttpResponse:
    row = appointment_or_404(request, visit_id)
    one, bill = _held(row, card_id), _bill_or_404(row)
    if request.method == "GET":
        context = found(confirming.discount(row, bill, one, program))
        return show(request, "loyalty/confirm.html", context)
    return _do(request, row, _("Apply a discount"), services.apply_program, bill, one.card, program)


@both
@use_here
def cancel_program(request: StaffRequest, visit_id: int, card_id: int, program: str) -> HttpResponse:
    row = appointment_or_404(request, visit_id)
    one, bill = _held(row, card_id), _bill_or_404(row)
    if request.method == "GET":
        return show(
            request, "loyalty/confirm.html", confirming.cancellation(row, bill, one, request.branch.currency, program)
        )
    return _do(request, row, _("Take a discount back"), services.cancel_program, bill, one.card, program)


# Shared ---------------------------------------------------------------------------------------------------------------


def _do(request: StaffRequest, row: Appointment, title: str, service: Any, *about: Any) -> HttpResponse:
    try:
        act: Act = service(*about, place_of(request), now=timezone.now())
    except CannotMove as problem:
        return say_no(request, problem, cards.address_of(row), title)
    return watch(request, act)


def _held(row: Appointment, card_id: int) -> Held:
    """Of whoever the visit is for: nobody pays with another's card here."""
    held = selectors.held_by(row.account_id, row.client_id)
    return found(next((one for one in held if one.card.pk == card_id), None))


def _bill_or_404(row: Appointment) -> Visit:
    bill = selectors.bill_for(row)
    if bill is None:
        raise Http404
    return bill
