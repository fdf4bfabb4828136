"""What we did to cards and in visits, what of it has no end yet, and what waits for a second person. Always within the person's
branches."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from branches.models import Branch, User
from branches.roles import Permission
from branches.selectors import branches_of
from loyalty.models import Act, Ask, Proposal
from providers.models import OPEN_STATES, Account, State

NOTICE_FOR = dt.timedelta(hours=12)  # a result nobody has looked at stays on the desk this long


def asks_due(limit: int = 100) -> list[uuid.UUID]:
    rows = Ask.objects.filter(state=Ask.State.WAITING, next_at__lte=Now()).order_by("next_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def ask_for(user: Any, ask_id: uuid.UUID) -> Ask | None:
    rows = Ask.objects.filter(branch__in=branches_of(user, Permission.CARDS)).select_related("account", "branch")
    return rows.filter(pk=ask_id).first()


def acts_for(user: Any) -> QuerySet[Act]:
    rows = Act.objects.filter(operation__branch__in=branches_of(user, Permission.CARDS))
    return rows.select_related("operation__account", "operation__branch", "operation__till", "operation__actor")


def act_for(user: Any, act_id: uuid.UUID) -> Act | None:
    return acts_for(user).filter(pk=act_id).first()


def act_of_form(user: User, form_token: uuid.UUID) -> Act | None:
    """What this person's form has opened already: it may be pressed twice, in two tabs, or long after."""
    rows = Act.objects.filter(operation__actor=user, operation__form_token=form_token)
    return rows.select_related("operation").first()


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


def unfinished_acts(user: User, branch: Branch, now: dt.datetime, limit: int = 9) -> list[Act]:
    """What the desk opens on: everything open at this branch, and this person's results that she has not put aside."""
    open_here = Q(operation__state__in=OPEN_STATES)
    mine = Q(operation__actor=user, seen_at__isnull=True, operation__finished_at__gte=now - NOTICE_FOR)
    rows = acts_for(user).filter(Q(operation__branch=branch) & (open_here | mine))
    return list(rows.order_by(F("operation__finished_at").asc(nulls_first=True), "operation__created_at")[:limit])


def acts_needing_person(user: Any) -> QuerySet[Act]:
    """What a person must decide, or has been unknown for too long, or was found after we judged that it had not been done."""
    rows = Act.objects.filter(operation__branch__in=branches_of(user, Permission.REVIEW))
    overdue = Q(operation__state=State.UNKNOWN, operation__escalated_at__isnull=False)
    waiting = Q(operation__state=State.NEEDS_REVIEW) | overdue
    late = Q(operation__discrepancies__isnull=False, operation__discrepancies__closed_at__isnull=True)
    return rows.filter(waiting | late).select_related("operation__account", "operation__branch").distinct()


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
