"""The redemption, five states of one card. A view parses, makes one domain call, renders; the state is always the row's, so
reload, back, a second tab, another till and a restart show the truth."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branches.access import go, permission_required
from branches.pages import partial
from branches.requests import StaffRequest
from branches.roles import Permission
from providers.operations import ring
from vouchers import cards, selectors, services
from vouchers.forms import CodeForm, OwnerForm, PersonForm, TotalForm
from vouchers.models import Lookup, Redemption
from vouchers.services import CannotRedeem, Place

redeem_here = permission_required(Permission.REDEEM)
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
    done = Redemption.objects.filter(lookup=row).values_list("pk", flat=True).first()
    if done:
        return go(request, resolve_url("vouchers:redemption", done))
    if row.first:
        return go(request, resolve_url("vouchers:lookup", row.first.pk))
    if row.state != Lookup.State.FOUND and not cards.is_sale(row):
        return _not_found(request, row)
    return _verified(request, row)


def _not_found(request: StaffRequest, row: Lookup) -> HttpResponse:
    """Not yet, or not at all. A poll of the list of vouchers makes way for the whole page: there is no list any more."""
    if row.state == Lookup.State.WAITING:
        return show(request, "vouchers/waiting.html", cards.waiting(row))
    if request.headers.get("HX-Target") == "vouchers":
        return go(request, resolve_url("vouchers:lookup", row.pk))
    return show(request, "vouchers/refused.html", cards.refused_lookup(row, request.user))


def _verified(request: StaffRequest, row: Lookup, error: str = "", **typed: str) -> HttpResponse:
    status = 422 if error else 200
    if cards.takes_several(row):
        at = "owner" if request.GET.get("at") == "owner" else ""
        context = cards.sale(row, now=timezone.now(), at=at, error=error, **typed)
        return show(request, "vouchers/sale.html", context, status=status)
    return show(request, "vouchers/verified.html", cards.verified(row, error=error), status=status)


@require_POST
@redeem_here
def add(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    """One more voucher for this sale. Enter in an empty box: there is no more, on to the owner, or past the owner."""
    row = lookup_or_404(request, lookup_id)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _no_code(request, row)
    try:
        added = services.add_voucher(row, form.cleaned_data["q"], place_of(request), now=timezone.now())
    except CannotRedeem as refusal:
        if refusal.code == "busy":
            return busy(request, cards.busy(form.cleaned_data["q"]))
        if refusal.code == "not_ready":
            return redirect("vouchers:lookup", row.pk)
        return _verified(request, row, refusal.code)
    if added.state == Lookup.State.WAITING:
        ring("vouchers.look_up", added.pk)
    return redirect("vouchers:lookup", row.pk)


def _no_code(request: StaffRequest, row: Lookup) -> HttpResponse:
    if cards.takes_several(row) and request.POST.get("q", "").strip() and not hasattr(row, "redemption"):
        return _verified(request, row, "malformed")
    if cards.chosen(row):
        return redirect("vouchers:amounts", row.pk)
    return redirect(resolve_url("vouchers:lookup", row.pk) + "?at=owner")


@require_POST
@redeem_here
def person(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    row = lookup_or_404(request, lookup_id)
    if selectors.owner_of(row) is None or hasattr(row, "redemption"):
        return redirect("vouchers:lookup", row.pk)
    try:
        _who(row, request)
    except CannotRedeem as refusal:
        return _verified(request, row, refusal.code, **_typed_phone(request, row))
    return redirect("vouchers:amounts", row.pk)


def _who(row: Lookup, request: StaffRequest) -> None:
    """A person on the voucher's card, or whose phone it is. Raises CannotRedeem."""
    if cards.known_by_phone(row):
        owner = OwnerForm(request.POST)
        if "phone" not in request.POST and cards.chosen(row):
            return
        services.confirm_owner(row, owner.cleaned_data["phone"] if owner.is_valid() else "")
        return
    form = PersonForm(request.POST)
    services.choose_person(row, form.cleaned_data["person"] if form.is_valid() else "")


def _typed_phone(request: StaffRequest, row: Lookup) -> dict[str, str]:
    return {"typed_phone": request.POST.get("phone", "")[:40]} if cards.takes_several(row) else {}


@require_http_methods(["GET", "POST"])
@redeem_here
def amounts(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    row = lookup_or_404(request, lookup_id)
    if not row.person or hasattr(row, "redemption"):
        return redirect("vouchers:lookup", row.pk)
    try:
        sale = services.sale_of(row, timezone.now())
    except CannotRedeem as refusal:
        return _not_yet(request, row, refusal)
    form = TotalForm(request.POST if request.method == "POST" else None, currency=sale.currency)
    if request.method == "GET":
        return show(request, "vouchers/amounts.html", cards.amounts(row, sale))
    if not form.is_valid():
        context = cards.amounts(
            row, sale, typed=form.data.get("services_total", ""), problem=str(form.errors["services_total"][0])
        )
        return show(request, "vouchers/amounts.html", context, status=422)
    return _total(request, row, sale, form.cleaned_data["services_total"])


def _total(request: StaffRequest, row: Lookup, sale: services.Sale, total: Decimal) -> HttpResponse:
    try:
        services.set_total(row, total, now=timezone.now())
    except CannotRedeem as refusal:
        return show(request, "vouchers/amounts.html", cards.amounts(row, sale, refusal=refusal), status=422)
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
        context = cards.confirm(row, timezone.now())
    except CannotRedeem as refusal:
        return _not_yet(request, row, refusal)
    return show(request, "vouchers/confirm.html", context)


def _still_what_she_read(request: StaffRequest, row: Lookup) -> bool:
    """Another tab may have changed the person or the total since: then the card is read, and pressed, once more."""
    if "shown" not in request.POST:
        return True
    try:
        return request.POST["shown"] == cards.shown(row, services.sale_of(row, timezone.now()))
    except CannotRedeem:
        return False


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


# Draft ------------------------------------------------------------------------------------------------------------------


@require_POST
@redeem_here
def again(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    """Read the same code once more, as a new look-up: after no answer, or after a redemption that did not happen."""
    row = lookup_or_404(request, lookup_id)
    try:
        first = services.look_up_again(row, place_of(request), now=timezone.now())
    except CannotRedeem:
        return busy(request, cards.busy(row.code or row.typed))
    for one in (first, *selectors.others_of(first)):
        if one.state == Lookup.State.WAITING:
            ring("vouchers.look_up", one.pk)
    return redirect("vouchers:lookup", first.pk)


@require_POST
@redeem_here
def aside(request: StaffRequest, lookup_id: uuid.UUID) -> HttpResponse:
    """A voucher of a sale, or the draft as a whole. `only`: of the voucher that began a sale that one alone."""
    row = lookup_or_404(request, lookup_id)
    if row.first or "only" in request.POST:
        return redirect("vouchers:lookup", services.take_out(row, now=timezone.now()).pk)
    services.set_aside(row, now=timezone.now())
    return redirect("desk:home")
