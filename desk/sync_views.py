"""The page about the mirrors, and what a manager may do there: have one read now, have unreadable rows tried again, confirm
that rows were really removed, and take note of a change of shape. Each is written down with who did it."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from branches.access import permission_required
from branches.proof import ask_again, recently_proved
from branches.requests import StaffRequest
from branches.roles import Permission
from branches.selectors import branches_of
from desk import sync_page
from providers.models import Quarantined, SyncDeed
from providers.orders import note, order_sync
from providers.sync import NoMirror, retry_quarantined
from providers.sync.reviews import accept_smaller, acknowledge

watching = permission_required(Permission.SYNC)
running = permission_required(Permission.SYNC_RUN)
MOST_AT_ONCE = 100
PAGE, PART = "desk/sync.html", "desk/mirrors.html"  # a poll's page has no frame


@require_GET
@watching
def sync(request: StaffRequest) -> HttpResponse:
    request.wide = True
    context = sync_page.page_of(request.user, request.branch, timezone.now())
    return render(request, PART if request.headers.get("HX-Request") == "true" else PAGE, context)


@require_POST
@running
def sync_all(request: StaffRequest) -> HttpResponse:
    for standing in sync_page.mirrored(list(branches_of(request.user, Permission.SYNC_RUN))):
        order_sync(standing.account, standing.collection, request.user, timezone.now())
    return redirect("desk:sync")


@require_POST
@running
def sync_now(request: StaffRequest, account_id: uuid.UUID, collection: str) -> HttpResponse:
    """Asked for twice, or while it is being read, it is read once."""
    account = get_object_or_404(sync_page.accounts_of(request.user, Permission.SYNC_RUN), pk=account_id)
    try:
        order_sync(account, collection, request.user, timezone.now())
    except NoMirror:
        raise Http404 from None
    return redirect("desk:sync")


@require_POST
@running
def sync_retry(request: StaffRequest, account_id: uuid.UUID, collection: str) -> HttpResponse:
    """From the bytes that we kept: nobody is asked."""
    account = get_object_or_404(sync_page.accounts_of(request.user, Permission.SYNC_RUN), pk=account_id)
    waiting = Quarantined.objects.filter(account=account, collection=collection, resolved_at__isnull=True)
    rows, now = list(waiting.select_related("account")[:MOST_AT_ONCE]), timezone.now()
    if rows:
        mended, left = retry_quarantined(rows, now)
        note(account, collection, SyncDeed.Deed.RETRY, request.user, now, detail=f"{mended}/{mended + left}")
    return redirect("desk:sync")


@require_POST
@running
def sync_accept(request: StaffRequest, run_id: int) -> HttpResponse:
    run = get_object_or_404(sync_page.runs_to_accept(request.user), pk=run_id)
    if not recently_proved(request):
        return ask_again(request, reverse("desk:sync"))
    if accept_smaller(run):
        note(run.account, run.collection, SyncDeed.Deed.ACCEPT, request.user, timezone.now(), detail=str(run.distinct))
    return redirect("desk:sync")


@require_POST
@running
def sync_note(request: StaffRequest, drift_id: int) -> HttpResponse:
    rows, now = sync_page.drifts_of(request.user, Permission.SYNC_RUN).filter(pk=drift_id), timezone.now()
    row = get_object_or_404(rows)
    if acknowledge(type(row).objects.filter(pk=row.pk), request.user, now):
        note(row.account, row.collection, SyncDeed.Deed.NOTE, request.user, now, detail=row.field)
    return redirect("desk:sync")
