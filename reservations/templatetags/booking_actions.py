"""Which buttons stand beside a reservation or a subscription. What they may really do their services say."""

from __future__ import annotations

import uuid
from typing import Any

from django import template
from django.utils import timezone

from providers.models import OPEN_STATES
from reservations.cards.acts import attendance_to_undo
from reservations.cards.changes import ALIVE
from reservations.models import Act, Reservation, Subscription
from reservations.selectors import acts_of
from reservations.selectors.board import entry_of

register = template.Library()
RUNNING = ("active", "paused")


@register.simple_tag
def new_token() -> str:
    """Of one form as it is shown: pressed twice, it is one act."""
    return str(uuid.uuid4())


@register.simple_tag(takes_context=True)
def reservation_actions(context: template.Context) -> dict[str, Any]:
    """Of the `reservation` of the page, or its `row`. What the page has told of it already is not asked for again."""
    row: Reservation = context.get("reservation") or context["row"]
    acts = _acts(context, row)
    entry = context.get("entry") or entry_of(row, acts, timezone.now())
    alive, here = row.status in ALIVE, entry.waiting or entry.in_service
    return _shared(row, acts) | {
        "check_in": alive and not here and not entry.left,
        "check_out": here,
        "confirm": row.status == "pending",
        "move": alive,
        "finish": row.status == "confirmed",
        "cancel": alive,
    }


@register.simple_tag(takes_context=True)
def subscription_actions(context: template.Context) -> dict[str, Any]:
    """Of the `subscription` of the page, or its `row`. A pause that only lies ahead may be called off, like one that runs."""
    row: Subscription = context.get("subscription") or context["row"]
    running = row.status in RUNNING
    return _shared(row, _acts(context, row)) | {
        "visit": row.status == "active",
        "pause": running and not row.is_paused,
        "resume": running and (row.is_paused or row.paused_at is not None),
    }


def _acts(context: template.Context, row: Reservation | Subscription) -> list[Act]:
    told = context.get("acts")
    return acts_of(row.account, row.external_id) if told is None else [one["act"] for one in told]


def _shared(row: Reservation | Subscription, acts: list[Act]) -> dict[str, Any]:
    return {"row": row, "open_act": _open(acts), "undo": attendance_to_undo(acts)}


def _open(acts: list[Act]) -> Act | None:
    return next((act for act in acts if act.operation.state in OPEN_STATES), None)
