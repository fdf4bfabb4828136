"""What is done to a reservation: confirm, cancel, done, check in, check out, another time. Each is a page of its own, so that
it works from anywhere and without JavaScript; the short ones may be posted at once by a button elsewhere."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from branches.requests import StaffRequest
from branches.roles import Permission
from providers import registry
from reservations import selectors, services
from reservations.cards import booking
from reservations.cards.changes import VERBS, of_reservation
from reservations.forms.booking import DayForm, SlotForm
from reservations.forms.changing import OTHER, REASONS, CancelForm
from reservations.models import Act, Ask, Reservation
from reservations.services import CannotBook
from reservations.views.shared import (
    act_named,
    ask_now,
    ask_or_404,
    book_here,
    found,
    place_of,
    pressed_before,
    reservation_or_404,
    say_no,
    show,
    watch,
)

both = require_http_methods(["GET", "POST"])
SERVICES: dict[str, Callable[..., Act]] = {
    "confirm": services.confirm_reservation,
    "finish": services.finish_reservation,
    "check_in": services.check_in,
    "check_out": services.check_out,
}


@both
@book_here
def simply(request: StaffRequest, reservation_id: int, verb: str) -> HttpResponse:
    row = reservation_or_404(request, reservation_id)
    context = of_reservation(row, request.branch)
    if request.method == "GET":
        more = {"verb": VERBS[verb], "possible": row.status in VERBS[verb].statuses, "token": uuid.uuid4()}
        return show(request, "reservations/change.html", context | more)
    try:
        act = SERVICES[verb](row, place_of(request), now=timezone.now())
    except CannotBook as problem:
        return say_no(request, problem, context["back"], str(VERBS[verb].title))
    return watch(request, act)


# Cancel -----------------------------------------------------------------------------------------------------------------


@both
@book_here
def cancel(request: StaffRequest, reservation_id: int) -> HttpResponse:
    row = reservation_or_404(request, reservation_id)
    if request.method == "GET":
        return _ask_why(request, row)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _ask_why(request, row, form)
    with translation.override(registry.SPECS[row.account.provider].letter_language):
        reason = form.text()  # it stands in their system, and the customer may read it
    try:
        act = services.cancel_reservation(
            row, reason, place_of(request), notify=form.cleaned_data["notify"], now=timezone.now()
        )
    except CannotBook as problem:
        return say_no(request, problem, of_reservation(row, request.branch)["back"], _("Cancel the appointment"))
    return watch(request, act)


def _ask_why(request: StaffRequest, row: Reservation, form: CancelForm | None = None) -> HttpResponse:
    context = of_reservation(row, request.branch) | {
        "reasons": REASONS.items(),
        "other": OTHER,
        "may_notify": Permission.BOOK_SUPERVISE in request.permissions,
        "possible": row.status in ("pending", "confirmed"),
        "typed": {name: request.POST.get(name, "")[:200] for name in ("reason", "words", "notify")},
        "problems": {name: texts[0] for name, texts in form.errors.items()} if form else {},
        "token": uuid.uuid4(),
    }
    return show(request, "reservations/cancel.html", context, status=422 if form else 200)


# Another time -----------------------------------------------------------------------------------------------------------


@both
@book_here
def reschedule(request: StaffRequest, reservation_id: int) -> HttpResponse:
    """A day is asked for; without one it is the reservation's own. The answer is the page of its free times."""
    row, today = reservation_or_404(request, reservation_id), request.branch.business_date(timezone.now())
    first = max(today, row.starts_at.astimezone(request.branch.zone).date())
    if request.method == "GET":
        context = of_reservation(row, request.branch) | {"day": first, "today": today, "after": act_named(request)}
        return show(
            request, "reservations/reschedule.html", context | {"possible": row.status in ("pending", "confirmed")}
        )
    form = DayForm({"day": request.POST.get("day") or first.isoformat()}, today=today)
    if not form.is_valid():
        context = of_reservation(row, request.branch) | {"day": first, "today": today, "possible": True}
        return show(request, "reservations/reschedule.html", context | {"error": form.errors["day"][0]}, status=422)
    try:
        ask = _ask_times(request, row, form.cleaned_data["day"])
    except CannotBook as problem:
        return say_no(request, problem, of_reservation(row, request.branch)["back"], _("Another time"))
    return redirect(_carried(resolve_url("reservations:move_times", row.pk, ask_now(ask).pk), act_named(request)))


def _carried(path: str, after: Act | None) -> str:
    return f"{path}?{urlencode({'after': after.pk})}" if after else path


def _ask_times(request: StaffRequest, row: Reservation, day: dt.date) -> Ask:
    """Of the price it was made at, with those who serve it. Raises CannotBook."""
    offer = selectors.offer_of(row)
    if offer is None:
        raise CannotBook("not_offered")
    product, price = offer
    return services.ask_slots(
        product,
        price.stable_id or price.price_id,
        day,
        booking.DAYS,
        place_of(request),
        now=timezone.now(),
        quantity=row.quantity,
        practitioner_ids=tuple(selectors.practitioner_ids_of(row)),
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
        "after": after,
        "ask_url": resolve_url("reservations:reschedule", row.pk),
        "back": of_reservation(row, request.branch)["back"],
        "kept": {},
        "standing_at": row,
    }
    return show(request, "reservations/times.html", context | more, status=422 if error else 200)


@both
@book_here
def move(request: StaffRequest, reservation_id: int, ask_id: uuid.UUID, slot: int) -> HttpResponse:
    row = reservation_or_404(request, reservation_id)
    ask = _of(row, ask_or_404(request, ask_id, Ask.Kind.SLOTS))
    chosen = found(selectors.slot_numbered(ask, slot))
    if request.method == "GET":
        more = {"slot": chosen, "ends": chosen.starts_at + (row.ends_at - row.starts_at), "ask": ask}
        return show(request, "reservations/move.html", of_reservation(row, request.branch) | more | {"number": slot})
    token = booking.token_for(ask, row.pk, slot)
    if before := pressed_before(request, token):
        return before
    try:
        act = services.reschedule_reservation(row, chosen, place_of(request, token=token), now=timezone.now())
    except CannotBook as problem:
        return say_no(request, problem, resolve_url("reservations:move_times", row.pk, ask.pk), _("Another time"))
    return watch(request, act)
