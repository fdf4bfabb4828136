"""What we did to bookings, and what of it has no end yet. Always within the person's branches."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import Q, QuerySet

from branches.models import Branch, User
from branches.roles import Permission
from branches.selectors import branches_of
from providers import acting
from providers.models import Account
from reservations.models import Act

NOTICE_FOR = dt.timedelta(hours=12)  # a result nobody has looked at stays on the desk this long


def acts_for(user: Any) -> QuerySet[Act]:
    rows = Act.objects.filter(operation__branch__in=branches_of(user, Permission.BOOKINGS))
    return rows.select_related("operation__account", "operation__branch", "operation__till", "operation__actor")


def act_for(user: Any, act_id: uuid.UUID) -> Act | None:
    return acts_for(user).filter(pk=act_id).first()


def act_of_form(user: User, form_token: uuid.UUID) -> Act | None:
    return acting.act_of_form(Act.objects.all(), user, form_token)


def unfinished_acts(user: User, branch: Branch, now: dt.datetime, limit: int = 9) -> list[Act]:
    return acting.unfinished(acts_for(user), user, branch, now, limit)


def acts_needing_person(user: Any) -> QuerySet[Act]:
    return acting.needing_person(Act.objects.all(), user)


def acts_of(account: Account, external_id: str, limit: int = 50) -> list[Act]:
    """What we did to this one of theirs, or made as it, newest first. One query."""
    about = Q(subject_id=external_id) | Q(made_ids__contains=[external_id])
    rows = Act.objects.filter(about, operation__account=account)
    rows = rows.select_related("operation__actor", "operation__branch", "operation__till")
    return list(rows.order_by("-operation__created_at")[:limit])


def acts_of_customer(user: Any, account_id: uuid.UUID, external_id: str, limit: int = 20) -> list[Act]:
    """What we did for this one of theirs, newest first, at the person's branches. One query."""
    rows = acts_for(user).filter(customer_id=external_id, operation__account=account_id)
    return list(rows.order_by("-operation__created_at")[:limit])
