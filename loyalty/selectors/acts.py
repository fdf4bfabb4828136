"""What we did to cards and in visits, what of it has no end yet, and what waits for a second person. Always within the person's
branches."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import Q, QuerySet

from branches.models import Branch, User
from branches.roles import Permission
from branches.selectors import branches_of
from loyalty.models import Act, Ask, Proposal
from providers import acting
from providers.asking import due
from providers.models import Account

NOTICE_FOR = dt.timedelta(hours=12)  # a result nobody has looked at stays on the desk this long


def asks_due(limit: int = 100) -> list[uuid.UUID]:
    return due(Ask, limit)


def ask_for(user: Any, ask_id: uuid.UUID) -> Ask | None:
    rows = Ask.objects.filter(branch__in=branches_of(user, Permission.CARDS)).select_related("account", "branch")
    return rows.filter(pk=ask_id).first()


def acts_for(user: Any) -> QuerySet[Act]:
    rows = Act.objects.filter(operation__branch__in=branches_of(user, Permission.CARDS))
    return rows.select_related("operation__account", "operation__branch", "operation__till", "operation__actor")


def act_for(user: Any, act_id: uuid.UUID) -> Act | None:
    return acts_for(user).filter(pk=act_id).first()


def act_of_form(user: User, form_token: uuid.UUID) -> Act | None:
    return acting.act_of_form(Act.objects.all(), user, form_token)


def unfinished_acts(user: User, branch: Branch, now: dt.datetime, limit: int = 9) -> list[Act]:
    return acting.unfinished(acts_for(user), user, branch, now, limit)


def acts_needing_person(user: Any) -> QuerySet[Act]:
    return acting.needing_person(Act.objects.all(), user)


def acts_on_card(account: Account, card_id: str, limit: int = 50) -> list[Act]:
    """What we did to this card, newest first. One query."""
    rows = Act.objects.filter(Q(card_id=card_id) | Q(made_id=card_id), operation__account=account)
    rows = rows.select_related("operation__actor", "operation__branch", "operation__till")
    return list(rows.order_by("-operation__created_at")[:limit])


def acts_in_visit(account: Account, visit_id: str, limit: int = 50) -> list[Act]:
    """What we did in this visit, newest first. One query."""
    rows = Act.objects.filter(visit_id=visit_id, operation__account=account)
    rows = rows.select_related("operation__actor", "operation__branch", "operation__till")
    return list(rows.order_by("-operation__created_at")[:limit])


def acts_of_client(user: Any, account_id: uuid.UUID, client_id: str, limit: int = 20) -> list[Act]:
    """What we did for this client, newest first, at the person's branches. One query."""
    rows = acts_for(user).filter(client_id=client_id, operation__account=account_id)
    return list(rows.order_by("-operation__created_at")[:limit])


def proposals_for(user: Any) -> QuerySet[Proposal]:
    rows = Proposal.objects.filter(branch__in=branches_of(user, Permission.CARDS))
    return rows.select_related("account", "branch", "actor", "decided_by", "act__operation")


def proposals_waiting(user: Any, branch: Branch, now: dt.datetime, limit: int = 50) -> list[Proposal]:
    """Oldest first."""
    rows = proposals_for(user).filter(branch=branch, state=Proposal.State.WAITING, expires_at__gt=now)
    return list(rows.order_by("created_at", "pk")[:limit])


def proposals_to_decide(user: Any, now: dt.datetime) -> QuerySet[Proposal]:
    """Of others, where this person may agree."""
    rows = Proposal.objects.filter(branch__in=branches_of(user, Permission.CARD_SUPERVISE), expires_at__gt=now)
    return rows.filter(state=Proposal.State.WAITING).exclude(actor=user)


def proposals_on_desk(user: User, branch: Branch, now: dt.datetime) -> QuerySet[Proposal]:
    """What waits for this person at this branch, what she waits for herself, and how hers ended unsent. Oldest first."""
    waiting = Q(state=Proposal.State.WAITING, expires_at__gt=now)
    for_me = waiting & Q(pk__in=proposals_to_decide(user, now).values("pk"))
    over = Q(state__in=[Proposal.State.DECLINED, Proposal.State.EXPIRED], decided_at__gte=now - NOTICE_FOR)
    mine = Q(actor=user) & (waiting | (over & Q(seen_at__isnull=True)))
    return proposals_for(user).filter(Q(branch=branch) & (for_me | mine)).order_by("created_at", "pk")


def proposal_for(user: Any, proposal_id: uuid.UUID) -> Proposal | None:
    return proposals_for(user).filter(pk=proposal_id).first()
