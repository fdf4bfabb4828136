"""What is owed in points: the report, the rows behind a number, and the file that one takes away."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from branches.access import permission_required
from branches.audit import acting
from branches.proof import ask_again, recently_proved
from branches.requests import StaffRequest
from branches.roles import Permission
from loyalty.forms.owed import FormatForm, OwedForm
from loyalty.reading import owed as reading
from loyalty.selectors.owed import Chain, chains_for
from loyalty.selectors.owed_rows import BadCursor, Cursor
from loyalty.services.export import export_owed

see_owed = permission_required(Permission.LIABILITY)
export_owed_here = permission_required(Permission.EXPORT)


def asked(form: OwedForm) -> OwedForm:
    """What an address of ours never says is no page of ours."""
    if not form.is_valid():
        raise Http404
    return form


def chosen(chains: list[Chain], key: str) -> Chain | None:
    """The largest when nothing is said; another one's is not there."""
    if not key:
        return chains[0] if chains else None
    found = next((chain for chain in chains if chain.key == key), None)
    if found is None:
        raise Http404
    return found


@require_GET
@see_owed
def owed(request: StaffRequest) -> HttpResponse:
    request.wide = True
    form, now = asked(OwedForm(request.GET)), timezone.now()
    chains = chains_for(request.user)
    chain = chosen(chains, form.cleaned_data["chain"])
    if chain is None:
        return render(request, "loyalty/owed.html", {"chain": None, "page": "owed", "wide": True})
    context = reading.report(request.user, chains, chain, form.cleaned_data["month"], now)
    return render(request, "loyalty/owed.html", context | {"wide": True})


@require_GET
@see_owed
def rows(request: StaffRequest) -> HttpResponse:
    request.wide = True
    form = asked(OwedForm(request.GET))
    chain = chosen(chains_for(request.user), form.cleaned_data["chain"])
    if chain is None:
        raise Http404
    context = reading.rows_behind(request.user, chain, form.cleaned_data, _after(form), timezone.now())
    return render(request, "loyalty/owed_rows.html", context | {"wide": True})


def _after(form: OwedForm) -> Cursor | None:
    text = form.cleaned_data["after"]
    try:
        return Cursor.read(text) if text else None
    except BadCursor:
        raise Http404 from None


@require_POST
@see_owed
@export_owed_here
def export(request: StaffRequest) -> HttpResponseBase:
    """A form, because it leaves a line in the log; and a fresh proof, because what it gives away cannot be taken back."""
    form, file_format = asked(OwedForm(request.POST)), FormatForm(request.POST)
    chain = chosen(chains_for(request.user), form.cleaned_data["chain"])
    if chain is None or not file_format.is_valid():
        raise Http404
    if not recently_proved(request):
        return ask_again(request, f"{resolve_url('loyalty:owed')}?{urlencode({'chain': chain.key})}")
    with acting(request, request.user):
        exported = export_owed(chain, request.user, file_format.cleaned_data["format"], now=timezone.now())
    return FileResponse(exported.file, as_attachment=True, filename=exported.name, content_type=exported.content_type)
