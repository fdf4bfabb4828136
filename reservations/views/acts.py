"""The page of one act: polled while it is open, and what can be done after it."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branches.access import go
from branches.pages import partial
from branches.requests import StaffRequest
from branches.selectors import permissions_at
from providers.acting import place_of
from providers.operations import ring
from reservations import services
from reservations.cards import acts as cards
from reservations.cards.around import where_work_goes_on
from reservations.cards.slips import slip as slip_of
from reservations.services import CannotBook
from reservations.views.shared import act_or_404, book_here, say_no, see_here, show, watch


@require_GET
@see_here
def act(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    """204 to a poll when the card would say the same as before. A customer who was made for a booking goes on to it."""
    row, now = act_or_404(request, act_id), timezone.now()
    made = cards.row_of(row)
    if request.GET.get("then") == "book" and row.operation.kind == "booking.create_customer" and made:
        return go(request, resolve_url("reservations:book_what", made.pk))
    if partial(request) and request.GET.get("seen") == cards.standing(row.operation, made, now):
        return HttpResponse(status=204)
    branch = row.operation.branch
    rights = request.permissions if branch == request.branch else permissions_at(request.user, branch)
    context = cards.result(row, made, rights, now=now) | {"then": request.GET.get("then") == "book"}
    return show(request, "reservations/result.html", context)


@require_POST
@book_here
def check(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    row = act_or_404(request, act_id)
    services.check_now(row)
    ring("providers.settle", row.operation_id)
    return redirect("reservations:act", row.pk)


@require_POST
@book_here
def done(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    services.put_aside(act_or_404(request, act_id), request.user, now=timezone.now())
    return redirect(where_work_goes_on())


@require_http_methods(["GET", "POST"])
@book_here
def undo(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    """A mistaken check-in or check-out, by its opposite; they keep both."""
    row = act_or_404(request, act_id)
    if request.method == "GET":
        context = {"act": row, "row": cards.row_of(row), "possible": cards.is_to_undo(row), "token": uuid.uuid4()}
        return show(request, "reservations/undo.html", context | {"branch": row.operation.branch})
    try:
        undone = services.undo_attendance(row, place_of(request, row.operation.branch), now=timezone.now())
    except CannotBook as problem:
        return say_no(request, problem, resolve_url("reservations:act", row.pk))
    return watch(request, undone)


@require_GET
@see_here
def slip(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    row = act_or_404(request, act_id)
    context = slip_of(row)
    if context is None:
        return redirect("reservations:act", row.pk)
    return render(request, "reservations/slip.html", context)
