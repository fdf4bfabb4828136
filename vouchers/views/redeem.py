"""The redemption, five states of one card. A view parses, makes one domain call, renders; the state is always the row's, so
reload, back, a second tab, another till and a restart show the truth."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import segno
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branches.access import permission_required
from branches.requests import StaffRequest
from branches.roles import Permission
from providers.operations import ring
from vouchers import cards, selectors, services
from vouchers.forms import CodeForm, PersonForm, TotalForm
from vouchers.models import Lookup, Redemption
from vouchers.services import CannotRedeem, Place

redeem_here = permission_required(Permission.REDEEM)
see_here = permission_required(Permission.LEDGER)
BUSY_FOR = 5  # seconds after which the next try is worth it
MISSING_STEPS = {
    "not_ready": "vouchers:lookup",
    "person_missing": "vouchers:lookup",
    "total_missing": "vouchers:amounts",
    "total_too_small": "vouchers:amounts",
}


def place_of(request: StaffRequest) -> Place:
    return Place(request.user, request.branch, request.till)


def lookup_or_404(request: StaffRequest, lookup_id: uuid.UUID) -> Lookup:
    return get_object_or_404(selectors.lookups_for(request.user), pk=lookup_id)


def redemption_or_404(request: StaffRequest, redemption_id: uuid.UUID) -> Redemption:
    return get_object_or_404(selectors.redemptions_for(request.user), pk=redemption_id)


def partial(request: StaffRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def busy(request: StaffRequest, context: dict[str, Any]) -> HttpResponse:
    """A clear no, quickly, and what she typed is kept: rather than a wait that ends past its minute."""
    response = show(request, "vouchers/refused.html", context, status=503)
    response.headers["Retry-After"] = str(BUSY_FOR)
    return response


def show(request: StaffRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The card alone for a poll, the whole page otherwise."""
    context["part"] = template
    return render(request, template if partial(request) else "vouchers/page.html", context, status=status)


# Scan and verify --------------------------------------------------------------------------------------------------------


@require_POST
@redeem_here
def start(request: StaffRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if not form.is_valid():
        context = cards.unreadable(form.data.get("q", ""))
        return show(request, "vouchers/refused.html", context, status=422)
    _put_last_aside(request, form.cleaned_data["after"])
    return _look_up(request, form.cleaned_data["q"])


def _look_up(request: StaffRequest, typed: str) -> HttpResponse:
    try:
        lookup = services.start_lookup(typed, place_of(request), now=timezone.now())
    except CannotRedeem:
        return busy(request, cards.busy(typed))
    if lookup.state == Lookup.State.WAITING:
        ring("vouchers.look_up", lookup.pk)
    return redirect("vouchers:lookup", lookup.pk)


def _put_last_aside(request: StaffRequest, after: uuid.UUID | None) -> None:
    """She has seen that result: it is no unfinished work any more."""
    last = selectors.redemptions_for(request.user).filter(pk=after).first() if after else None
    if last:
        services.put_aside(last, request.user, now=timezone.now())


@require_GET
@redeem_here
def lookup(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    row = lookup_or_404(request, lookup_id)
    if row.state == Lookup.State.WAITING:
        return show(request, "vouchers/waiting.html", cards.waiting(row))
    done = Redemption.objects.filter(lookup=row).values_list("pk", flat=True).first()
    if done:
        return cards.go(request, "vouchers:redemption", done)
    if row.state != Lookup.State.FOUND:
        return show(request, "vouchers/refused.html", cards.refused_lookup(row, request.user))
    return show(request, "vouchers/verified.html", cards.verified(row))


@require_POST
@redeem_here
def person(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    row = lookup_or_404(request, lookup_id)
    if row.state != Lookup.State.FOUND or hasattr(row, "redemption"):
        return redirect("vouchers:lookup", row.pk)
    form = PersonForm(request.POST)
    try:
        services.choose_person(row, form.cleaned_data["person"] if form.is_valid() else "")
    except CannotRedeem as refusal:
        return show(request, "vouchers/verified.html", cards.verified(row, error=refusal.code), status=422)
    return redirect("vouchers:amounts", row.pk)


@require_http_methods(["GET", "POST"])
@redeem_here
def amounts(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    row = lookup_or_404(request, lookup_id)
    if row.state != Lookup.State.FOUND or row.voucher is None or not row.person or hasattr(row, "redemption"):
        return redirect("vouchers:lookup", row.pk)
    form = TotalForm(request.POST if request.method == "POST" else None, currency=row.voucher.currency)
    if request.method == "GET":
        return show(request, "vouchers/amounts.html", cards.amounts(row))
    if not form.is_valid():
        context = cards.amounts(
            row, typed=form.data.get("services_total", ""), problem=str(form.errors["services_total"][0])
        )
        return show(request, "vouchers/amounts.html", context, status=422)
    return _total(request, row, form.cleaned_data["services_total"])


def _total(request: StaffRequest, row: Lookup, total: Decimal) -> HttpResponse:
    try:
        services.set_total(row, total)
    except CannotRedeem as refusal:
        return show(request, "vouchers/amounts.html", cards.amounts(row, refusal=refusal), status=422)
    return redirect("vouchers:confirm", row.pk)


# Confirm and redeem -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@redeem_here
def confirm(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    row = lookup_or_404(request, lookup_id)
    if request.method == "POST":
        return _redeem(request, row) if _still_what_she_read(request, row) else redirect("vouchers:confirm", row.pk)
    if hasattr(row, "redemption"):
        return redirect("vouchers:redemption", row.redemption.pk)
    try:
        context = cards.confirm(row)
    except CannotRedeem as refusal:
        return _not_yet(request, row, refusal)
    return show(request, "vouchers/confirm.html", context)


def _still_what_she_read(request: StaffRequest, row: Lookup) -> bool:
    """Another tab may have changed the person or the total since: then the card is read, and pressed, once more."""
    return request.POST.get("shown", cards.shown(row)) == cards.shown(row)


def _redeem(request: StaffRequest, row: Lookup) -> HttpResponse:
    till = request.till if request.till and request.till.branch_id == row.branch_id else None
    try:
        redemption = services.redeem_voucher(row, Place(request.user, row.branch, till), now=timezone.now())
    except CannotRedeem as refusal:
        return _not_yet(request, row, refusal)
    ring("providers.send", redemption.operation_id)
    return redirect("vouchers:redemption", redemption.pk)


def _not_yet(request: StaffRequest, row: Lookup, refusal: CannotRedeem) -> HttpResponse:
    """Back to the step that is missing; a card that says why where there is none."""
    if refusal.code in MISSING_STEPS:
        return redirect(MISSING_STEPS[refusal.code], row.pk)
    if refusal.code == "busy":
        return busy(request, cards.refused(row, refusal, request.user))
    return show(request, "vouchers/refused.html", cards.refused(row, refusal, request.user), status=409)


# Result -----------------------------------------------------------------------------------------------------------------


@require_GET
@see_here
def redemption(request: StaffRequest, redemption_id: uuid.UUID) -> HttpResponse:
    """204 to a poll when the card would say the same as before."""
    now = timezone.now()
    if partial(request) and "seen" in request.GET:
        operation = selectors.operation_of(request.user, redemption_id)
        if operation and request.GET["seen"] == cards.standing(operation, now):
            return HttpResponse(status=204)
    row = redemption_or_404(request, redemption_id)
    return show(request, "vouchers/result.html", cards.result(row, request.user, now=now))


@require_POST
@redeem_here
def check(request: StaffRequest, redemption_id: uuid.UUID) -> HttpResponse:
    row = redemption_or_404(request, redemption_id)
    services.check_now(row)
    ring("providers.settle", row.operation_id)
    return redirect("vouchers:redemption", row.pk)


@require_POST
@redeem_here
def done(request: StaffRequest, redemption_id: uuid.UUID) -> HttpResponse:
    services.put_aside(redemption_or_404(request, redemption_id), request.user, now=timezone.now())
    return redirect("desk:home")


@require_GET
@see_here
def slip(request: StaffRequest, redemption_id: uuid.UUID) -> HttpResponse:
    row = redemption_or_404(request, redemption_id)
    context = cards.slip(row)
    if context is None:
        return redirect("vouchers:redemption", row.pk)
    context["qr"] = segno.make_qr(row.operation.reference, error="m").svg_data_uri(scale=3, border=2)
    return render(request, "vouchers/slip.html", context)


# Draft ------------------------------------------------------------------------------------------------------------------


@require_POST
@redeem_here
def again(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    """Read the same code once more, as a new look-up: after no answer, or after a redemption that did not happen."""
    row = lookup_or_404(request, lookup_id)
    return _look_up(request, row.code or row.typed)


@require_POST
@redeem_here
def aside(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    services.set_aside(lookup_or_404(request, lookup_id), now=timezone.now())
    return redirect("desk:home")
