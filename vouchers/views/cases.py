"""Correction cases: a list, a form that opens one, one case with its letter, and what closes it."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from branches.access import permission_required
from branches.proof import ask_again, recently_proved
from branches.requests import StaffRequest
from branches.roles import Permission
from vouchers import casework, letters, selectors, services
from vouchers.effects import lines_used
from vouchers.forms import CaseFilterForm, CaseForm, NoteForm, RulingForm, WithdrawForm
from vouchers.models import Case, Redemption
from vouchers.selectors.cases import Wanted
from vouchers.services import CaseRefused, Complaint, Ruling

see_cases = permission_required(Permission.CASES)
open_cases = permission_required(Permission.CASES_OPEN)
close_cases = permission_required(Permission.CASES_CLOSE)
RULING = ("outcome", "reference", "decided_on", "accepted", "note")


def case_or_404(request: StaffRequest, case_id: uuid.UUID) -> Case:
    rows = selectors.cases_for(request.user).select_related("redemption__operation__till")
    return get_object_or_404(rows, pk=case_id)


def show(
    request: StaffRequest,
    case: Case,
    form: Form | None = None,
    refusal: CaseRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    if refusal:
        case = case_or_404(request, case.pk)  # as it is now
    context = casework.whole_case(case, request.user, timezone.now(), form, refusal)
    return render(request, "vouchers/case.html", context, status=status)


@require_GET
@see_cases
def case_list(request: StaffRequest) -> HttpResponse:
    form = CaseFilterForm(request.GET)
    form.is_valid()
    asked = {name: value for name, value in form.cleaned_data.items() if value}
    return render(request, "vouchers/case_list.html", casework.listed(request.user, Wanted(**asked), timezone.now()))


# Opening ----------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@open_cases
def new_case(request: StaffRequest, redemption_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(selectors.correctable_redemptions(request.user), pk=redemption_id)
    if request.method == "GET":
        return render(request, "vouchers/case_new.html", casework.new_case(row))
    form = CaseForm(request.POST, currency=row.currency, lines=lines_used(row))
    if not form.is_valid():
        return render(request, "vouchers/case_new.html", casework.new_case(row, form), status=422)
    return _open(request, row, form)


def _open(request: StaffRequest, row: Redemption, form: CaseForm) -> HttpResponse:
    names = ("reason", "ask", "amount", "lines", "note")
    complaint = Complaint(**{name: form.cleaned_data[name] for name in names})
    try:
        case = services.open_case(row, request.user, complaint, now=timezone.now())
    except CaseRefused as refusal:
        status = 409 if refusal.code == "open_already" else 422
        return render(request, "vouchers/case_new.html", casework.new_case(row, form, refusal), status=status)
    return redirect("vouchers:case", case.pk)


# One case ---------------------------------------------------------------------------------------------------------------


@require_GET
@see_cases
def case(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = case_or_404(request, case_id)
    kept = casework.draft(request, row)
    return show(request, row, RulingForm(initial=kept, currency=row.currency) if kept else None)


@require_GET
@see_cases
def letter(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row, wish = case_or_404(request, case_id), request.GET.get("language", "")
    language = wish if wish in dict(settings.LANGUAGES) else casework.letter_language(row)
    response = HttpResponse(letters.case_letter(row, language, now=timezone.now()), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="case-{row.reference}.pdf"'
    return response


@require_POST
@open_cases
def sent(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = case_or_404(request, case_id)
    try:
        services.mark_sent(row, request.user, now=timezone.now())
    except CaseRefused as refusal:
        return show(request, row, refusal=refusal, status=409)
    return redirect("vouchers:case", row.pk)


@require_POST
@see_cases
def note(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row, form = case_or_404(request, case_id), NoteForm(request.POST)
    if not form.is_valid():
        return show(request, row, form, status=422)
    services.note_on_case(row, request.user, form.cleaned_data["note"], now=timezone.now())
    return redirect("vouchers:case", row.pk)


# Decisions: by somebody else than who opened it, who has proved a moment ago who she is -----------------------------------


@require_POST
@close_cases
def close(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = case_or_404(request, case_id)
    if not recently_proved(request):
        casework.keep_draft(request, row, RULING)
        return ask_again(request, reverse("vouchers:case", args=[row.pk]))
    form = RulingForm(request.POST, currency=row.currency)
    if not form.is_valid():
        return show(request, row, form, status=422)
    try:
        services.close_case(row, request.user, _ruling(form.cleaned_data), now=timezone.now())
    except CaseRefused as refusal:
        return show(request, row, form, refusal, status=409)
    return redirect("vouchers:case", row.pk)


def _ruling(said: dict[str, Any]) -> Ruling:
    return Ruling(said["outcome"], said["reference"], said["decided_on"], said["amount"], said["note"])


@require_POST
@see_cases
def withdraw(request: StaffRequest, case_id: uuid.UUID) -> HttpResponse:
    row = case_or_404(request, case_id)
    if not recently_proved(request):
        return ask_again(request, reverse("vouchers:case", args=[row.pk]))
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return show(request, row, form, status=422)
    try:
        services.withdraw_case(row, request.user, form.cleaned_data["note"], now=timezone.now())
    except CaseRefused as refusal:
        return show(request, row, form, refusal, status=409)
    return redirect("vouchers:case", row.pk)
