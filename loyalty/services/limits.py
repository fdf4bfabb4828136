"""How many points a person may move by hand: at once alone, and in a trading day. What a role may is data of a branch."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Abs

from branches.models import Branch, User
from branches.roles import Role
from branches.selectors import role_at
from loyalty.models import Act, Limit
from providers.models import State

NOTHING = Decimal(0)
# Where nobody has said otherwise. (at once without a second person, a person a trading day)
DEFAULTS: dict[str, tuple[Decimal, Decimal]] = {
    Role.RECEPTIONIST: (Decimal(50), Decimal(200)),
    Role.SUPERVISOR: (Decimal(300), Decimal(1500)),
    Role.MANAGER: (Decimal(1000), Decimal(5000)),
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
    role = role_at(person, branch)
    row = Limit.objects.filter(branch=branch, role=role).first()
    alone, a_day = (row.alone, row.a_day) if row else DEFAULTS.get(role, (NOTHING, NOTHING))
    return Allowance(alone, a_day, used_today(person, branch, now))


def used_today(person: User, branch: Branch, now: dt.datetime) -> Decimal:
    """Given and taken both count: whoever gives and takes back again moves points twice."""
    mine = Act.objects.filter(
        operation__actor=person,
        operation__branch=branch,
        operation__kind="loyalty.points",
        business_date=branch.business_date(now),
    )
    found = mine.exclude(operation__state__in=WITHOUT_EFFECT).aggregate(sum=Sum(Abs("requested")))["sum"]
    return found or NOTHING


def one_at_a_time(person: User, branch: Branch) -> None:
    """Inside the transaction that commits the intent: two forms of one person are summed one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"points:{person.pk}:{branch.pk}"])
