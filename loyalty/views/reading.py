"""A day's visits, a customer's cards, one card: the mirror as it is, with its age beside it, and a question for this one."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from branches.audit import note
from branches.requests import StaffRequest
from customers.models import ProviderCustomer
from customers.selectors import customer_in
from loyalty import selectors, services
from loyalty.cards import asked, people
from loyalty.forms.reading import DayForm
from loyalty.models import Card
from loyalty.selectors import BadCursor
from loyalty.services import CannotMove
from loyalty.views.shared import (
    ask_now,
    card_or_404,
    customer_or_404,
    not_asked,
    nothing_new,
    see_here,
    show_wide,
    use_here,
)
from providers.acting import place_of

TODAY, CUSTOMER, CARD = "loyalty/today.html", "loyalty/customer.html", "loyalty/card.html"


@require_GET
@see_here
def today(request: StaffRequest) -> HttpResponse:
    now, form = timezone.now(), DayForm(request.GET)
    day = form.cleaned_data["day"] if form.is_valid() else None
    return show_wide(request, TODAY, people.day_page(request.branch, day or request.branch.business_date(now), now))


# One customer ---------------------------------------------------------------------------------------------------------


@require_GET
@see_here
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    row, now = customer_or_404(request, customer_id), timezone.now()
    waiting = asked.shown(asked.asked_for(request, request.user), now, address_of(row))
    if nothing_new(request, waiting):
        return HttpResponse(status=204)
    return show_wide(request, CUSTOMER, _customer(request, row) | waiting)


@require_POST
@see_here
def refresh_customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    """This customer only: their cards, and the bills of their visits of today."""
    row = customer_or_404(request, customer_id)
    try:
        ask = services.refresh_client(row, place_of(request), now=timezone.now())
    except CannotMove as problem:
        return not_asked(request, CUSTOMER, _customer(request, row), problem)
    return redirect(asked.with_ask(address_of(row), ask_now(ask)))


@require_POST
@use_here
def phone(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The whole number, once, for somebody who has to dial it. The audit trail keeps who saw whose."""
    row = customer_or_404(request, customer_id)
    note(request, request.user, "phone_shown", by=request.user)
    return show_wide(request, CUSTOMER, _customer(request, row) | {"phone": row.phone, "whole_phone": True})


def address_of(row: ProviderCustomer) -> str:
    return resolve_url("loyalty:customer", row.pk)


def _customer(request: StaffRequest, row: ProviderCustomer) -> dict[str, Any]:
    return people.customer_page(request.user, row, request.branch, timezone.now())


# One card -------------------------------------------------------------------------------------------------------------


@require_GET
@see_here
def card(request: StaffRequest, card_id: int) -> HttpResponse:
    row, now = card_or_404(request, card_id), timezone.now()
    address = resolve_url("loyalty:card", row.pk)
    waiting = asked.shown(asked.asked_for(request, request.user), now, address)
    if nothing_new(request, waiting):
        return HttpResponse(status=204)
    try:
        context = _card(row, request.GET.get("after", ""))
    except BadCursor:
        return redirect(address)
    return show_wide(request, CARD, context | waiting)


@require_POST
@see_here
def refresh_card(request: StaffRequest, card_id: int) -> HttpResponse:
    row = card_or_404(request, card_id)
    try:
        ask = services.refresh_card(row, place_of(request), now=timezone.now())
    except CannotMove as problem:
        return not_asked(request, CARD, _card(row, ""), problem)
    return redirect(asked.with_ask(resolve_url("loyalty:card", row.pk), ask_now(ask)))


def _card(row: Card, after: str) -> dict[str, Any]:
    """With whose it is, as it was read last."""
    holding = selectors.holding_of(row)
    holder = customer_in(row.account_id, holding.client_id) if holding else None
    as_of = max(row.seen_at, holding.seen_at) if holding else row.seen_at
    context = people.card_page(row, holder, timezone.now(), after, as_of)
    older = urlencode({"after": context["following"]}) if context["following"] else ""
    return context | {"older": older}
