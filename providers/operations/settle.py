"""Finding the truth of an operation that had no clear answer, one look at a time.

Positive evidence counts at once. Negative evidence counts only after the settle window, and twice. What decides nothing goes to
a person. The same looks watch for effects that arrive after we judged that there were none.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction

from providers.errors import ProviderError
from providers.models import Discrepancy, Evidence, Operation, State
from providers.operations import health
from providers.operations.effects import Look, Verdict, effect_of, look_at
from providers.operations.holders import later_holders
from providers.operations.journal import Journal
from providers.operations.life import Lost, database_now, move, note
from providers.registry import Rank, client_for
from providers.secrets import unseal
from providers.windows import LOOK_AGAIN, WATCH, Windows, windows_for

BY = "settler"
WATCHED = (State.NOT_APPLIED, State.PARTIAL, State.SUCCEEDED)  # final, and looked at once more; no look changes them
MAX_SENDS = 3
STRAY = 3  # a look that failed while others are answered waits no longer than the third pause
LONGEST_WAIT = 600  # seconds; a provider that asks for more gets no more: somebody is waiting for the answer


class Step(StrEnum):
    """What one look means for an unknown operation."""

    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    PARTIAL = "partial"
    SEND_AGAIN = "send_again"
    REVIEW = "review"
    COUNT = "count"  # this look counts towards a negative; look once more
    WAIT = "wait"  # it says nothing yet


@dataclass(frozen=True, slots=True)
class Standing:
    """What the decision needs to know of the operation. Times are the database's."""

    sent_at: datetime
    send_before: datetime
    sends: int
    clear_looks: int
    cleared_at: datetime | None
    setting: bool
    counted: frozenset[str] = frozenset()  # what the look that counts already saw applied


def decide_step(standing: Standing, look: Look, now: datetime, windows: Windows) -> Step:
    """Pure: protocol rules 4 and 5, and nothing else."""
    if look.verdict == Verdict.APPLIED:
        return Step.APPLIED
    settled = now >= standing.sent_at + timedelta(seconds=windows.settle)
    if look.verdict in (Verdict.CLEAR, Verdict.PARTIAL):
        if not settled:
            return Step.WAIT
        if not standing.clear_looks or standing.cleared_at is None or look.applied != standing.counted:
            return Step.COUNT  # two looks must agree on what is there
        if now < standing.cleared_at + timedelta(seconds=windows.second_look):
            return Step.WAIT
        return Step.PARTIAL if look.verdict == Verdict.PARTIAL else _negative(standing, now)
    late = now >= standing.sent_at + timedelta(seconds=windows.review)
    return Step.REVIEW if late else Step.WAIT


def _negative(standing: Standing, now: datetime) -> Step:
    again = standing.setting and standing.sends < MAX_SENDS and now < standing.send_before
    return Step.SEND_AGAIN if again else Step.NOT_APPLIED


def settle_operation(operation_id: uuid.UUID) -> str:
    """One look, if the row is due and nobody holds it. Returns the state it was left in, '' if it was not ours to take."""
    taken = _take(operation_id)
    if taken is None:
        return ""
    operation, began = taken
    journal = Journal(operation.account, operation)
    try:
        look = _look(operation, journal)
    except ProviderError as error:
        _record(operation, began, journal, error)
    else:
        _record(operation, began, journal, look)
    return operation.state


def _look(operation: Operation, journal: Journal) -> Look:
    effect, request = effect_of(operation), _request(operation)
    client = client_for(operation.account, journal, rank=Rank.RESOLVER)
    return effect.attribute(client, request, look_at(client, request, operation))


def _take(operation_id: uuid.UUID) -> tuple[Operation, datetime] | None:
    """The lease, and when the look began: what it does not see may have happened since."""
    with transaction.atomic(durable=True):
        now = database_now()
        rows = Operation.objects.select_for_update(skip_locked=True, of=("self",)).select_related("account", "branch")
        states = [State.SENDING, State.UNKNOWN, *WATCHED]
        operation = rows.filter(pk=operation_id, state__in=states, next_at__lte=now).first()
        if operation is None:
            return None
        if operation.state == State.SENDING:  # its worker's lease ran out: it died, or will find that it lost the row
            move(operation, State.UNKNOWN, now=now, by=BY, reason="lease_expired", clear_looks=0)
        windows = windows_for(operation.account)
        token, lease = uuid.uuid4(), now + timedelta(seconds=windows.lease)
        changes = {"claim_token": token, "lease_until": lease, "next_at": lease, "looks": operation.looks + 1}
        if operation.escalated_at is None and operation.state == State.UNKNOWN and _overdue(operation, now, windows):
            changes["escalated_at"] = now
        Operation.objects.filter(pk=operation.pk).update(**changes)
        operation.claim_token, operation.looks = token, operation.looks + 1
    return operation, now


def _overdue(operation: Operation, now: datetime, windows: Windows) -> bool:
    return now >= _sent_at(operation) + timedelta(seconds=windows.review)


def _request(operation: Operation) -> dict[str, object]:
    return dict(json.loads(unseal(operation.sealed_request, operation.request_context())))


def _record(operation: Operation, began: datetime, journal: Journal, found: Look | ProviderError) -> None:
    try:
        with transaction.atomic(durable=True):
            _hold(operation)
            journal.write()
            now = database_now()
            if isinstance(found, ProviderError):
                _unreachable(operation, found, now)
            elif operation.state in (State.NOT_APPLIED, State.PARTIAL):
                _watched(operation, found, now)
            elif operation.state == State.SUCCEEDED:
                _confirmed(operation, found, now)
            else:
                _looked(operation, found, began, now)
    except Lost:  # somebody else settled it meanwhile; a look changes nothing at the provider
        with transaction.atomic(durable=True):
            journal.write()


def _hold(operation: Operation) -> None:
    ours = Operation.objects.filter(pk=operation.pk, claim_token=operation.claim_token, state=operation.state)
    if not ours.select_for_update().exists():
        raise Lost(operation.reference)


def _unreachable(operation: Operation, error: ProviderError, now: datetime) -> None:
    stray = health.answers(operation.account, now)
    health.failed(operation.account, error, now)
    source = Evidence.From.WATCH if operation.state in WATCHED else Evidence.From.READ
    note(operation, source, "no_answer", now=now, code=error.code, facts={"detail": error.detail})
    if operation.state in WATCHED:  # a watch that saw nothing has not happened
        _later(operation, now + timedelta(seconds=WATCH[0]), looks=operation.looks - 1)
        return
    wait = max(min(error.retry_after or 0, LONGEST_WAIT), _pause(operation, STRAY if stray else len(LOOK_AGAIN)))
    review = _sent_at(operation) + timedelta(seconds=windows_for(operation.account).review)
    _later(operation, _not_past([review], now + timedelta(seconds=wait), now))


def _looked(operation: Operation, look: Look, began: datetime, now: datetime) -> None:
    windows, effect = windows_for(operation.account), effect_of(operation)
    health.answered(operation.account, now)
    note(operation, Evidence.From.READ, look.verdict, now=now, code=look.code, facts=look.facts)
    effect.store(operation, look.records, now)
    step = decide_step(_standing(operation, effect.setting), look, began, windows)
    if step == Step.COUNT:
        outcome = {**operation.outcome, "counted": sorted(look.applied)}
        counted = {"clear_looks": 1, "cleared_at": now, "outcome": outcome}
        _later(operation, now + timedelta(seconds=windows.second_look), **counted)
    elif step == Step.WAIT:
        if look.verdict not in (Verdict.CLEAR, Verdict.PARTIAL):  # the count starts again
            operation.clear_looks, operation.cleared_at = 0, None
        kept = {"clear_looks": operation.clear_looks, "cleared_at": operation.cleared_at}
        _later(operation, _next_look(operation, now, windows), **kept)
    else:
        _end(operation, step, look, now)


def _standing(operation: Operation, setting: bool) -> Standing:
    return Standing(
        sent_at=_sent_at(operation),
        send_before=operation.send_before,
        sends=operation.sends,
        clear_looks=operation.clear_looks,
        cleared_at=operation.cleared_at,
        setting=setting,
        counted=frozenset(operation.outcome.get("counted", ())),
    )


def _sent_at(operation: Operation) -> datetime:
    return operation.sent_at or operation.created_at


def _end(operation: Operation, step: Step, look: Look, now: datetime) -> None:
    outcome, watch = {**operation.outcome, "seen": dict(look.facts)}, now + timedelta(seconds=WATCH[0])
    end: dict[str, Any] = {"now": now, "by": BY, "token": operation.claim_token, "reason": look.code or look.verdict}
    if step == Step.APPLIED:
        move(operation, State.SUCCEEDED, evidence_level="inferred", outcome=outcome, next_at=None, **end)
    elif step == Step.PARTIAL:
        outcome["applied"] = sorted(look.applied)
        move(operation, State.PARTIAL, evidence_level="inferred", outcome=outcome, looks=0, next_at=watch, **end)
    elif step == Step.NOT_APPLIED:
        move(operation, State.NOT_APPLIED, evidence_level="inferred", outcome=outcome, looks=0, next_at=watch, **end)
    elif step == Step.SEND_AGAIN:
        # A new send, and new looks after it: the pauses between them begin short again.
        again: dict[str, Any] = {"claim_token": None, "lease_until": None, "clear_looks": 0, "looks": 0, "next_at": now}
        move(operation, State.CREATED, **again, **end)
    else:
        move(operation, State.NEEDS_REVIEW, claim_token=None, lease_until=None, next_at=None, **end)


def _watched(operation: Operation, look: Look, now: datetime) -> None:
    """The second line: what was judged not done, or in part, is looked at again for a week. Terminal states never change."""
    health.answered(operation.account, now)
    note(operation, Evidence.From.WATCH, look.verdict, now=now, code=look.code, facts=look.facts)
    effect_of(operation).store(operation, look.records, now)
    seen_before = bool(look.applied) and look.applied <= set(operation.outcome.get("applied", ()))
    if not look.shows_effect or seen_before:
        n = min(operation.looks, len(WATCH))
        _later(operation, now + timedelta(seconds=WATCH[n]) if n < len(WATCH) else None)
        return
    others = later_holders(operation)
    if any(other.is_open for other in others):  # whose effect this is shows when that one has ended
        _later(operation, now + timedelta(seconds=WATCH[0]), looks=operation.looks - 1)
        return
    if not others:
        Discrepancy.objects.create(
            account=operation.account,
            branch=operation.branch,
            operation=operation,
            kind=Discrepancy.Kind.LATE_EFFECT,
            facts=dict(look.facts),
            at=now,
        )
    _later(operation, None)


def _confirmed(operation: Operation, look: Look, now: datetime) -> None:
    """Their answer named our order and no code. What it left unused, seen twice, is a person's business with the issuer."""
    health.answered(operation.account, now)
    note(operation, Evidence.From.WATCH, look.verdict, now=now, code=look.code, facts=look.facts)
    effect_of(operation).store(operation, look.records, now)
    if set(operation.claims.values_list("resource", flat=True)) <= look.applied:
        _later(operation, None)
    elif not operation.clear_looks:
        again = now + timedelta(seconds=windows_for(operation.account).second_look)
        _later(operation, again, clear_looks=1)
    else:
        place = {"account": operation.account, "branch": operation.branch, "operation": operation}
        kind = Discrepancy.Kind.MISSING_EFFECT
        Discrepancy.objects.create(kind=kind, facts=dict(look.facts), at=now, **place)
        _later(operation, None)


def _next_look(operation: Operation, now: datetime, windows: Windows) -> datetime:
    """The backoff, but never past the moment when a look begins to count, or a person must be told."""
    sent, later = _sent_at(operation), now + timedelta(seconds=_pause(operation))
    counts = sent + timedelta(seconds=windows.settle)
    if operation.clear_looks and operation.cleared_at:
        counts = operation.cleared_at + timedelta(seconds=windows.second_look)
    return _not_past([counts, sent + timedelta(seconds=windows.review)], later, now)


def _not_past(moments: list[datetime], later: datetime, now: datetime) -> datetime:
    return min([later, *(moment for moment in moments if moment > now)])


def _pause(operation: Operation, longest: int = len(LOOK_AGAIN)) -> float:
    return float(LOOK_AGAIN[min(operation.looks, longest) - 1])


def _later(operation: Operation, when: datetime | None, **changes: object) -> None:
    changes |= {"claim_token": None, "lease_until": None, "next_at": when}
    Operation.objects.filter(pk=operation.pk).update(**changes)
    for name, value in changes.items():
        setattr(operation, name, value)
