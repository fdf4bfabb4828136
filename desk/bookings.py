"""Changes to bookings beside the redemptions: as unfinished work on the desk, and as what a person must decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, User
from branches.roles import Permission
from desk.changes import Changes
from providers.badges import ICONS, SHORT, SLOW, TONES
from providers.models import State
from reservations import selectors
from reservations.evidence import LOOK_FOR, REASONS
from reservations.models import Act
from reservations.models.catalogue import localised
from reservations.outcomes import kind_of, words_for


def unfinished(user: User, branch: Branch, now: dt.datetime) -> list[dict[str, Any]]:
    return [work_item(row, user, now) for row in selectors.unfinished_acts(user, branch, now)]


def work_item(row: Act, user: User, now: dt.datetime) -> dict[str, Any]:
    operation = row.operation
    words = words_for(operation, slow=now - operation.created_at > SLOW)
    tone = words.tone if operation.is_open else TONES[operation.state]
    mine = operation.actor_id == user.pk
    return about(row) | {
        "key": str(row.pk),
        "tone": tone,
        "icon": ICONS[tone],
        "label": str(SHORT[tone]),
        "words": words,
        "groups": (),
        "seconds": int((now - operation.created_at).total_seconds()) if operation.is_open else None,
        "counts": operation.state in (State.CREATED, State.PREPARING, State.SENDING, State.UNKNOWN),
        "may_put_aside": mine and not operation.is_open,
        "address": page_of(row),
        "aside": CHANGES.address("aside", row),
    }


def about(row: Act) -> dict[str, Any]:
    """What it changes, for whom, at which time: as it was asked for."""
    asked = row.asked
    first: dict[str, Any] = next(iter(asked.get("items", [])), {})
    at = first.get("starts") or asked.get("to") or ""
    return {
        "act": row,
        "operation": row.operation,
        "kind": kind_of(row.operation),
        "who": asked.get("customer") or asked.get("name") or "",
        "number": asked.get("number") or asked.get("code") or "",
        "what": localised(tuple(first["names"])) if first.get("names") else "",
        "more": max(len(asked.get("items", ())) - 1, 0),
        "at": dt.datetime.fromisoformat(at) if "T" in at else None,
    }


def page_of(row: Act) -> str:
    """'' where the bookings have no pages."""
    try:
        return reverse("reservations:act", args=[row.pk])
    except NoReverseMatch:
        return ""


CHANGES = Changes(
    name="act",
    permission=Permission.BOOKINGS,
    question=_("Did our request change this booking?"),
    acts_for=selectors.acts_for,
    needing_person=selectors.acts_needing_person,
    about=about,
    kind_of=lambda act: kind_of(act.operation),
    look_for=lambda act: LOOK_FOR[act.operation.kind],
    reasons=REASONS,
    there=selectors.candidates_of,
    most=selectors.most_named,
    named=selectors.named_there,
    part="desk/there_bookings.html",
    choice="desk/choice_booking.html",
)
