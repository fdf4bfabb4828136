"""The only writer of an operation's state: compare-and-set on (id, state, claim token), with its transition and evidence.

Leases and windows use the database's clock, so that no decision compares two machines' clocks.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from providers.models import OPEN_STATES, Claim, Evidence, Operation, State, Transition
from providers.operations.effects import effect_of

RELEASES = {State.REFUSED, State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED}

# The operation as it is now, the state before, the moment.
Listener = Callable[[Operation, str, dt.datetime], None]
_listeners: list[Listener] = []


class Lost(Exception):
    """Another worker moved the row first. What this one learned must be kept as evidence, nothing else."""


def database_now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]  # one row, one time


def move(
    operation: Operation,
    to: str,
    *,
    now: dt.datetime,
    by: str,
    reason: str = "",
    token: uuid.UUID | None = None,
    **changes: Any,
) -> None:
    """Move one step, or raise Lost. Must run inside a transaction; updates the given object too."""
    final = to not in OPEN_STATES
    changes |= {"state": to, "changed_at": now}
    if final:
        changes |= {"finished_at": now, "claim_token": None, "lease_until": None}
    row = next_transition(operation, after=to, by=by, reason=reason, now=now)
    changes |= {"steps": row.n, "last_hash": row.hash}
    before = operation.state
    where = {"pk": operation.pk, "state": operation.state} | ({"claim_token": token} if token else {})
    if not Operation.objects.filter(**where).update(**changes):
        raise Lost(operation.reference)
    for name, value in changes.items():
        setattr(operation, name, value)
    row.save(force_insert=True)
    if final:
        _finish(operation, now)
    for listener in _listeners:
        listener(operation, before, now)


def listen(listener: Listener) -> None:
    """It hears each step inside the transaction of that step: what it writes is committed with it, or neither is."""
    _listeners.append(listener)


def next_transition(operation: Operation, *, after: str, by: str, reason: str, now: dt.datetime) -> Transition:
    """The next link of the chain, not saved yet. Its number is unique, so that two writers cannot both add it."""
    row = Transition(operation=operation, n=operation.steps + 1, after=after, by=by[:80], reason=reason[:120], at=now)
    row.before = operation.state if operation.steps else ""
    row.previous_hash = operation.last_hash
    row.hash = transition_hash(row)
    return row


def transition_hash(row: Transition) -> str:
    parts = [
        str(row.operation_id),
        row.n,
        row.before,
        row.after,
        row.by,
        row.reason,
        row.at.astimezone(dt.UTC).isoformat(),
    ]
    return hashlib.sha256(json.dumps([row.previous_hash, *parts]).encode()).hexdigest()


def note(
    operation: Operation,
    source: str,
    verdict: str,
    *,
    now: dt.datetime,
    code: str = "",
    facts: Mapping[str, Any] | None = None,
) -> None:
    Evidence.objects.create(
        operation=operation, source=source, verdict=verdict, code=code[:64], facts=dict(facts or {}), at=now
    )


def _finish(operation: Operation, now: dt.datetime) -> None:
    if operation.state in RELEASES or not effect_of(operation).keeps_claims:
        Claim.objects.filter(operation=operation).update(open=False)
    elif operation.in_part:
        Claim.objects.filter(operation=operation).exclude(resource__in=operation.outcome["applied"]).update(open=False)
    effect_of(operation).finished(operation, now)
