"""What every write about cards shares: where it is done, by which partner, what is read first, and how a no is told."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from rest_framework.request import Request

from branches.api.endpoint import guest_of
from branches.api.once import Also, once
from branches.api.refusals import NothingThere, Refusal, wrong_field
from branches.api.waiting import wait_for
from branches.guests import Guest
from branches.models import Branch
from branches.selectors import branches_of
from loyalty.api.rows import shown_act
from loyalty.models import Act, Ask, Card, Proposal
from loyalty.outcomes import refused_with
from loyalty.selectors import loyalty_accounts
from loyalty.services import CannotMove, Place
from providers.acting import nothing
from providers.models import Source
from providers.operations import ring

READ, WRITE = ("loyalty:read", "loyalty:write"), ("loyalty:write",)
STILL = "201 once it is proven, 202 while nobody knows: look at Location, and do not ask for the same again."
AGAIN_IN = 5  # seconds
AWAY = {"provider_down", "no_answer", "login_refused", "unreadable_answer", "provider_refused"}
FIELDS = {
    "amount_wrong": "amount",
    "balance_too_small": "amount",
    "daily_limit": "amount",
    "too_many_at_once": "amount",
    "no_reason": "reason",
    "no_note": "note",
    "number_wrong": "number",
    "no_phone": "customer",
    "has_card": "beside",
    "other_account": "card",
    "holder_unknown": "card",
    "card_empty": "card",
    "not_on_card": "program",
    "phone_unreadable": "phone",
    "nobody_there": "phone",
}


def place_at(branch: Branch, guest: Guest, external_ref: str = "", also: Also = nothing) -> Place:
    return Place(None, branch, source=Source.PARTNER, external_ref=external_ref, partner=guest.id, also=also)


def do(request: Request, branch: Branch, external_ref: str, act: Callable[[Place], Act | Proposal]) -> HttpResponse:
    """`act` opens the operation, once for an Idempotency-Key. What it reads first, it reads as part of that."""
    guest = guest_of(request)

    def make(also: Also) -> uuid.UUID:
        try:
            opened = act(place_at(branch, guest, external_ref, also))
        except CannotMove as problem:
            raise refusal_of(problem, guest) from None
        assert isinstance(opened, Act)  # a partner proposes nothing
        ring("providers.send", opened.operation_id)
        return opened.operation_id

    return once(request, make, lambda operation_id: shown_act(guest, operation_id))


def refusal_of(problem: CannotMove, guest: Guest) -> Refusal:
    code, said = problem.code, refused_with(problem.code, problem.figures)
    words = " ".join(filter(None, [f"{said.headline}.", said.figures]))
    if code in ("not_here", "not_found"):
        return NothingThere()
    if code == "in_use_here":
        holder = problem.holder
        mine = {"operation": str(holder.pk)} if holder and holder.partner == guest.id else {}
        return Refusal(409, "claimed", words, facts=mine)
    if code == "busy" or code in AWAY:
        return Refusal(503, "busy" if code == "busy" else "provider_unavailable", words, retry_after=AGAIN_IN)
    return wrong_field(FIELDS[code], code, words) if code in FIELDS else Refusal(422, code, words)


def answered(ask: Ask) -> Ask:
    """The question, once a worker has answered it. Raises CannotMove when it does not in time."""
    ring("loyalty.ask", ask.pk)
    wait_for(lambda: not _waits(ask), settings.API_WAIT_SECONDS)
    found = Ask.objects.select_related("account", "branch").get(pk=ask.pk)
    if found.state != Ask.State.ANSWERED:
        raise CannotMove(found.refusal_code or "no_answer")
    return found


def _waits(ask: Ask) -> bool:
    return Ask.objects.filter(pk=ask.pk, state=Ask.State.WAITING).exists()


def card_at(branch: Branch, card_id: int) -> Card:
    """One of the accounts of that branch. Raises NothingThere."""
    card = _cards().filter(account__in=loyalty_accounts(branch), pk=card_id).first()
    if card is None:
        raise NothingThere
    return card


def card_and_branch(request: Request, card_id: int, permission: str, code: str = "") -> tuple[Card, Branch]:
    """With the first of the key's branches at which it is used, or the one that is named. Raises NothingThere."""
    for branch in branches_of(request.user, permission).order_by("code"):
        if code in ("", branch.code):
            found = Card.objects.filter(account__in=loyalty_accounts(branch), pk=card_id)
            card = found.defer("payload").select_related("account").first()
            if card:  # one that is gone, too: whoever removed it may ask once more what became of that
                return card, branch
    raise NothingThere


def _cards() -> QuerySet[Card]:
    return Card.objects.filter(gone_at__isnull=True).defer("payload").select_related("account")
