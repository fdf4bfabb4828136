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
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Abs

from branches.models import Branch, Membership, User
from branches.roles import Permission, Role, roles_with
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
    role = role_at(person, branch)  # '' for somebody who works there no more: that is no partner's program
    alone, a_day = _limit(branch, role) if role else (NOTHING, NOTHING)
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
    found = _moved_today(branch, now).filter(**whose).aggregate(sum=Sum(Abs("requested")))["sum"]
    return found or NOTHING


def _moved_today(branch: Branch, now: dt.datetime) -> QuerySet[Act]:
    rows = Act.objects.filter(operation__branch=branch, operation__kind="loyalty.points")
    return rows.filter(business_date=branch.business_date(now)).exclude(operation__state__in=WITHOUT_EFFECT)


def who_may_agree(branch: Branch, amount: Decimal, but: User) -> list[User]:
    """Who may agree to so many points at this branch, beside whoever proposes them. Two queries."""
    given = dict(Limit.objects.filter(branch=branch).values_list("role", "alone"))
    usual = {role: alone for role, (alone, _a_day) in DEFAULTS.items()}
    roles = [
        role for role in roles_with(Permission.CARD_SUPERVISE) if given.get(role, usual.get(role, NOTHING)) >= amount
    ]
    rows = User.objects.filter(is_active=True, memberships__branch=branch, memberships__role__in=roles)
    return list(rows.exclude(pk=but.pk).order_by("first_name", "last_name", "username")[:20])


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision about a proposal needs: what its author has moved today, what the person in front of it may, and who else
    could decide."""

    author: Allowance
    mine: Allowance | None  # None for whoever may not decide
    seconds: list[User]


def standing_before(author: User, person: User, branch: Branch, amount: Decimal, now: dt.datetime) -> Standing:
    """Three queries."""
    limits = {row.role: (row.alone, row.a_day) for row in Limit.objects.filter(branch=branch)}
    deciding = roles_with(Permission.CARD_SUPERVISE)
    members = Membership.objects.filter(Q(role__in=deciding) | Q(user__in=[author, person]), branch=branch)
    members = members.filter(user__is_active=True).select_related("user").order_by("user__first_name", "user__username")
    roles = {member.user_id: (member.role, member.user) for member in members[:200]}
    moved = _moved_today(branch, now).filter(operation__actor__in=[author, person]).values("operation__actor")
    used = {row["operation__actor"]: row["sum"] for row in moved.annotate(sum=Sum(Abs("requested")))}

    def allowance(one: User) -> Allowance:
        role = roles[one.pk][0] if one.pk in roles else ""
        nothing = (NOTHING, NOTHING)
        alone, a_day = limits.get(role, DEFAULTS.get(role, nothing)) if role else nothing
        return Allowance(alone, a_day, used.get(one.pk, NOTHING))

    others = [one for role, one in roles.values() if role in deciding and one.pk != author.pk]
    may = person in others
    seconds = [one for one in others if allowance(one).alone >= amount]
    return Standing(allowance(author), allowance(person) if may else None, seconds)


def one_at_a_time(who: uuid.UUID | int | None, branch: Branch) -> None:
    """Inside the transaction that commits the intent: two forms of one person are summed one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"points:{who}:{branch.pk}"])
