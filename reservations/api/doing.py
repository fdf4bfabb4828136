"""What every write about bookings shares: where it is done, by which partner, and how a service's no is told."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request

from branches.api.endpoint import guest_of
from branches.api.once import Also, once
from branches.api.refusals import NothingThere, Refusal, wrong_field
from branches.api.waiting import wait_for
from branches.guests import Guest
from branches.models import Branch
from branches.selectors import branches_of
from providers.acting import nothing
from providers.models import BranchAccount, Source
from providers.operations import ring
from reservations import outcomes
from reservations.api.rows import shown_act
from reservations.models import Act, Ask, Reservation, Subscription
from reservations.selectors.places import link_for
from reservations.services import CannotBook, Place

AGAIN_IN = 5  # seconds
AWAY = {"provider_down", "no_answer", "login_refused", "unreadable_answer", "provider_refused"}
FIELDS = {
    "customer_blocked": "customer",
    "no_customer": "customer",
    "booked_already": "again",
    "slot_missing": "slot",
    "slot_past": "slot",
    "quantity_wrong": "quantity",
    "field_missing": "answers",
    "not_offered": "price",
    "no_reason": "reason",
    "day_past": "starts_on",
    "days_wrong": "first",
    "phone_unreadable": "phone",
}


def place_at(branch: Branch, guest: Guest, external_ref: str = "", also: Also = nothing) -> Place:
    return Place(None, branch, source=Source.PARTNER, external_ref=external_ref, partner=guest.id, also=also)


def do(request: Request, branch: Branch, external_ref: str, act: Callable[[Place], Act]) -> HttpResponse:
    """`act` opens the operation, once for an Idempotency-Key."""
    guest = guest_of(request)

    def make(also: Also) -> uuid.UUID:
        try:
            opened = act(place_at(branch, guest, external_ref, also))
        except CannotBook as problem:
            raise refusal_of(problem, guest) from None
        ring("providers.send", opened.operation_id)
        return opened.operation_id

    return once(request, make, lambda operation_id: shown_act(guest, operation_id))


def refusal_of(problem: CannotBook, guest: Guest) -> Refusal:
    code, words = problem.code, outcomes.refusal(problem.code).headline
    if code == "not_here":
        return NothingThere()
    if code == "in_use_here":
        holder = problem.holder
        mine = {"operation": str(holder.pk)} if holder and holder.partner == guest.id else {}
        return Refusal(409, "claimed", words, facts=mine)
    if code == "busy" or code in AWAY:
        return Refusal(503, "busy" if code == "busy" else "provider_unavailable", words, retry_after=AGAIN_IN)
    if code in FIELDS:
        return wrong_field(FIELDS[code], code, words)
    return Refusal(422, code, words)


def branch_of(request: Request, row: Reservation | Subscription, permission: str) -> Branch:
    """Of the key's branches the one at which this row is. Raises NothingThere."""
    at = branches_of(request.user, permission)
    rows = BranchAccount.objects.filter(account=row.account_id, branch__in=at).select_related("account", "branch")
    for link in map(link_for, rows.order_by("branch__code")):
        if not link.place_id or row.place_id in ("", link.place_id):
            return link.branch
    raise NothingThere


def answered(ask: Ask, guest: Guest) -> Ask:
    """The question, once a worker has answered it. Raises Refusal when it does not in time."""
    ring("reservations.ask", ask.pk)
    wait_for(lambda: not _waits(ask), settings.API_WAIT_SECONDS)
    found = Ask.objects.select_related("account", "branch").get(pk=ask.pk)
    if found.state != Ask.State.ANSWERED:
        raise refusal_of(CannotBook(found.refusal_code or "no_answer"), guest)
    return found


def _waits(ask: Ask) -> bool:
    return Ask.objects.filter(pk=ask.pk, state=Ask.State.WAITING).exists()


def ask_or_refuse(work: Callable[[], Ask], guest: Guest) -> Ask:
    try:
        ask = work()
    except CannotBook as problem:
        raise refusal_of(problem, guest) from None
    return answered(ask, guest)


def row_or_404(find: Callable[..., Any], request: Request, row_id: int) -> Any:
    row = find(request.user, row_id)
    if row is None:
        raise NothingThere
    return row
