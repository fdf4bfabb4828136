"""What became of a redemption, and its slip: the last of the card's five states."""

from __future__ import annotations

import uuid

import segno
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from branches.access import permission_required
from branches.pages import partial
from branches.requests import StaffRequest
from branches.roles import Permission
from providers.operations import ring
from vouchers import cards, selectors, services
from vouchers.models import Redemption
from vouchers.views.redeem import redeem_here, show

see_here = permission_required(Permission.LEDGER)


def redemption_or_404(request: StaffRequest, redemption_id: uuid.UUID) -> Redemption:
    return get_object_or_404(selectors.redemptions_for(request.user), pk=redemption_id)


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
