"""A card for a customer, and the removal of one (S11). What the provider was asked and answered stands in the address."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from branches.requests import StaffRequest
from customers.models import ProviderCustomer
from loyalty import selectors, services
from loyalty.cards import issuing
from loyalty.forms.cards import IssueForm, RemoveForm
from loyalty.models import Ask, Card
from loyalty.outcomes import refusal
from loyalty.services import CannotMove
from loyalty.views.shared import (
    ask_now,
    ask_or_404,
    card_or_404,
    customer_or_404,
    nothing_new,
    pressed_before,
    say_no,
    show,
    supervise_here,
    use_here,
    watch,
)
from providers.acting import place_of

both = require_http_methods(["GET", "POST"])


@both
@use_here
def issue(request: StaffRequest, customer_id: int) -> HttpResponse:
    """Which cards can be issued to this phone is asked anew each time: it changes with what they have."""
    row = customer_or_404(request, customer_id)
    if request.method == "GET":
        return show(request, "loyalty/issue.html", issuing.before(row))
    try:
        ask = services.ask_card_types(row, place_of(request), now=timezone.now())
    except CannotMove as problem:
        return say_no(request, problem, issuing.address_of(row), _("New card"))
    return redirect("loyalty:issue_choose", row.pk, ask_now(ask).pk)


@both
@use_here
def issue_choose(request: StaffRequest, customer_id: int, ask_id: uuid.UUID) -> HttpResponse:
    row, ask = customer_or_404(request, customer_id), ask_or_404(request, ask_id, Ask.Kind.TYPES)
    if ask.account_id != row.account_id or ask.given["client_id"] != row.external_id:
        raise Http404
    beside = "beside" in (request.POST if request.method == "POST" else request.GET)
    context = issuing.offer(row, ask, timezone.now(), beside=beside)
    if nothing_new(request, context):
        return HttpResponse(status=204)
    if request.method == "GET":
        return show(request, "loyalty/issue_choose.html", context)
    return pressed_before(request, context["token"]) or _issue(request, row, context)


def _issue(request: StaffRequest, row: ProviderCustomer, context: dict[str, Any]) -> HttpResponse:
    form = IssueForm(request.POST)
    chosen = form.cleaned_data.get("type") if form.is_valid() else None
    kind = next((one for one in context["types"] if one.pk == chosen), None)
    if kind is None:
        return _once_more(request, context, "type_missing")
    place, wish = place_of(request, token=context["token"]), {"number": form.cleaned_data["number"]}
    try:
        act = services.issue_card(row, kind, place, now=timezone.now(), beside=context["beside"], **wish)
    except CannotMove as problem:
        if problem.code in ("number_wrong", "has_card"):
            return _once_more(request, context, problem.code)
        return say_no(request, problem, issuing.address_of(row), _("New card"))
    return watch(request, act)


def _once_more(request: StaffRequest, context: dict[str, Any], code: str) -> HttpResponse:
    typed = {name: request.POST.get(name, "")[:60] for name in ("type", "number")}
    return show(request, "loyalty/issue_choose.html", context | {"problem": refusal(code), "typed": typed}, status=422)


@both
@supervise_here
def remove(request: StaffRequest, card_id: int) -> HttpResponse:
    row = card_or_404(request, card_id)
    if request.method == "GET":
        return _ask_why(request, row)
    form = RemoveForm(request.POST)
    if not form.is_valid():
        return _ask_why(request, row, form)
    try:
        act = services.remove_card(row, form.text(), place_of(request), now=timezone.now())
    except CannotMove as problem:
        return say_no(request, problem, resolve_url("loyalty:card", row.pk), _("Remove the card"))
    return watch(request, act)


def _ask_why(request: StaffRequest, row: Card, form: RemoveForm | None = None) -> HttpResponse:
    context = issuing.removal(row, selectors.holding_of(row)) | {
        "typed": {name: request.POST.get(name, "")[:200] for name in ("reason", "words")},
        "problems": {name: texts[0] for name, texts in form.errors.items()} if form else {},
    }
    return show(request, "loyalty/remove.html", context, status=422 if form else 200)
