"""Changes to bookings on the desk and in the review. Who decides says who they are again, as with redemptions."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from branches.access import permission_required
from branches.proof import ask_again, recently_proved
from branches.requests import StaffRequest
from branches.roles import Permission
from branches.selectors import branches_of
from desk import act_review, review
from providers.operations import ReviewRefused, decide, hand_over
from reservations import selectors, services
from reservations.models import Act

PAGE = "desk/review_act.html"
seeing = permission_required(Permission.BOOKINGS)
reviewing = permission_required(Permission.REVIEW)


def reviewable_or_404(request: StaffRequest, act_id: uuid.UUID) -> Act:
    rows = selectors.acts_for(request.user).filter(operation__branch__in=branches_of(request.user, Permission.REVIEW))
    return get_object_or_404(rows, pk=act_id)


@require_POST
@seeing
def aside(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(selectors.acts_for(request.user), pk=act_id)
    services.put_aside(row, request.user, now=timezone.now())
    return redirect("desk:home")


@require_GET
@reviewing
def detail(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    row = reviewable_or_404(request, act_id)
    form = act_review.form_for(row, review.draft(request, row.pk) or None)
    return render(request, PAGE, act_review.case(row, request.user, form))


@require_POST
@reviewing
def decide_act(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    row = reviewable_or_404(request, act_id)
    if not recently_proved(request):
        review.keep_draft(request, row.pk)
        return ask_again(request, reverse("desk:act_review", args=[row.pk]))
    form = act_review.form_for(row, request.POST)
    if not form.is_valid():
        return render(request, PAGE, act_review.case(row, request.user, form), status=422)
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
        return _refused(request, row, refusal)
    return redirect("desk:act_review", row.pk)


@require_POST
@reviewing
def take(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    row = reviewable_or_404(request, act_id)
    if not recently_proved(request):
        return ask_again(request, reverse("desk:act_review", args=[row.pk]))
    try:
        hand_over(row.operation, request.user)
    except ReviewRefused as refusal:
        return _refused(request, row, refusal)
    return redirect("desk:act_review", row.pk)


def _refused(request: StaffRequest, row: Act, refusal: ReviewRefused) -> HttpResponse:
    """The page as it stands now."""
    context = act_review.case(row, request.user, act_review.form_for(row), problem=refusal.code)
    return render(request, PAGE, context, status=409)
