"""Changes to cards and in visits beside the redemptions: as unfinished work on the desk, and as what a person must decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from branches.models import Branch, User
from branches.roles import Permission
from desk.changes import Changes, Text
from loyalty import selectors
from loyalty.cards.acts import act_badge, address_of, unit_of, words_of
from loyalty.cards.points import listed
from loyalty.evidence import LOOK_FOR, REASONS
from loyalty.models import Act
from loyalty.outcomes import kind_of
from providers.models import State
from providers.registry import provider_name

MOST_PROPOSALS = 9


def unfinished(user: User, branch: Branch, now: dt.datetime) -> list[dict[str, Any]]:
    return [work_item(row, user, now) for row in selectors.unfinished_acts(user, branch, now)]


def proposals(user: User, branch: Branch, now: dt.datetime) -> list[dict[str, Any]]:
    """Points that wait for a second person, and how this person's own proposals ended."""
    rows = selectors.proposals_on_desk(user, branch, now)[:MOST_PROPOSALS]
    return [listed(row, user, now) | {"key": str(row.pk)} for row in rows]


def work_item(row: Act, user: User, now: dt.datetime) -> dict[str, Any]:
    operation, badge = row.operation, act_badge(row, now)
    mine = operation.actor_id == user.pk
    return about(row) | {
        "key": str(row.pk),
        "tone": badge.tone,
        "icon": badge.icon,
        "label": badge.text,
        "words": words_of(row, now),
        "groups": (),
        "seconds": int((now - operation.created_at).total_seconds()) if operation.is_open else None,
        "counts": operation.state in (State.CREATED, State.PREPARING, State.SENDING, State.UNKNOWN),
        "may_put_aside": mine and not operation.is_open,
        "address": address_of(row),
        "aside": CHANGES.address("aside", row),
    }


def about(row: Act) -> dict[str, Any]:
    """What it changes, and by how much: as it was asked for."""
    return {
        "act": row,
        "operation": row.operation,
        "kind": kind_of(row),
        "who": row.asked.get("card_type", ""),
        "points": abs(row.requested) if row.requested is not None else None,
        "unit": unit_of(row),
        "what": row.asked.get("program", ""),
        "number": f"••••{row.asked['card_tail']}" if row.asked.get("card_tail") else "",
        "more": 0,
        "at": None,
    }


def look_for(act: Act) -> Text:
    """With our reference: it is in the title of what we moved by hand."""
    operation = act.operation
    facts: Mapping[str, str] = {
        "provider": provider_name(operation.account.provider),
        "reference": f"\u2066{operation.reference}\u2069",
    }
    return str(LOOK_FOR[operation.kind]) % facts


CHANGES = Changes(
    name="card",
    permission=Permission.CARDS,
    question=_("Did our request change this card?"),
    acts_for=selectors.acts_for,
    needing_person=selectors.acts_needing_person,
    about=about,
    kind_of=kind_of,
    look_for=look_for,
    reasons=REASONS,
    there=selectors.candidates_of,
    most=selectors.most_named,
    named=selectors.named_there,
    part="desk/there_cards.html",
    choice="desk/choice_card.html",
)
