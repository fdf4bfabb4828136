"""Who acts where when a domain changes something at a provider, how its act becomes an operation, and which acts want somebody.

A domain has its own table of acts; each has its `operation`, and `seen_at`: when its result was put aside at the desk.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet

from branches.models import Branch, Till, User
from branches.pages import token_in
from branches.requests import StaffRequest
from branches.roles import Permission
from branches.selectors import branches_of, may
from providers.models import OPEN_STATES, Account, Operation, Source, State
from providers.operations import Claimed, Intent, open_operation
from providers.operations.claim import CircuitOpen, QueueFull, new_reference
from providers.operations.life import database_now

NOTICE_FOR = dt.timedelta(hours=12)  # a result nobody has looked at stays on the desk this long
A = TypeVar("A", bound=Model)


def nothing(operation: Operation) -> None:
    """What most callers have to add to an intent."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who is acting, and where. A partner has no person here: its key's scopes were checked before. `also` is committed with
    the intent, or it is not: a partner's key for its retries."""

    actor: User | None
    branch: Branch
    till: Till | None = None
    source: str = Source.STAFF
    external_ref: str = ""
    partner: uuid.UUID | None = None
    also: Callable[[Operation], None] = nothing
    form_token: uuid.UUID = field(
        default_factory=uuid.uuid4
    )  # of the form that was sent: twice the same, one operation

    def may(self, permission: str) -> bool:
        if self.source == Source.PARTNER and self.actor is None:
            return True
        return self.actor is not None and may(self.actor, permission, self.branch)


def place_of(request: StaffRequest, branch: Branch | None = None, token: uuid.UUID | None = None) -> Place:
    """`token` names the form: sent twice, it is one act. The till counts where it stands."""
    at = branch or request.branch
    till = request.till if request.till and request.till.branch_id == at.pk else None
    return Place(request.user, at, till, form_token=token or token_in(request))


class NotOpened(Exception):
    """`code`: in_use_here, provider_down, busy. Nothing was written; `holder` is our operation in the way."""

    def __init__(self, code: str, holder: Operation | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Order:
    """What an operation is opened for. `request` is sealed and sent, with our reference added to it as `order_ref`;
    `resources` are what it claims."""

    kind: str
    account: Account
    request: Mapping[str, Any]
    resources: Sequence[str]
    amount: Decimal = Decimal(0)  # where no money moves
    snapshot: Mapping[str, Any] = field(default_factory=dict)


def open_order(order: Order, place: Place, record: Callable[[Operation], None]) -> Operation:
    """Commit the intent and what `record` adds, all or nothing; a sender does the rest. The same form gives the same
    operation. Raises NotOpened."""
    reference = new_reference()
    request = {**order.request, "order_ref": reference, "resources": list(order.resources)}
    intent = Intent(
        kind=order.kind,
        account=order.account,
        branch=place.branch,
        till=place.till,
        actor=place.actor,
        source=Source(place.source),
        request=json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        resources=order.resources,
        amount=order.amount,
        currency=place.branch.currency,
        form_token=place.form_token if place.actor else None,
        reference=reference,
        snapshot=order.snapshot,
        partner=place.partner,
        external_ref=place.external_ref,
    )

    def recorded(operation: Operation) -> None:
        record(operation)
        place.also(operation)

    try:
        return open_operation(intent, recorded)
    except Claimed as claimed:
        raise NotOpened("in_use_here", claimed.holder) from claimed
    except CircuitOpen as error:
        raise NotOpened("provider_down") from error
    except QueueFull as error:
        raise NotOpened("busy") from error


def act_of_form(acts: QuerySet[A], user: User, form_token: uuid.UUID) -> A | None:
    """What this person's form has opened already: it may be pressed twice, in two tabs, or long after."""
    rows = acts.filter(operation__actor=user, operation__form_token=form_token)
    return rows.select_related("operation").first()


def unfinished(acts: QuerySet[A], user: User, branch: Branch, now: dt.datetime, limit: int) -> list[A]:
    """What the desk opens on: everything open at this branch, and this person's results that she has not put aside."""
    open_here = Q(operation__state__in=OPEN_STATES)
    mine = Q(operation__actor=user, seen_at__isnull=True, operation__finished_at__gte=now - NOTICE_FOR)
    rows = acts.filter(Q(operation__branch=branch) & (open_here | mine))
    return list(rows.order_by(F("operation__finished_at").asc(nulls_first=True), "operation__created_at")[:limit])


def needing_person(acts: QuerySet[A], user: Any) -> QuerySet[A]:
    """What a person must decide, or has been unknown for too long, or was found after we judged that it had not been done."""
    rows = acts.filter(operation__branch__in=branches_of(user, Permission.REVIEW))
    overdue = Q(operation__state=State.UNKNOWN, operation__escalated_at__isnull=False)
    waiting = Q(operation__state=State.NEEDS_REVIEW) | overdue
    late = Q(operation__discrepancies__isnull=False, operation__discrepancies__closed_at__isnull=True)
    return rows.filter(waiting | late).select_related("operation__account", "operation__branch").distinct()


def put_aside(act: Any, person: User, *, now: dt.datetime) -> None:
    """Its final result has been read by the person who asked for it; it leaves the unfinished work."""
    if not act.operation.is_open and act.operation.actor_id == person.pk:
        type(act)._default_manager.filter(pk=act.pk, seen_at__isnull=True).update(seen_at=now)


def check_now(act: Any) -> None:
    """A person asks for the next look to happen now. A look changes nothing; a worker that holds the row goes on."""
    rows = Operation.objects.filter(pk=act.operation_id, state=State.UNKNOWN, claim_token__isnull=True)
    rows.update(next_at=database_now())
