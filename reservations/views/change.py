"""What is done to a reservation: confirm, cancel, done, check in, check out. Each is a page of its own, so that
it works from anywhere and without JavaScript; the short ones may be posted at once by a button elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from branches.requests import StaffRequest
from branches.roles import Permission
from providers import registry
from providers.acting import place_of
from reservations import services
from reservations.cards.changes import VERBS, of_reservation
from reservations.forms.changing import OTHER, REASONS, CancelForm
from reservations.models import Act, Reservation
from reservations.services import CannotBook
from reservations.views.shared import book_here, reservation_or_404, say_no, show, watch

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
