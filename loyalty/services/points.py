"""Points by hand, and the second person whom more of them need (S10)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import cast

from django.db import IntegrityError, transaction

from branches.models import User
from branches.roles import Permission
from loyalty.effects.points import KIND
from loyalty.effects.shared import claim_of
from loyalty.models import Act, Card, Proposal, Reason
from loyalty.selectors.holders import client_of
from loyalty.services.limits import Allowance, allowance_of, allowance_of_partner, one_at_a_time, who_may_agree
from loyalty.services.opening import Wish, open_act
from loyalty.services.place import CannotMove, allowed, link_to
from providers.acting import Place
from providers.normalise import clean_text

MOST = Decimal(100_000)
CENT = Decimal("0.01")
WAITS_FOR = dt.timedelta(hours=24)
SCOPES = ("location", "chain")


def move_points(
    card: Card,
    amount: Decimal,
    reason: str,
    place: Place,
    *,
    now: dt.datetime,
    note: str = "",
    scope: str = "location",
) -> Act | Proposal:
    """Give (above zero) or take points. More than this person may alone becomes a proposal, and nothing is sent.

    Raises CannotMove: not_allowed, not_here, holder_unknown, amount_wrong, no_reason, no_note, balance_too_small,
    daily_limit, too_many_at_once, nobody_may_agree, in_use_here, provider_down, busy.
    """
    weighed = weigh(card, amount, reason, place, now=now, note=note, scope=scope)
    opens = _propose if weighed.seconds else _send
    return opens(card, amount, reason, note, scope, place, now)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a person may still move, and who could agree; nobody where she may do it alone."""

    may: Allowance
    seconds: Sequence[User] = ()


def weigh(
    card: Card,
    amount: Decimal,
    reason: str,
    place: Place,
    *,
    now: dt.datetime,
    note: str = "",
    scope: str = "location",
) -> Weighed:
    """Before anything is opened: may it be sent, and by whom. Raises CannotMove, nobody_may_agree beside the others."""
    allowed(place, Permission.CARD_USE)
    link_to(place, card.account_id)
    _check(card, amount, reason, note, scope)
    may = _allowance(place, now)
    if abs(amount) > may.left:
        raise CannotMove("daily_limit", left=may.left, limit=may.a_day)
    if abs(amount) <= may.alone:
        return Weighed(may)
    if place.actor is None:  # a partner: nobody is there who could propose it
        raise CannotMove("too_many_at_once", limit=may.alone)
    seconds = who_may_agree(place.branch, abs(amount), place.actor)
    if not seconds:
        raise CannotMove("nobody_may_agree", limit=may.alone)
    return Weighed(may, seconds)


def _allowance(place: Place, now: dt.datetime) -> Allowance:
    if place.actor is None:
        return allowance_of_partner(place.partner, place.branch, now)
    return allowance_of(place.actor, place.branch, now)


def _check(card: Card, amount: Decimal, reason: str, note: str, scope: str) -> None:
    if card.gone_at is not None:
        raise CannotMove("card_gone")
    if not amount or amount != amount.quantize(CENT, ROUND_DOWN) or abs(amount) > MOST or scope not in SCOPES:
        raise CannotMove("amount_wrong")
    if reason not in Reason.values:
        raise CannotMove("no_reason")
    if reason == Reason.OTHER and not clean_text(note):
        raise CannotMove("no_note")
    if amount < 0 and card.balance + amount < 0:
        raise CannotMove("balance_too_small", balance=card.balance)


def _send(
    card: Card,
    amount: Decimal,
    reason: str,
    note: str,
    scope: str,
    place: Place,
    now: dt.datetime,
    proposal: Proposal | None = None,
) -> Act:
    link = link_to(place, card.account_id)
    client_id = client_of(card)
    if not client_id:
        raise CannotMove("holder_unknown")
    request = {
        "card_id": card.external_id,
        "client_id": client_id,
        "amount": str(amount),
        "scope": scope,
        "title": Reason(reason).name.capitalize(),
    }
    wish = Wish(
        KIND,
        Act.Subject.CARD,
        request,
        [claim_of("card", card.external_id)],
        {
            "client_id": client_id,
            "card_id": card.external_id,
            "requested": amount,
            "reason": reason,
            "note": clean_text(note)[:200],
        },
        {"scope": scope, "card_tail": card.number[-4:], "card_type": card.type_title},
        abs(amount),
    )
    return open_act(wish, place, link, now=now, also=lambda act: _within(act, place, now, proposal))


def _within(act: Act, place: Place, now: dt.datetime, proposal: Proposal | None) -> None:
    """Inside the transaction of the intent: a day's limit holds though two forms come at once; a proposal is agreed to once."""
    if proposal is not None:
        rows = Proposal.objects.filter(pk=proposal.pk, state=Proposal.State.WAITING)
        if not rows.update(state=Proposal.State.AGREED, act=act, decided_by=proposal.decided_by, decided_at=now):
            raise CannotMove("decided_already")
    one_at_a_time(place.actor.pk if place.actor else place.partner, place.branch)
    may = _allowance(place, now)
    if may.used > may.a_day:
        raise CannotMove("daily_limit", left=may.left, limit=may.a_day)


# A second person ------------------------------------------------------------------------------------------------------


def _propose(
    card: Card, amount: Decimal, reason: str, note: str, scope: str, place: Place, now: dt.datetime
) -> Proposal:
    """The same form gives the same proposal."""
    assert place.actor is not None
    try:
        with transaction.atomic(durable=True):
            return Proposal.objects.create(
                account=card.account,
                branch=place.branch,
                till=place.till,
                actor=place.actor,
                form_token=place.form_token,
                client_id=client_of(card),
                card_id=card.external_id,
                card_tail=card.number[-4:],
                amount=amount,
                scope=scope,
                reason=reason,
                note=clean_text(note)[:200],
                created_at=now,
                expires_at=now + WAITS_FOR,
            )
    except IntegrityError:
        return Proposal.objects.get(actor=place.actor, form_token=place.form_token)


def agree(proposal: Proposal, place: Place, *, now: dt.datetime) -> Act:
    """Another person agrees, and the points are sent in the name of whoever proposed them. `place` is the other person's.

    Raises CannotMove: not_allowed, own_proposal, decided_already, over_own_limit, card_gone, and what move_points raises.
    """
    person = _second(proposal, place, now)
    may = allowance_of(person, place.branch, now)
    if abs(proposal.amount) > may.alone:
        raise CannotMove("over_own_limit", limit=may.alone)
    card = Card.objects.filter(account=proposal.account_id, external_id=proposal.card_id, gone_at__isnull=True).first()
    if card is None:
        raise CannotMove("card_gone")
    _check(card, proposal.amount, proposal.reason, proposal.note, proposal.scope)
    proposal.decided_by = person
    theirs = Place(proposal.actor, proposal.branch, proposal.till, form_token=proposal.form_token)
    return _send(card, proposal.amount, proposal.reason, proposal.note, proposal.scope, theirs, now, proposal)


def decline(proposal: Proposal, place: Place, *, now: dt.datetime, note: str = "") -> Proposal:
    """Raises CannotMove: not_allowed, own_proposal, decided_already."""
    person = _second(proposal, place, now)
    return _decided(proposal, Proposal.State.DECLINED, person, now, note)


def take_back(proposal: Proposal, place: Place, *, now: dt.datetime) -> Proposal:
    """Whoever proposed it does not want it any more. Raises CannotMove: not_allowed, decided_already."""
    if place.actor is None or proposal.actor_id != place.actor.pk:
        raise CannotMove("not_allowed")
    return _decided(proposal, Proposal.State.WITHDRAWN, place.actor, now, "")


def _second(proposal: Proposal, place: Place, now: dt.datetime) -> User:
    allowed(place, Permission.CARD_SUPERVISE)
    person = cast(User, place.actor)
    if proposal.branch_id != place.branch.pk or person is None:
        raise CannotMove("not_here")
    if person.pk == proposal.actor_id:
        raise CannotMove("own_proposal")
    if proposal.state != Proposal.State.WAITING or proposal.expires_at <= now:
        raise CannotMove("decided_already")
    return person


def _decided(proposal: Proposal, state: str, person: User, now: dt.datetime, note: str) -> Proposal:
    changes = {"state": state, "decided_by": person, "decided_at": now, "decision_note": clean_text(note)[:200]}
    if not Proposal.objects.filter(pk=proposal.pk, state=Proposal.State.WAITING).update(**changes):
        raise CannotMove("decided_already")
    proposal.refresh_from_db()
    return proposal


def expire_proposals(*, now: dt.datetime) -> int:
    """Nobody decided in time: whoever proposed it sees that. Returns how many."""
    rows = Proposal.objects.filter(state=Proposal.State.WAITING, expires_at__lte=now)
    return rows.update(state=Proposal.State.EXPIRED, decided_at=now)


def put_proposal_aside(proposal: Proposal, person: User, *, now: dt.datetime) -> None:
    """Whoever proposed it has read how it ended; it leaves the unfinished work."""
    if proposal.state != Proposal.State.WAITING and proposal.actor_id == person.pk:
        Proposal.objects.filter(pk=proposal.pk, seen_at__isnull=True).update(seen_at=now)


def proposal_of_form(person: User, form_token: uuid.UUID) -> Proposal | None:
    return Proposal.objects.filter(actor=person, form_token=form_token).first()
