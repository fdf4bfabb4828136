"""What the pages of bookings share: who acts where, whose row it is, the page around a card, and a clear no."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render, resolve_url

from branches.access import go, permission_required
from branches.pages import found, partial
from branches.requests import StaffRequest
from branches.roles import Permission
from customers.models import ProviderCustomer
from customers.selectors import customer_for
from providers.operations import ring
from providers.specs import specs_of
from reservations import selectors
from reservations.cards.around import refused
from reservations.models import Act, Ask, Reservation, Subscription
from reservations.selectors.places import KIND
from reservations.services import CannotBook

see_here = permission_required(Permission.BOOKINGS)
book_here = permission_required(Permission.BOOK)
supervise_here = permission_required(Permission.BOOK_SUPERVISE)
BUSY_FOR = 5  # seconds after which the next try is worth it
NOT_NOW = {"busy", "provider_down"}


def act_or_404(request: StaffRequest, act_id: uuid.UUID) -> Act:
    return found(selectors.act_for(request.user, act_id))


def customer_or_404(request: StaffRequest, row_id: int) -> ProviderCustomer:
    """Of an account that books: nobody is booked for in a system of cards."""
    row = found(customer_for(request.user, row_id))
    return found(row if row.account.provider in specs_of(KIND) else None)


def reservation_or_404(request: StaffRequest, row_id: int) -> Reservation:
    return found(selectors.reservation_for(request.user, row_id))


def subscription_or_404(request: StaffRequest, row_id: int) -> Subscription:
    return found(selectors.subscription_for(request.user, row_id))


def ask_or_404(request: StaffRequest, ask_id: uuid.UUID, kind: str) -> Ask:
    ask = found(selectors.ask_for(request.user, ask_id))
    if ask.kind != kind:
        raise Http404
    return ask


def act_named(request: StaffRequest) -> Act | None:
    """The act that is tried once more, where the address or the form names one of this person's."""
    try:
        act_id = uuid.UUID(request.POST.get("after") or request.GET.get("after", ""))
    except ValueError:
        return None
    return selectors.act_for(request.user, act_id)


def show(request: StaffRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The card alone for a poll, the whole page otherwise."""
    context["part"] = template
    return render(request, template if partial(request) else "reservations/page.html", context, status=status)


def ask_now(ask: Ask) -> Ask:
    """A worker asks at once."""
    if ask.state == Ask.State.WAITING:
        ring("reservations.ask", ask.pk)
    return ask


def pressed_before(request: StaffRequest, token: uuid.UUID) -> HttpResponse | None:
    """The page of what this form has opened already. What it changed since is no reason to refuse the second press."""
    act = selectors.act_of_form(request.user, token)
    return go(request, resolve_url("reservations:act", act.pk)) if act else None


def watch(request: StaffRequest, act: Act, then: str = "") -> HttpResponse:
    """Its intent is committed: a sender is told, and its page is next."""
    ring("providers.send", act.operation_id)
    return go(request, resolve_url("reservations:act", act.pk) + then)


def say_no(request: StaffRequest, problem: CannotBook, back: str, title: str = "") -> HttpResponse:
    context = refused(problem.code, request.user, back=back, holder=problem.holder, customers=problem.customers)
    status = 503 if problem.code in NOT_NOW else 409
    response = show(request, "reservations/refused.html", context | {"title": title}, status=status)
    if status == 503:
        response.headers["Retry-After"] = str(BUSY_FOR)
    return response
