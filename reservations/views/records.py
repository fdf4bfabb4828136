"""One reservation, one subscription: what the provider shows of it, and what we did to it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from branches.access import permission_required
from branches.requests import StaffRequest
from branches.roles import Permission
from reservations import selectors, services
from reservations.models import Reservation, Subscription
from reservations.reading import asked, records
from reservations.services import CannotBook
from reservations.views.reading import nothing_new, place_of, refused, show, to_answer

see_here = permission_required(Permission.BOOKINGS)
RESERVATION, SUBSCRIPTION = "reservations/reservation.html", "reservations/subscription.html"


@require_GET
@see_here
def reservation(request: StaffRequest, reservation_id: int) -> HttpResponse:
    row = reservation_or_404(request, reservation_id)
    address = resolve_url("reservations:reservation", row.pk)
    waiting = asked.shown(asked.asked_for(request, request.user), timezone.now(), address)
    if nothing_new(request, waiting):
        return HttpResponse(status=204)
    return show(request, RESERVATION, _reservation(request, row) | waiting)


@require_POST
@see_here
def refresh_reservation(request: StaffRequest, reservation_id: int) -> HttpResponse:
    row = reservation_or_404(request, reservation_id)
    try:
        ask = services.refresh_reservation(row, place_of(request), now=timezone.now())
    except CannotBook as refusal:
        return refused(request, RESERVATION, _reservation(request, row), refusal)
    return to_answer(resolve_url("reservations:reservation", row.pk), ask)


@require_GET
@see_here
def subscription(request: StaffRequest, subscription_id: int) -> HttpResponse:
    row = subscription_or_404(request, subscription_id)
    address = resolve_url("reservations:subscription", row.pk)
    waiting = asked.shown(asked.asked_for(request, request.user), timezone.now(), address)
    if nothing_new(request, waiting):
        return HttpResponse(status=204)
    return show(request, SUBSCRIPTION, _subscription(request, row) | waiting)


@require_POST
@see_here
def refresh_subscription(request: StaffRequest, subscription_id: int) -> HttpResponse:
    row = subscription_or_404(request, subscription_id)
    try:
        ask = services.refresh_subscription(row, place_of(request), now=timezone.now())
    except CannotBook as refusal:
        return refused(request, SUBSCRIPTION, _subscription(request, row), refusal)
    return to_answer(resolve_url("reservations:subscription", row.pk), ask)


def reservation_or_404(request: StaffRequest, reservation_id: int) -> Reservation:
    row = selectors.reservation_for(request.user, reservation_id)
    if row is None:
        raise Http404
    return row


def subscription_or_404(request: StaffRequest, subscription_id: int) -> Subscription:
    row = selectors.subscription_for(request.user, subscription_id)
    if row is None:
        raise Http404
    return row


def _reservation(request: StaffRequest, row: Reservation) -> dict[str, Any]:
    return records.reservation_page(row, request.branch, timezone.now()) | {"page": "today"}


def _subscription(request: StaffRequest, row: Subscription) -> dict[str, Any]:
    return records.subscription_page(row, request.branch, timezone.now()) | {"page": "customers"}
