"""Points that wait for a second person: who may, agrees or declines, and who proposed them may take them back."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from branches.pages import found, partial
from branches.proof import ask_again, recently_proved
from branches.requests import StaffRequest
from loyalty import selectors, services
from loyalty.cards import points as cards
from loyalty.cards.around import where_work_goes_on
from loyalty.forms.points import DeclineForm
from loyalty.models import Proposal
from loyalty.services import CannotMove
from loyalty.views.shared import say_no, see_here, show_wide, supervise_here, use_here, watch
from providers.acting import place_of


def proposal_or_404(request: StaffRequest, proposal_id: uuid.UUID) -> Proposal:
    return found(selectors.proposal_for(request.user, proposal_id))


@require_GET
@see_here
def proposals(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    rows = selectors.proposals_waiting(request.user, request.branch, now)
    items = [cards.listed(row, request.user, now) for row in rows]
    return show_wide(request, "loyalty/proposals.html", {"items": items, "page": "proposals", "branch": request.branch})


@require_GET
@see_here
def proposal(request: StaffRequest, proposal_id: uuid.UUID) -> HttpResponse:
    """204 to a poll when the page would say the same as before."""
    row, now = proposal_or_404(request, proposal_id), timezone.now()
    if partial(request) and request.GET.get("seen") == cards.state_of(row, now):
        return HttpResponse(status=204)
    return _show(request, row)


def _show(request: StaffRequest, row: Proposal, problem: str = "", status: int = 200) -> HttpResponse:
    context = cards.proposal(row, request.user, timezone.now(), problem)
    return show_wide(request, "loyalty/proposal.html", context, status=status)


@require_POST
@supervise_here
def agree(request: StaffRequest, proposal_id: uuid.UUID) -> HttpResponse:
    """Who agrees says who she is again, as with every decision."""
    row = proposal_or_404(request, proposal_id)
    if not recently_proved(request):
        return ask_again(request, _page(row))
    try:
        act = services.agree(row, place_of(request, row.branch), now=timezone.now())
    except CannotMove as problem:
        return say_no(request, problem, _page(row))
    return watch(request, act)


@require_POST
@supervise_here
def decline(request: StaffRequest, proposal_id: uuid.UUID) -> HttpResponse:
    row, form = proposal_or_404(request, proposal_id), DeclineForm(request.POST)
    if not form.is_valid():
        return _show(request, row, str(form.errors["note"][0]), status=422)
    try:
        services.decline(row, place_of(request, row.branch), now=timezone.now(), note=form.cleaned_data["note"])
    except CannotMove as problem:
        return say_no(request, problem, _page(row))
    return redirect(_page(row))


@require_POST
@use_here
def take_back(request: StaffRequest, proposal_id: uuid.UUID) -> HttpResponse:
    row = proposal_or_404(request, proposal_id)
    try:
        services.take_back(row, place_of(request, row.branch), now=timezone.now())
    except CannotMove as problem:
        return say_no(request, problem, _page(row))
    return redirect(_page(row))


@require_POST
@see_here
def aside(request: StaffRequest, proposal_id: uuid.UUID) -> HttpResponse:
    """How it ended has been read."""
    row = proposal_or_404(request, proposal_id)
    services.put_proposal_aside(row, request.user, now=timezone.now())
    return redirect(where_work_goes_on())


def _page(row: Proposal) -> str:
    return resolve_url("loyalty:proposal", row.pk)
