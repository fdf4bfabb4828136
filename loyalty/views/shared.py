"""What the pages of cards share: who acts where, whose row it is, the page around a card, and a clear no."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render, resolve_url

from branches.access import go, permission_required
from branches.pages import found, partial
from branches.requests import StaffRequest
from branches.roles import Permission
from customers.models import ProviderCustomer
from loyalty import selectors
from loyalty.cards.around import refused
from loyalty.models import Act, Appointment, Ask, Card
from loyalty.outcomes import refusal
from loyalty.services import CannotMove
from providers.operations import ring

see_here = permission_required(Permission.CARDS)
use_here = permission_required(Permission.CARD_USE)
supervise_here = permission_required(Permission.CARD_SUPERVISE)
BUSY_FOR = 5  # seconds after which the next try is worth it
NOT_NOW = {"busy", "provider_down"}


def act_or_404(request: StaffRequest, act_id: uuid.UUID) -> Act:
    return found(selectors.act_for(request.user, act_id))


def ask_or_404(request: StaffRequest, ask_id: uuid.UUID, kind: str) -> Ask:
    ask = found(selectors.ask_for(request.user, ask_id))
    if ask.kind != kind:
        raise Http404
    return ask


def ask_now(ask: Ask) -> Ask:
    """A worker asks at once."""
    if ask.state == Ask.State.WAITING:
        ring("loyalty.ask", ask.pk)
    return ask


def customer_or_404(request: StaffRequest, row_id: int) -> ProviderCustomer:
    return found(selectors.customer_for(request.user, row_id))


def card_or_404(request: StaffRequest, row_id: int) -> Card:
    return found(selectors.card_for(request.user, row_id))


def appointment_or_404(request: StaffRequest, row_id: int) -> Appointment:
    return found(selectors.appointment_at(request.branch, row_id))


def nothing_new(request: StaffRequest, waiting: dict[str, Any]) -> bool:
    """The poll has this already: focus and screen readers rest."""
    return partial(request) and bool(waiting.get("polls")) and request.GET.get("seen") == waiting["standing"]


def show(request: StaffRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The card alone for a poll, the whole page otherwise."""
    context["part"] = template
    return render(request, template if partial(request) else "loyalty/page.html", context, status=status)


def show_wide(request: StaffRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """As `show`, on a page that leaves the unfinished work no room."""
    request.wide = True
    return show(request, template, context | {"branch": request.branch, "wide": True}, status)


def watch(request: StaffRequest, act: Act) -> HttpResponse:
    """Its intent is committed: a sender is told, and its page is next."""
    ring("providers.send", act.operation_id)
    return go(request, resolve_url("loyalty:act", act.pk))


def pressed_before(request: StaffRequest, token: uuid.UUID) -> HttpResponse | None:
    """The page of what this form has opened already. What it changed since is no reason to refuse the second press."""
    act = selectors.act_of_form(request.user, token)
    return go(request, resolve_url("loyalty:act", act.pk)) if act else None


def say_no(request: StaffRequest, problem: CannotMove, back: str, title: str = "") -> HttpResponse:
    context = refused(
        problem.code, request.user, back=back, holder=problem.holder, rows=problem.rows, figures=problem.figures
    )
    status = 503 if problem.code in NOT_NOW else 409
    response = show(request, "loyalty/refused.html", context | {"title": title}, status=status)
    if status == 503:
        response.headers["Retry-After"] = str(BUSY_FOR)
    return response


def not_asked(request: StaffRequest, part: str, context: dict[str, Any], problem: CannotMove) -> HttpResponse:
    """The page as it is, with why the provider was not asked."""
    status = 503 if problem.code in NOT_NOW else 409
    response = show_wide(request, part, context | {"trouble": refusal(problem.code)}, status=status)
    if status == 503:
        response.headers["Retry-After"] = str(BUSY_FOR)
    return response
