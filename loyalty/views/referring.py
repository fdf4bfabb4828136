"""Who brought the customer: the provider is asked whose number it is, and the name is confirmed before it is applied for good.
The number is in the sealed question: no address has it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from branches.pages import found
from branches.requests import StaffRequest
from loyalty import selectors, services
from loyalty.cards import confirming
from loyalty.cards import visits as cards
from loyalty.forms.visits import PhoneForm
from loyalty.models import Ask
from loyalty.outcomes import refusal
from loyalty.services import CannotMove
from loyalty.views.shared import (
    appointment_or_404,
    ask_now,
    ask_or_404,
    nothing_new,
    pressed_before,
    say_no,
    show,
    use_here,
    watch,
)
from providers.acting import place_of

both = require_http_methods(["GET", "POST"])


@both
@use_here
def referral(request: StaffRequest, visit_id: int) -> HttpResponse:
    row = appointment_or_404(request, visit_id)
    context = confirming.referral(row)
    if request.method == "GET":
        return show(request, "loyalty/referral.html", context)
    form = PhoneForm(request.POST)
    phone = form.cleaned_data["phone"] if form.is_valid() else ""
    try:
        ask = services.ask_clients(row.account, phone, place_of(request), now=timezone.now())
    except CannotMove as problem:
        if problem.code != "phone_unreadable":
            return say_no(request, problem, cards.address_of(row), _("Referral"))
        return show(request, "loyalty/referral.html", context | {"error": refusal(problem.code)}, status=422)
    return redirect("loyalty:referral_confirm", row.pk, ask_now(ask).pk)


@both
@use_here
def referral_confirm(request: StaffRequest, visit_id: int, ask_id: uuid.UUID) -> HttpResponse:
    row, ask = appointment_or_404(request, visit_id), ask_or_404(request, ask_id, Ask.Kind.CLIENTS)
    if ask.account_id != row.account_id:
        raise Http404
    context = confirming.referrer(row, ask, timezone.now())
    if nothing_new(request, context):
        return HttpResponse(status=204)
    if request.method == "GET" or not context["known"]:
        return show(request, "loyalty/referrer.html", context, status=200 if request.method == "GET" else 409)
    if before := pressed_before(request, context["token"]):
        return before
    place = place_of(request, token=context["token"])
    try:
        bill = found(selectors.bill_for(row))
        act = services.apply_referral(bill, row.client_id, ask.given["phone"], place, now=timezone.now())
    except CannotMove as problem:
        return say_no(request, problem, cards.address_of(row), _("Referral"))
    return watch(request, act)
