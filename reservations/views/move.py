"""Another time for a reservation, or another practitioner: a day and with whom, a free time, and a yes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from branches.pages import found
from branches.requests import StaffRequest
from providers.acting import place_of
from reservations import selectors, services
from reservations.cards import booking
from reservations.cards.changes import CanDo, of_reservation, others_of, who_can
from reservations.forms.booking import MoveForm, SlotForm, WithForm
from reservations.models import Act, Ask, Reservation
from reservations.outcomes import refusal
from reservations.selectors import Slot
from reservations.services import CannotBook
from reservations.views.shared import (
    act_named,
    ask_now,
    ask_or_404,
    book_here,
    pressed_before,
    reservation_or_404,
    say_no,
    show,
    watch,
)

both = require_http_methods(["GET", "POST"])


@both
@book_here
def reschedule(request: StaffRequest, reservation_id: int) -> HttpResponse:
    """A day is asked for; without one it is the reservation's own. The answer is the page of its free times."""
    row, today = reservation_or_404(request, reservation_id), request.branch.business_date(timezone.now())
    first = max(today, row.starts_at.astimezone(request.branch.zone).date())
    if request.method == "GET":
        return _ask_when(request, row, first, today)
    given = {"day": request.POST.get("day") or first.isoformat(), "practitioner": request.POST.get("practitioner", "")}
    form = MoveForm(given, today=today)
    if not form.is_valid():
        return _ask_when(request, row, first, today, form)
    try:
        ask = _ask_times(request, row, form.cleaned_data["day"], form.cleaned_data["practitioner"])
    except CannotBook as problem:
        return say_no(request, problem, of_reservation(row, request.branch)["back"], _("Another time"))
    return redirect(_carried(resolve_url("reservations:move_times", row.pk, ask_now(ask).pk), act_named(request)))


def _carried(path: str, after: Act | None) -> str:
    return f"{path}?{urlencode({'after': after.pk})}" if after else path


def _ask_when(
    request: StaffRequest, row: Reservation, first: dt.date, today: dt.date, form: MoveForm | None = None
) -> HttpResponse:
    after = act_named(request)
    context = of_reservation(row, request.branch) | {
        "day": first,
        "today": today,
        "after": after,
        "possible": form is not None or row.status in ("pending", "confirmed"),
        "others": others_of(row),
        "anyone": MoveForm.ANYONE,
        "wanted": next(iter(after.asked.get("with", [])), "") if after else "",
        "error": form.errors.get("day", [""])[0] if form else "",
    }
    return show(request, "reservations/reschedule.html", context, status=422 if form else 200)


def _ask_times(request: StaffRequest, row: Reservation, day: dt.date, who: str) -> Ask:
    """Of the price it was made at, with those who serve it, with somebody else, or with anybody. Raises CannotBook."""
    offer = selectors.offer_of(row)
    if offer is None:
        raise CannotBook("not_offered")
    product, price = offer
    ids = selectors.practitioner_ids_of(row)
    if who:
        if who != MoveForm.ANYONE and who not in [one["id"] for one in product.practitioners]:
            raise CannotBook("practitioner_wrong")
        ids = [] if who == MoveForm.ANYONE else [who]
    return services.ask_slots(
        product,
        price.stable_id or price.price_id,
        day,
        booking.DAYS,
        place_of(request),
        now=timezone.now(),
        quantity=row.quantity,
        practitioner_ids=tuple(ids),
    )


@both
@book_here
def move_times(request: StaffRequest, reservation_id: int, ask_id: uuid.UUID) -> HttpResponse:
    row = reservation_or_404(request, reservation_id)
    ask = _of(row, ask_or_404(request, ask_id, Ask.Kind.SLOTS))
    if request.method == "GET":
        return _choose(request, row, ask)
    form = SlotForm(request.POST)
    if not form.is_valid() or selectors.slot_numbered(ask, form.cleaned_data["slot"]) is None:
        return _choose(request, row, ask, "slot_missing")
    return redirect("reservations:move", row.pk, ask.pk, form.cleaned_data["slot"])


def _of(row: Reservation, ask: Ask) -> Ask:
    if ask.account_id != row.account_id:
        raise Http404
    return ask


def _choose(request: StaffRequest, row: Reservation, ask: Ask, error: str = "") -> HttpResponse:
    """The nearest to the time it has, or to the one that was wanted before."""
    now, after = timezone.now(), act_named(request)
    wanted = booking.wanted_at(after, now) if after else max(row.starts_at, now)
    context = booking.times(ask, wanted=wanted, now=now, error=error)
    more = {
        "steps": [],
        "title": _("Another time"),
        "who": row.customer_name,
        "carried": [("after", after.pk)] if after else [],
        "ask_url": resolve_url("reservations:reschedule", row.pk),
        "back": of_reservation(row, request.branch)["back"],
        "kept": {"practitioner": _kept_who(row, ask)},
        "standing_at": row,
    }
    return show(request, "reservations/times.html", context | more, status=422 if error else 200)


def _kept_who(row: Reservation, ask: Ask) -> str:
    """With whom another day is asked for: as this one was."""
    asked = ask.given["practitioners"]
    if asked == selectors.practitioner_ids_of(row):
        return ""
    return asked[0] if asked else MoveForm.ANYONE


@both
@book_here
def move(request: StaffRequest, reservation_id: int, ask_id: uuid.UUID, slot: int) -> HttpResponse:
    row = reservation_or_404(request, reservation_id)
    ask = _of(row, ask_or_404(request, ask_id, Ask.Kind.SLOTS))
    chosen = found(selectors.slot_numbered(ask, slot))
    people = who_can(row, chosen, ask)
    if request.method == "GET":
        return _confirm_move(request, row, ask, chosen, people)
    form = WithForm(request.POST)
    who = form.cleaned_data["practitioner"] if form.is_valid() else None
    if who not in [one.key for one in people]:
        return _confirm_move(request, row, ask, chosen, people, "practitioner_wrong")
    token = booking.token_for(ask.pk, row.pk, slot, *([who] if who else []))
    if before := pressed_before(request, token):
        return before
    others = (who,) if who else None
    try:
        act = services.reschedule_reservation(
            row, chosen, place_of(request, token=token), now=timezone.now(), practitioner_ids=others
        )
    except CannotBook as problem:
        return say_no(request, problem, resolve_url("reservations:move_times", row.pk, ask.pk), _("Another time"))
    return watch(request, act)


def _confirm_move(
    request: StaffRequest, row: Reservation, ask: Ask, slot: Slot, people: Sequence[CanDo], error: str = ""
) -> HttpResponse:
    context = of_reservation(row, request.branch) | {
        "slot": slot,
        "ends": slot.starts_at + (row.ends_at - row.starts_at),
        "ask": ask,
        "people": people,
        "error": refusal(error) if error else None,
    }
    return show(request, "reservations/move.html", context, status=422 if error else 200)
