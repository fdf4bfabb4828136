"""Points by hand: the form, the confirm card, and what waits for a second person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.shortcuts import resolve_url
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.models import Branch, User
from customers.selectors import customer_in
from loyalty import selectors, services
from loyalty.cards.acts import told
from loyalty.cards.around import where_work_goes_on
from loyalty.models import Card, Proposal, Reason
from loyalty.services.points import Weighed

SHOWN_NAMES = 6


@dataclass(frozen=True, slots=True)
class Verb:
    """Two buttons, so that nobody ever types a sign."""

    name: str
    sign: int
    title: Promise


VERBS = {
    "give": Verb("give", 1, gettext_lazy("Give points")),
    "take": Verb("take", -1, gettext_lazy("Take points")),
}
TONES: dict[str, tuple[str, str]] = {
    Proposal.State.WAITING: ("person", "person"),
    Proposal.State.AGREED: ("done", "done"),
    Proposal.State.DECLINED: ("refused", "refused"),
    Proposal.State.WITHDRAWN: ("plain", "info"),
    Proposal.State.EXPIRED: ("plain", "clock"),
}


def on_card(card: Card, branch: Branch, client_id: str = "") -> dict[str, Any]:
    """Which card, whose, and what is on it. Two queries, one where it is known whose."""
    client_id = client_id or selectors.client_of(card)
    customer = customer_in(card.account_id, client_id) if client_id else None
    name = " · ".join(part for part in (card.type_title, f"••••{card.number[-4:]}" if card.number else "") if part)
    back = resolve_url("loyalty:card", card.pk)
    return {"card": card, "card_name": name, "customer": customer, "branch": branch, "back": back}


def asking(
    card: Card,
    verb: Verb,
    branch: Branch,
    person: User,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    now: dt.datetime,
) -> dict[str, Any]:
    allowance = services.allowance_of(person, branch, now)
    return on_card(card, branch) | {
        "verb": verb,
        "title": verb.title,
        "allowance": allowance,
        "at_once": min(allowance.alone, allowance.left),
        "reasons": Reason.choices,
        "typed": {"scope": "location", **typed},
        "problems": problems,
    }


def confirming(card: Card, verb: Verb, branch: Branch, said: Mapping[str, Any], weighed: Weighed) -> dict[str, Any]:
    amount: Decimal = said["amount"]
    assert weighed.may is not None
    return on_card(card, branch) | {
        "verb": verb,
        "title": verb.title,
        "amount": amount,
        "after": card.balance + verb.sign * amount,
        "said": said,
        "reason": Reason(said["reason"]).label,
        "allowance": weighed.may,
        "left_after": weighed.may.left - amount,
        "seconds": weighed.seconds[:SHOWN_NAMES],
    }


# A proposal -----------------------------------------------------------------------------------------------------------


def state_of(row: Proposal, now: dt.datetime) -> str:
    """As it stands, though nobody may have written it down yet."""
    over = row.state == Proposal.State.WAITING and row.expires_at <= now
    return Proposal.State.EXPIRED if over else row.state


def listed(row: Proposal, user: User, now: dt.datetime) -> dict[str, Any]:
    """In a list, and on the desk."""
    state = state_of(row, now)
    tone, icon = TONES[state]
    return {
        "proposal": row,
        "branch": row.branch,
        "verb": VERBS["give" if row.amount > 0 else "take"],
        "amount": abs(row.amount),
        "state": state,
        "label": Proposal.State(state).label,
        "tone": tone,
        "icon": icon,
        "own": row.actor_id == user.pk,
        "waits": state == Proposal.State.WAITING,
    }


def proposal(row: Proposal, user: User, now: dt.datetime, problem: str = "") -> dict[str, Any]:
    """Everything that a decision needs in view. Six queries."""
    card = Card.objects.filter(account=row.account_id, external_id=row.card_id).defer("payload").first()
    context = listed(row, user, now)
    context |= on_card(card, row.branch, row.client_id) if card else {"back": where_work_goes_on()}
    context |= {"title": _("Points for a second person"), "problem": problem, "polls": False, "page": "proposals"}
    return context | (_to_decide(row, card, user, now) if context["waits"] else {})


def _to_decide(row: Proposal, card: Card | None, user: User, now: dt.datetime) -> dict[str, Any]:
    amount, own = abs(row.amount), row.actor_id == user.pk
    standing = services.standing_before(row.actor, user, row.branch, amount, now)
    mine = standing.mine
    return {
        "after": card.balance + row.amount if card else None,
        "used": standing.author,
        "seconds": standing.seconds[:SHOWN_NAMES],
        "may_agree": mine is not None and amount <= mine.alone,
        "may_decline": mine is not None,
        "over": mine.alone if mine is not None and amount > mine.alone else None,
        "may_take_back": own,
        "acts": [told(act, now) for act in selectors.acts_on_card(row.account, row.card_id, 5)],
        "polls": own,
        "standing": Proposal.State.WAITING,
        "slow": True,
        "poll": f"{resolve_url('loyalty:proposal', row.pk)}?part",
    }
