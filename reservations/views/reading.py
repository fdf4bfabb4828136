"""What every page of the bookings does alike: where it is, what it asked, the part of it that a poll swaps."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from branches.pages import partial
from branches.requests import StaffRequest
from providers.operations import ring
from reservations.models import Ask
from reservations.outcomes import refusal as words
from reservations.reading.asked import with_ask
from reservations.services import CannotBook, Place

BUSY_FOR = 5  # seconds after which the next try is worth it


def place_of(request: StaffRequest) -> Place:
    return Place(request.user, request.branch, request.till)


def show(request: StaffRequest, part: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The part alone for a poll, the whole page otherwise."""
    request.wide = True
    context |= {"part": part, "branch": request.branch, "wide": True}
    return render(request, part if partial(request) else "reservations/reading.html", context, status=status)


def nothing_new(request: StaffRequest, asked: dict[str, Any]) -> bool:
    """The poll has this already: focus and screen readers rest."""
    return partial(request) and bool(asked) and request.GET.get("seen") == asked["standing"]


def to_answer(address: str, ask: Ask) -> HttpResponse:
    """The bell, and the page that waits for the answer."""
    ring("reservations.ask", ask.pk)
    return redirect(with_ask(address, ask))


def refused(request: StaffRequest, part: str, context: dict[str, Any], refusal: CannotBook) -> HttpResponse:
    """The page as it is, with why the provider was not asked."""
    context |= {"trouble": words(refusal.code)}
    response = show(request, part, context, status=503 if refusal.code == "busy" else 409)
    if refusal.code == "busy":
        response.headers["Retry-After"] = str(BUSY_FOR)
    return response
