"""The end of a till's trading day: what it comes to, what is still open, and closing it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from branches.access import permission_required
from branches.models import Branch, Till
from branches.requests import StaffRequest
from branches.roles import Permission
from branches.selectors import tills_of
from providers import registry
from vouchers.forms import CloseDayForm, DayForm
from vouchers.models import DayClose
from vouchers.selectors import day_close as selectors
from vouchers.selectors.day_close import TillSum
from vouchers.selectors.ledger import is_training
from vouchers.services import CannotClose, Place, close_day, may_close
from vouchers.views.ledger import in_the_list

see_here = permission_required(Permission.LEDGER)
close_here = permission_required(Permission.CLOSE_TILL)
PROBLEMS = {
    "future_day": gettext_lazy("This day has not begun."),
    "open": gettext_lazy("Something is still open at this till. Close the day when it has ended."),
    "closed": gettext_lazy("Somebody has closed this day already."),
}


@require_GET
@see_here
def tills(request: StaffRequest) -> HttpResponse:
    """The tills of the branch where she is, on one day."""
    form = DayForm(request.GET)
    day, status = _day(form, request.branch)
    facts = {"days": selectors.tills_on(request.branch, day), "branch": request.branch, "mine": request.till}
    return render(request, "vouchers/ledger_tills.html", facts | _around(form, day, request.branch), status=status)


@require_GET
@see_here
def till_day(request: StaffRequest, till_id: int) -> HttpResponse:
    till = _till_or_404(request, till_id, Permission.LEDGER)
    form = DayForm(request.GET)
    day, status = _day(form, till.branch)
    return render(request, "vouchers/ledger_till.html", _till(request, till, day) | {"form": form}, status=status)


@require_POST
@close_here
def close_till(request: StaffRequest, till_id: int) -> HttpResponse:
    till = _till_or_404(request, till_id, Permission.CLOSE_TILL)
    form = CloseDayForm(request.POST, currency=till.branch.currency)
    if not form.is_valid():
        day = form.cleaned_data.get("day") or _today(till.branch)
        return render(request, "vouchers/ledger_till.html", _till(request, till, day) | {"closing": form}, status=422)
    day, place = form.cleaned_data["day"], _place(request)
    counted, note = form.cleaned_data["counted"], form.cleaned_data["note"]
    try:
        close_day(till, day, place, counted=counted, note=note, now=timezone.now())
    except CannotClose as refusal:
        if refusal.code == "not_allowed":
            raise PermissionDenied from refusal
        facts = _till(request, till, day) | {"closing": form, "problem": PROBLEMS[refusal.code]}
        return render(request, "vouchers/ledger_till.html", facts, status=409)
    return redirect(_address("vouchers:till_day", till, day))


@require_GET
@see_here
def till_slip(request: StaffRequest, till_id: int) -> HttpResponse:
    """For the drawer: 80 mm, only of what was closed."""
    till = _till_or_404(request, till_id, Permission.LEDGER)
    form = DayForm(request.GET)
    day, _status = _day(form, till.branch)
    close = selectors.close_of(till, day)
    if close is None:
        return redirect(_address("vouchers:till_day", till, day))
    facts = _till(request, till, day) | {"training": is_training([till.branch])}
    return render(request, "vouchers/ledger_slip.html", facts)


# What they show ---------------------------------------------------------------------------------------------------------


def _till_or_404(request: StaffRequest, till_id: int, permission: str) -> Till:
    return get_object_or_404(tills_of(request.user, permission), pk=till_id)


def _place(request: StaffRequest) -> Place:
    return Place(request.user, request.branch, request.till)


def _today(branch: Branch) -> dt.date:
    return branch.business_date(timezone.now())


def _day(form: DayForm, branch: Branch) -> tuple[dt.date, int]:
    """The day that was asked for. A page about none says what is wrong, beside today's figures."""
    if not form.is_valid():
        return _today(branch), 422
    return form.cleaned_data["day"] or _today(branch), 200


def _address(name: str, till: Till, day: dt.date) -> str:
    return f"{reverse(name, args=[till.pk])}?{urlencode({'day': day.isoformat()})}"


def _around(form: DayForm, day: dt.date, branch: Branch) -> dict[str, Any]:
    return {"form": form, "day": day, "latest": _today(branch), "page": "ledger", "wide": True}


def _till(request: StaffRequest, till: Till, day: dt.date) -> dict[str, Any]:
    branch, rows, close = till.branch, selectors.day_of_till(till, day), selectors.close_of(till, day)
    later = rows.exclude(selectors.ended_by(close.closed_at)) if close else rows.none()
    sums = [TillSum.from_json(row) for row in close.sums] if close else selectors.till_sums(rows)
    still_open = [] if close else selectors.open_rows(rows)
    facts = {
        "shown_till": till,
        "branch": branch,
        "close": close,
        "sums": [(registry.provider_name(row.issuer), row) for row in sums],
        "all": all_issuers(sums),
        "difference": difference(close, sums),
        "open_rows": [in_the_list(row, branch) for row in still_open],
        "later": [in_the_list(row, branch) for row in selectors.listed(later)] if close else [],
        "may_close": may_close(_place(request), till),
        "begun": day <= _today(branch),
        "is_mine": request.till == till,
    }
    return facts | _around(DayForm(), day, branch)


def all_issuers(sums: Iterable[TillSum]) -> list[TillSum]:
    """The last lines of the table: one a currency."""
    found: dict[str, TillSum] = {}
    for row in sums:
        found[row.currency] = found[row.currency].with_issuer(row) if row.currency in found else row
    return list(found.values())


def difference(close: DayClose | None, sums: Iterable[TillSum]) -> Decimal | None:
    """What was counted beyond what the customers had to pay; below zero, what is missing."""
    if close is None or close.counted is None:
        return None
    return close.counted - sum((row.left for row in sums if row.currency == close.currency), Decimal(0))
