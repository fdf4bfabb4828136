"""How far ahead a branch can be booked, and whether that is far enough."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings

from branches.models import Branch
from reservations.models import Ask, Horizon

STALE = dt.timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What templates/reservations/_horizon.html shows. `until` None: nothing is free. `is_short`: fewer days than the setting
    asks for; somebody must open the calendar at the provider."""

    until: dt.datetime | None
    days: int
    wanted: int
    found_at: dt.datetime
    is_short: bool
    is_stale: bool


def horizon(branch: Branch, now: dt.datetime) -> dt.datetime | None:
    """How far ahead a free time is known: the later of what the hourly look found and what people were answered in the last
    day. None: nobody has asked, or none is free. Two queries."""
    asked = Ask.objects.filter(branch=branch, kind=Ask.Kind.SLOTS, state=Ask.State.ANSWERED)
    recent = asked.filter(created_at__gte=now - dt.timedelta(days=1)).order_by("-created_at")
    last = [row["last"] for row in recent.values_list("result", flat=True)[:200] if row.get("last")]
    known = [dt.datetime.fromisoformat(text) for text in last]
    kept = Horizon.objects.filter(branch=branch, until__isnull=False).values_list("until", flat=True).first()
    return max([*known, *([kept] if kept else [])], default=None)


def ahead(branch: Branch, now: dt.datetime) -> Ahead | None:
    """None where nobody has found out yet. One query, and none for a branch of `booking_links`."""
    row: Horizon | None = getattr(branch, "horizon", None)
    if row is None or row.found_at is None:
        return None
    days = (row.until.astimezone(branch.zone).date() - now.astimezone(branch.zone).date()).days if row.until else 0
    return Ahead(
        until=row.until,
        days=max(days, 0),
        wanted=settings.HORIZON_DAYS,
        found_at=row.found_at,
        is_short=row.until is None or days < settings.HORIZON_DAYS,
        is_stale=now - row.found_at > STALE,
    )
