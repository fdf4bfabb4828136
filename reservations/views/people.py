"""Finding a customer, and what is known of one. What was typed stands in no address: it may be a phone."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branches.access import permission_required
from branches.audit import note
from branches.requests import StaffRequest
from branches.roles import Permission
from customers import selectors as customers
from customers.models import ProviderCustomer, Search
from customers.services import start_search
from reservations import services
from reservations.forms.reading import SearchForm
from reservations.models import Ask
from reservations.reading import asked, people
from reservations.selectors import BadCursor
from reservations.services import CannotBook
from reservations.views.reading import nothing_new, place_of, refused, show, to_answer

find_here = permission_required(Permission.CUSTOMERS)
see_here = permission_required(Permission.BOOKINGS)
book_here = permission_required(Permission.BOOK)
SEARCH, FOUND, CUSTOMER = "reservations/search.html", "reservations/found.html", "reservations/customer.html"


# Finding --------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@find_here
def search(request: StaffRequest) -> HttpResponse:
    if request.method == "GET":
        return show(request, SEARCH, {"page": "customers"})
    form = SearchForm(request.POST)
    if not form.is_valid():
        return show(request, SEARCH, {"page": "customers", "nothing_typed": True}, status=422)
    row = start_search(form.cleaned_data["q"], request.branch, request.user, now=timezone.now())
    return redirect("customers:found", row.pk)


@require_GET
@find_here
def found(request: StaffRequest, search_id: uuid.UUID) -> HttpResponse:
    row, now = search_or_404(request, search_id), timezone.now()
    ask = asked.asked_for(request, request.user)
    waiting = asked.shown(ask, now, resolve_url("customers:found", row.pk))
    if nothing_new(request, waiting):
        return HttpResponse(status=204)
    try:
        context = _results(request, row, request.GET.get("after", ""), ask)
    except customers.BadCursor:
        return redirect("customers:found", row.pk)
    return show(request, FOUND, context | waiting)


@require_POST
@see_here
def ask_provider(request: StaffRequest, search_id: uuid.UUID) -> HttpResponse:
    """Who has this phone there, as the provider knows it now."""
    row = search_or_404(request, search_id)
    account = customers.booking_accounts(request.branch).first()
    try:
        if account is None:
            raise CannotBook("not_here")
        ask = services.ask_customers(account, row.typed, place_of(request), now=timezone.now())
    except CannotBook as refusal:
        return refused(request, FOUND, _results(request, row, "", None), refusal)
    return to_answer(resolve_url("customers:found", row.pk), ask)


def search_or_404(request: StaffRequest, search_id: uuid.UUID) -> Search:
    return get_object_or_404(customers.searches_for(request.user), pk=search_id)


def _results(request: StaffRequest, row: Search, after: str, ask: Ask | None) -> dict[str, Any]:
    return people.results(request.user, row, request.branch, after, ask) | {"page": "customers"}


# One of them ----------------------------------------------------------------------------------------------------------


@require_GET
@see_here
def customer(request: StaffRequest, customer_id: int) -> HttpResponse:
    row, now = people.customer_of(request.user, customer_id), timezone.now()
    if row is None:
        return _of_cards(request, customer_id)
    waiting = asked.shown(asked.asked_for(request, request.user), now, address_of(row))
    if nothing_new(request, waiting):
        return HttpResponse(status=204)
    try:
        context = _customer(request, row, after=request.GET.get("after", ""))
    except BadCursor:
        return redirect(address_of(row))
    return show(request, CUSTOMER, context | waiting)


def _of_cards(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Somebody of a loyalty system has a page of cards: nobody is booked for there."""
    if not customers.keeps_cards(request.user, customer_id):
        raise Http404
    return redirect("loyalty:customer", customer_id)


@require_POST
@see_here
def refresh(request: StaffRequest, customer_id: int) -> HttpResponse:
    """This customer only, with reservations, subscriptions and attendances."""
    row = customer_or_404(request, customer_id)
    try:
        ask = services.refresh_customer(row, place_of(request), now=timezone.now())
    except CannotBook as refusal:
        return refused(request, CUSTOMER, _customer(request, row), refusal)
    return to_answer(address_of(row), ask)


@require_POST
@book_here
def phone(request: StaffRequest, customer_id: int) -> HttpResponse:
    """The whole number, once, for somebody who has to dial it. The audit trail keeps who saw whose."""
    row = customer_or_404(request, customer_id)
    note(request, request.user, "phone_shown", by=request.user)
    return show(request, CUSTOMER, _customer(request, row, whole_phone=True))


def customer_or_404(request: StaffRequest, customer_id: int) -> ProviderCustomer:
    row = people.customer_of(request.user, customer_id)
    if row is None:
        raise Http404
    return row


def address_of(row: ProviderCustomer) -> str:
    return resolve_url("customers:customer", row.pk)


def _customer(
    request: StaffRequest, row: ProviderCustomer, *, after: str = "", whole_phone: bool = False
) -> dict[str, Any]:
    now = timezone.now()
    context = people.customer_page(request.user, row, request.branch, now, after, whole_phone=whole_phone)
    older = urlencode({"after": context["following"]}) if context["following"] else ""
    return context | {"page": "customers", "older": older, "address": address_of(row)}
