"""Free times: the provider's answer to a question, and what a person makes of it. Nothing of them is kept longer."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from branches.roles import Permission
from branches.selectors import branches_of
from providers.asking import due
from reservations.models import Ask

NEAREST = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that may be booked. `wire_from` and `wire_to` go back as they came; `price_id` is the price it was asked with."""

    wire_from: str
    wire_to: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    price_id: str = ""
    places_left: int = 1
    practitioner_ids: tuple[str, ...] = ()
    total: Decimal | None = None


def asks_due(limit: int = 100) -> list[uuid.UUID]:
    return due(Ask, limit)


def ask_for(user: Any, ask_id: uuid.UUID) -> Ask | None:
    """What the page polls: only of the person's branches."""
    rows = Ask.objects.filter(branch__in=branches_of(user, Permission.BOOKINGS))
    return rows.select_related("account", "branch").filter(pk=ask_id).first()


def asks_for(user: Any, ask_ids: Collection[uuid.UUID], kind: str) -> dict[uuid.UUID, Ask]:
    """Those of them that are of this kind and of the person's branches."""
    rows = Ask.objects.filter(branch__in=branches_of(user, Permission.BOOKINGS), kind=kind, pk__in=ask_ids)
    return {ask.pk: ask for ask in rows.select_related("account", "branch")}


def slots_of(ask: Ask, now: dt.datetime) -> list[Slot]:
    """The free times of an answered question, in their order, without what has begun."""
    rows = [slot_from(row, ask.result.get("price_id", "")) for row in ask.result.get("slots", [])]
    return sorted((slot for slot in rows if slot.starts_at > now), key=lambda slot: (slot.starts_at, slot.wire_from))


def slots_near(
    ask: Ask, wanted: dt.datetime, now: dt.datetime, limit: int = NEAREST, *, onward: bool = False
) -> list[Slot]:
    """The nearest free times, the nearest first; of two as near the earlier. `onward`: what begins before comes last."""
    free = slots_of(ask, now)
    return sorted(
        free, key=lambda slot: (onward and slot.starts_at < wanted, abs(slot.starts_at - wanted), slot.starts_at)
    )[:limit]


def slot_named(ask: Ask, wire_from: str, wire_to: str, now: dt.datetime) -> Slot | None:
    """The one that a form names, if it was in the answer: nobody books a time that was never offered."""
    found = (slot for slot in slots_of(ask, now) if (slot.wire_from, slot.wire_to) == (wire_from, wire_to))
    return next(found, None)


def slot_numbered(ask: Ask, number: int) -> Slot | None:
    """The one at this place of the answer, whatever the time is now. An answer never changes: the number stays good."""
    rows = ask.result.get("slots", [])
    return slot_from(rows[number], ask.result.get("price_id", "")) if 0 <= number < len(rows) else None


def slot_from(row: dict[str, Any], price_id: str) -> Slot:
    return Slot(
        wire_from=row["from"],
        wire_to=row["to"],
        starts_at=dt.datetime.fromisoformat(row["starts"]),
        ends_at=dt.datetime.fromisoformat(row["ends"]),
        price_id=price_id,
        places_left=row["left"],
        practitioner_ids=tuple(row["practitioners"]),
        total=None if row["total"] is None else Decimal(row["total"]),
    )
