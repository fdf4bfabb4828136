"""The ledger: a page of it, what it adds up to, and the file that one takes away."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from branches.access import permission_required
from branches.audit import acting
from branches.models import Branch
from branches.proof import ask_again, recently_proved
from branches.requests import StaffRequest
from branches.roles import Permission
from providers import registry
from providers.badges import ICONS, TONES
from vouchers.forms import FormatForm, LedgerForm
from vouchers.models import Redemption
from vouchers.outcomes import SHORT
from vouchers.selectors import ledger as selectors
from vouchers.selectors.ledger import BadCursor, Cursor, LedgerFilter
from vouchers.services.export import MOST_ROWS, export_ledger

see_here = permission_required(Permission.LEDGER)
export_here = permission_required(Permission.EXPORT)
NO_REFERENCE = "x"


@require_GET
@see_here
def ledger(request: StaffRequest, most: int = MOST_ROWS) -> HttpResponse:
    branches = selectors.ledger_branches(request.user, Permission.LEDGER)
    form = _form(request.GET, branches)
    context = _around(form, branches)
    if not form.is_valid():
        if "reference" in form.errors and request.GET["reference"] != NO_REFERENCE:
            return redirect(_without_what_was_typed(request))
        return render(request, "vouchers/ledger.html", context, status=422)
    try:
        after = Cursor.read(request.GET["after"]) if request.GET.get("after") else None
    except BadCursor:
        return render(
            request, "vouchers/ledger.html", context | {"problem": _("This page is not in the ledger.")}, status=422
        )
    wanted = _wanted(form, branches)
    return render(request, "vouchers/ledger.html", context | _page(form, wanted, after) | {"most": most})


def _without_what_was_typed(request: StaffRequest) -> str:
    """It may be a whole voucher code, which stays in no address, and on no page."""
    asked = request.GET.copy()
    asked["reference"] = NO_REFERENCE
    return f"{request.path}?{asked.urlencode()}"


def _form(data: QueryDict, branches: list[Branch]) -> LedgerForm:
    now = timezone.now()
    today = max(branch.business_date(now) for branch in branches)
    return LedgerForm(data, branches=branches, staff=selectors.redeemers(branches), today=today)


def _wanted(form: LedgerForm, branches: list[Branch]) -> LedgerFilter:
    chosen = dict(form.cleaned_data)
    code = chosen.pop("branch")
    return LedgerFilter(branches=tuple(branch for branch in branches if code in ("", branch.code)), **chosen)


def _around(form: LedgerForm, branches: list[Branch]) -> dict[str, Any]:
    """What the page shows whatever was asked."""
    return {"form": form, "branches": branches, "page": "ledger", "wide": True}


def _page(form: LedgerForm, wanted: LedgerFilter, after: Cursor | None) -> dict[str, Any]:
    rows, following = selectors.ledger_page(wanted, after)
    days = selectors.ledger_totals(wanted)
    address = form.in_address()
    places = {branch.pk: branch for branch in wanted.branches}
    return {
        "wanted": wanted,
        "rows": [in_the_list(row, places[row.operation.branch_id]) for row in rows],
        "many_branches": len(wanted.branches) > 1,
        "days": days,
        "contra": [] if wanted.reference else sorted(selectors.contra_totals(wanted).items()),
        "totals": selectors.by_currency(days),
        "found": sum(day.rows for day in days),
        "asked": address,
        "newest": urlencode(address) if after else "",
        "older": urlencode(address | {"after": str(following)}) if following else "",
    }


def in_the_list(row: Redemption, branch: Branch) -> dict[str, Any]:
    """One row as people read it. Money that does not count is muted."""
    operation, lines = row.operation, list(row.lines.all())
    tone = "plain" if getattr(row, "in_part", False) else TONES[operation.state]
    return {
        "redemption": row,
        "operation": operation,
        "branch": branch,
        "issuer": registry.provider_name(operation.account.provider),
        "last4": lines[0].code_last4 if lines else "",
        "more": len(lines) - 1,
        "tone": tone,
        "icon": ICONS[tone],
        "label": SHORT[tone],
        "counts": tone in ("done", "plain"),
        "open": tone in ("now", "checking", "person"),
        "disputed": getattr(row, "disputed", None),
        "corrected": getattr(row, "corrected", None),
    }


@require_POST
@export_here
def export(request: StaffRequest) -> HttpResponseBase:
    """A form, because it leaves a line in the log; and a fresh proof, because what it gives away cannot be taken back."""
    branches = selectors.ledger_branches(request.user, Permission.EXPORT)
    form, file_format = _form(request.POST, branches), FormatForm(request.POST)
    if not form.is_valid() or not file_format.is_valid():
        context = _around(form, branches) | {"problem": "" if form.errors else _("Choose a kind of file.")}
        return render(request, "vouchers/ledger.html", context, status=422)
    if not recently_proved(request):
        return ask_again(request, f"{resolve_url('vouchers:ledger')}?{urlencode(form.in_address())}")
    with acting(request, request.user):
        exported = export_ledger(
            _wanted(form, branches), request.user, file_format.cleaned_data["format"], now=timezone.now()
        )
    return FileResponse(exported.file, as_attachment=True, filename=exported.name, content_type=exported.content_type)
