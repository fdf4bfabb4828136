"""Today's board and the week: the mirror as it is, with its age beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from branches.access import permission_required
from branches.requests import StaffRequest
from branches.roles import Permission
from reservations import selectors, services
from reservations.forms.reading import DayForm
from reservations.reading import asked, board
from reservations.services import CannotBook
from reservations.views.reading import nothing_new, place_of, refused, show, to_answer

see_here = permission_required(Permission.BOOKINGS)
BOARD, WEEK = "reservations/today.html", "reservations/week.html"


@require_GET
@see_here
def today(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    form, day = _day(request.GET, request, now)
    address = board.day_address(day, form["by"], form["show"])
    waiting = asked.shown(asked.asked_for(request, request.user), now, address)
    if nothing_new(request, waiting):
        return HttpResponse(status=204)
    return show(request, BOARD, _page(request, form, day, now) | waiting)


@require_POST
@see_here
def refresh_day(request: StaffRequest) -> HttpResponse:
    """Ask for what comes next, not for the whole day: a provider has no list that could be trusted to be of one day."""
    now = timezone.now()
    form, day = _day(request.POST, request, now)
    address = board.day_address(day, form["by"], form["show"])
    rows = board.to_refresh(selectors.day_of(request.branch, day, now))
    if not rows:
        return redirect(address)
    try:
        ask = services.refresh_reservations(rows, place_of(request), now=now)
    except CannotBook as refusal:
        return refused(request, BOARD, _page(request, form, day, now), refusal)
    return to_answer(address, ask)


@require_GET
@see_here
def week(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    _form, day = _day(request.GET, request, now)
    return show(request, WEEK, board.week_page(request.branch, day, now) | {"page": "today"})


def _day(data: Any, request: StaffRequest, now: dt.datetime) -> tuple[dict[str, str], dt.date]:
    """What the address says, and where it says nothing that can be read, what one sees first."""
    form = DayForm(data)
    form.is_valid()
    found = form.cleaned_data
    chosen = {"by": found.get("by") or "hour", "show": found.get("show") or "all"}
    return chosen, found.get("day") or request.branch.business_date(now)


def _page(request: StaffRequest, form: dict[str, str], day: dt.date, now: dt.datetime) -> dict[str, Any]:
    page = board.day_page(request.branch, day, now, form["by"], form["show"])
    return page | {"page": "today", "now": now}
