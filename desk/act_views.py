"""Changes to bookings and to cards on the desk and in the review. Who decides says who they are again, as with redemptions."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from branches.access import permission_required
from branches.proof import ask_again, recently_proved
from branches.requests import StaffRequest
from branches.roles import Permission
from branches.selectors import branches_of
from desk import act_review, review
from desk.act_review import CHANGES
from desk.changes import Changes
from providers.acting import put_aside
from providers.operations import ReviewRefused, decide, hand_over

PAGE = "desk/review_act.html"
at_desk = permission_required(Permission.DESK)
reviewing = permission_required(Permission.REVIEW)


def reviewable_or_404(request: StaffRequest, changes: Changes, act_id: uuid.UUID) -> Any:
    rows = changes.acts_for(request.user).filter(operation__branch__in=branches_of(request.user, Permission.REVIEW))
    return get_object_or_404(rows, pk=act_id)


@require_POST
@at_desk
def aside(request: StaffRequest, act_id: uuid.UUID, what: str) -> HttpResponse:
    changes = CHANGES[what]
    if changes.permission not in request.permissions:
        raise PermissionDenied
    row = get_object_or_404(changes.acts_for(request.user), pk=act_id)
    put_aside(row, request.user, now=timezone.now())
    return redirect("desk:home")


@require_GET
@reviewing
def detail(request: StaffRequest, act_id: uuid.UUID, what: str) -> HttpResponse:
    changes = CHANGES[what]
    row = reviewable_or_404(request, changes, act_id)
    form = act_review.form_for(changes, row, review.draft(request, row.pk) or None)
    return render(request, PAGE, act_review.case(changes, row, request.user, form))


@require_POST
@reviewing
def decide_act(request: StaffRequest, act_id: uuid.UUID, what: str) -> HttpResponse:
    changes = CHANGES[what]
    row = reviewable_or_404(request, changes, act_id)
    if not recently_proved(request):
        review.keep_draft(request, row.pk)
        return ask_again(request, changes.address("review", row))
    form = act_review.form_for(changes, row, request.POST)
    if not form.is_valid():
        return render(request, PAGE, act_review.case(changes, row, request.user, form), status=422)
    said = form.cleaned_data
    try:
        decide(
            row.operation,
            request.user,
            applied=said["applied"] == "yes",
            reason=said["reason"],
            note_text=said["note"],
            named=form.named(),
        )
    except ReviewRefused as refusal:
        return _refused(request, changes, row, refusal)
    return redirect(changes.address("review", row))


@require_POST
@reviewing
def take(request: StaffRequest, act_id: uuid.UUID, what: str) -> HttpResponse:
    changes = CHANGES[what]
    row = reviewable_or_404(request, changes, act_id)
    if not recently_proved(request):
        return ask_again(request, changes.address("review", row))
    try:
        hand_over(row.operation, request.user)
    except ReviewRefused as refusal:
        return _refused(request, changes, row, refusal)
    return redirect(changes.address("review", row))


def _refused(request: StaffRequest, changes: Changes, row: Any, refusal: ReviewRefused) -> HttpResponse:
    """The page as it stands now."""
    form = act_review.form_for(changes, row)
    context = act_review.case(changes, row, request.user, form, problem=refusal.code)
    return render(request, PAGE, context, status=409)
