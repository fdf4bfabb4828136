"""The page of one act: polled while it is open, and what can be done after it."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from branches.pages import partial
from branches.requests import StaffRequest
from branches.selectors import permissions_at
from loyalty import services
from loyalty.cards import acts as cards
from loyalty.cards.around import where_work_goes_on
from loyalty.views.shared import act_or_404, see_here, show, use_here
from providers.operations import ring


@require_GET
@see_here
def act(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    """204 to a poll when the card would say the same as before."""
    row, now = act_or_404(request, act_id), timezone.now()
    there = cards.around(row)
    if partial(request) and request.GET.get("seen") == cards.standing(row, there, now):
        return HttpResponse(status=204)
    branch = row.operation.branch
    rights = request.permissions if branch == request.branch else permissions_at(request.user, branch)
    return show(request, "loyalty/result.html", cards.result(row, there, rights, now=now))


@require_POST
@use_here
def check(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    row = act_or_404(request, act_id)
    services.check_now(row)
    ring("providers.settle", row.operation_id)
    return redirect("loyalty:act", row.pk)


@require_POST
@use_here
def done(request: StaffRequest, act_id: uuid.UUID) -> HttpResponse:
    row = act_or_404(request, act_id)
    services.put_aside(row, request.user, now=timezone.now())
    return redirect(cards.page_of(cards.around(row)) or where_work_goes_on())
