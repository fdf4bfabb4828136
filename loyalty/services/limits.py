"""How many points a person may move by hand: at once alone, and in a trading day. What a role may is data of a branch.

A partner's programs have no second person whom they could ask: what is more than their limit at once is refused.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Abs

from branches.models import Branch, User
from branches.roles import Role
from branches.selectors import role_at
from loyalty.models import Act, Limit
from providers.models import State

NOTHING = Decimal(0)
PARTNER = ""  # the role of whoever has none
# Where nobody has said otherwise. (at once without a second person, a person a trading day)
DEFAULTS: dict[str, tuple[Decimal, Decimal]] = {
    Role.RECEPTIONIST: (Decimal(50), Decimal(200)),
    Role.SUPERVISOR: (Decimal(300), Decimal(1500)),
    Role.MANAGER: (Decimal(1000), Decimal(5000)),
    PARTNER: (Decimal(50), Decimal(200)),
}
# What ended without an effect does not count.
WITHOUT_EFFECT = (State.REFUSED, State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED)


@dataclass(frozen=True, slots=True)
class Allowance:
    alone: Decimal
    a_day: Decimal
    used: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.a_day - self.used, NOTHING)


def allowance_of(person: User, branch: Branch, now: dt.datetime) -> Allowance:
    """What this person may still move today at this branch, as what they are there."""
    alone, a_day = _limit(branch, role_at(person, branch))
    return Allowance(alone, a_day, used_today(person, branch, now))


def allowance_of_partner(partner: uuid.UUID | None, branch: Branch, now: dt.datetime) -> Allowance:
    """All keys of one partner together."""
    alone, a_day = _limit(branch, PARTNER)
    return Allowance(alone, a_day, _used(branch, now, operation__partner=partner, operation__actor=None))


def used_today(person: User, branch: Branch, now: dt.datetime) -> Decimal:
    """Given and taken both count: whoever gives and takes back again moves points twice."""
    return _used(branch, now, operation__actor=person)


def _limit(branch: Branch, role: str) -> tuple[Decimal, Decimal]:
    row = Limit.objects.filter(branch=branch, role=role).first()
    return (row.alone, row.a_day) if row else DEFAULTS.get(role, (NOTHING, NOTHING))


def _used(branch: Branch, now: dt.datetime, **whose: Any) -> Decimal:
    theirs = Act.objects.filter(
        operation__branch=branch,
        operation__kind="loyalty.points",
        business_date=branch.business_date(now),
        **whose,
    )
    found = theirs.exclude(operation__state__in=WITHOUT_EFFECT).aggregate(sum=Sum(Abs("requested")))["sum"]
    return found or NOTHING


def one_at_a_time(who: uuid.UUID | int | None, branch: Branch) -> None:
    """Inside the transaction that commits the intent: two forms of one person are summed one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"points:{who}:{branch.pk}"])
