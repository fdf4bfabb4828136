"""The staff start page, its live parts, and the review of what a machine cannot decide."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from branches.access import permission_required
from branches.proof import ask_again, recently_proved
from branches.requests import StaffRequest
from branches.roles import Permission
from desk import finding, frame, review
from desk.forms import CloseForm, DecisionForm
from providers.operations import ReviewRefused, decide, hand_over
from reservations.views import people
from vouchers import casework
from vouchers.models import Redemption
from vouchers.views import redeem

at_desk = permission_required(Permission.DESK)
reviewing = permission_required(Permission.REVIEW)


@require_GET
@at_desk
def home(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/home.html", casework.at_desk(request.user, request.permissions, timezone.now()))


@require_GET
@at_desk
def live(request: StaffRequest) -> HttpResponse:
    """The strip and the unfinished work, for the poll. 204 when nothing changed, so that focus and screen readers rest."""
    context = frame.live(request.user, request.branch, request.permissions, request.GET.get("here", ""))
    if request.GET.get("seen") == context["digest"]:
        return HttpResponse(status=204)
    return render(request, "desk/live.html", context | {"place": request.branch, "now": timezone.now()})


@require_POST
@at_desk
def find(request: StaffRequest) -> HttpResponseBase:
    """What was typed into the box: a voucher's code, or a phone, a name or a number of somebody."""
    redeems, finds = Permission.REDEEM in request.permissions, Permission.CUSTOMERS in request.permissions
    if redeems and not (finds and not finding.is_voucher(request.POST.get("q", ""), request.branch)):
        return redeem.start(request)
    return people.search(request)


# Review -----------------------------------------------------------------------------------------------------------------


def redemption_or_404(request: StaffRequest, redemption_id: uuid.UUID) -> Redemption:
    return get_object_or_404(review.reviewable(request.user), pk=redemption_id)


@require_GET
@reviewing
def review_list(request: StaffRequest) -> HttpResponse:
    return render(request, "desk/review_list.html", review.waiting(request.user) | review.kept_note(request))


@require_GET
@reviewing
def review_detail(request: StaffRequest, redemption_id: uuid.UUID) -> HttpResponse:
    row = redemption_or_404(request, redemption_id)
    draft = DecisionForm(review.draft(request, row.pk) or None, lines=list(row.lines.all()))
    return render(request, "desk/review.html", review.case(row, request.user, form=draft))


@require_POST
@reviewing
def review_decide(request: StaffRequest, redemption_id: uuid.UUID) -> HttpResponse:
    row = redemption_or_404(request, redemption_id)
    form = DecisionForm(request.POST, lines=list(row.lines.all()))
    if not recently_proved(request):
        review.keep_draft(request, row.pk)
        return ask_again(request, reverse("desk:review_detail", args=[row.pk]))
    if not form.is_valid():
        return render(request, "desk/review.html", review.case(row, request.user, form=form), status=422)
    try:
        decide(
            row.operation,
            request.user,
            applied=form.cleaned_data["applied"] != "no",
            part=form.part(),
            reason=form.cleaned_data["reason"],
            note_text=form.cleaned_data["note"],
        )
    except ReviewRefused as refusal:
        return render(request, "desk/review.html", review.case(row, request.user, problem=refusal.code), status=409)
    return redirect("desk:review_detail", row.pk)


@require_POST
@reviewing
def review_take(request: StaffRequest, redemption_id: uuid.UUID) -> HttpResponse:
    row = redemption_or_404(request, redemption_id)
    if not recently_proved(request):
        return ask_again(request, reverse("desk:review_detail", args=[row.pk]))
    try:
        hand_over(row.operation, request.user)
    except ReviewRefused as refusal:
        return render(request, "desk/review.html", review.case(row, request.user, problem=refusal.code), status=409)
    return redirect("desk:review_detail", row.pk)


@require_POST
@reviewing
def review_close(request: StaffRequest, discrepancy_id: int) -> HttpResponse:
    """A discrepancy has been looked into; the note says what was found."""
    row = get_object_or_404(review.open_discrepancies(request.user), pk=discrepancy_id)
    form = CloseForm(request.POST)
    if not recently_proved(request):
        review.keep_draft(request, row.pk)
        return ask_again(request, reverse("desk:review_list"))
    if not form.is_valid():
        return render(request, "desk/review_list.html", review.waiting(request.user, failed=row.pk), status=422)
    review.close(row, request.user, form.cleaned_data["note"], now=timezone.now())
    return redirect("desk:review_list")
