"""One attempt: take the row, look, commit the attempt, send, record. Each step is its own short transaction; none is open
while the provider is spoken to."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from providers.contracts import Receipt
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, ProviderError, Rejected, Unavailable
from providers.models import Attempt, Discrepancy, Evidence, Operation, State
from providers.operations import health, kill
from providers.operations.effects import Look, Verdict, effect_of, look_at, send_with
from providers.operations.life import Lost, database_now, move, note
from providers.operations.taking import BY, Work, let_die, take
from providers.registry import TooLate, client_for

TRY_AGAIN = timedelta(seconds=2)  # between looks before sending, while the provider cannot be reached


def send_operation(operation_id: uuid.UUID) -> str:
    """Send once if the row is due and nobody holds it. Returns the state it was left in, '' if it was not ours to take."""
    work = take(operation_id)
    if work is None:
        return ""
    kill.at("K3")
    try:
        look = _look_first(work)
        if look is not None and _commit_attempt(work, look):
            _send(work)
    except Lost:  # the lease ran out and another worker went on; what this one did stays in the journal
        with transaction.atomic(durable=True):
            work.journal.write()
    return work.operation.state


def _look_first(work: Work) -> Look | None:
    """R: the snapshot. None when the row was put back or ended."""
    try:
        client = client_for(work.operation.account, work.journal)
        again = work.operation.sends > 0
        effect = effect_of(work.operation)
        look = look_at(client, work.request, work.operation) if again else effect.look(client, work.request)
    except (Unavailable, BrokenContract, Misconfigured, Rejected) as error:
        _not_now(work, error)
        return None
    kill.at("K4")
    if look.verdict == Verdict.CLEAR:
        return look
    if look.verdict == Verdict.LATER and not again:
        _look_later(work, look)
    else:
        _refuse(work, look)
    return None


def _look_later(work: Work, look: Look) -> None:
    """They answered, and it is too early: once more in a moment, as long as the intent lives."""
    with _recording(work) as now:
        health.answered(work.operation.account, now)
        note(work.operation, Evidence.From.BEFORE, look.verdict, now=now, code=look.code, facts=look.facts)
        effect_of(work.operation).store(work.operation, look.records, now)
        if now + TRY_AGAIN < work.operation.send_before:
            _put_back(work, now, look.code)
        else:
            _end_unsent(work, now, look.code)


@contextmanager
def _recording(work: Work) -> Iterator[datetime]:
    """One transaction. The row is locked first, as the settler does it, or the two could wait for each other for ever."""
    with transaction.atomic(durable=True):
        Operation.objects.select_for_update().get(pk=work.operation.pk)
        work.journal.write()
        yield database_now()


def _not_now(work: Work, error: ProviderError) -> None:
    """Nothing was sent. Worth another try before `send_before` only when the provider could not be reached."""
    with _recording(work) as now:
        health.failed(work.operation.account, error, now)
        note(
            work.operation, Evidence.From.BEFORE, "no_answer", now=now, code=error.code, facts={"detail": error.detail}
        )
        if work.operation.sends:
            _to_unknown(work, now, error.code)
        elif isinstance(error, Unavailable) and now + TRY_AGAIN < work.operation.send_before:
            _put_back(work, now, error.code)
        else:
            _end_unsent(work, now, error.code)


def _put_back(work: Work, now: datetime, code: str, **changes: Any) -> None:
    changes |= {"claim_token": None, "lease_until": None, "next_at": now + TRY_AGAIN, "refusal_code": code}
    move(work.operation, State.CREATED, now=now, by=BY, reason=code, token=work.token, **changes)


def _end_unsent(work: Work, now: datetime, code: str) -> None:
    move(work.operation, State.NOT_SENT, now=now, by=BY, reason=code, token=work.token, refusal_code=code, next_at=None)


def _refuse(work: Work, look: Look) -> None:
    """The look before sending shows that it cannot be done. On a re-send it may show that it was done: by us."""
    with _recording(work) as now:
        health.answered(work.operation.account, now)
        note(work.operation, Evidence.From.BEFORE, look.verdict, now=now, code=look.code, facts=look.facts)
        effect_of(work.operation).store(work.operation, look.records, now)
        if work.operation.sends:
            _to_unknown(work, now, "seen_before_resend")
        else:
            code = look.code or look.verdict
            if look.verdict == Verdict.UNCLEAR:
                _alert(work.operation, look, now)
            move(
                work.operation,
                State.REFUSED,
                now=now,
                by=BY,
                reason=code,
                token=work.token,
                refusal_code=code,
                next_at=None,
            )


def _alert(operation: Operation, look: Look, now: datetime) -> None:
    """They show something that nobody has documented: staff are refused, and the supervisor is told."""
    kind, facts = Discrepancy.Kind.UNSEEN_STATUS, dict(look.facts)
    place = {"account": operation.account, "branch": operation.branch, "operation": operation}
    Discrepancy.objects.create(kind=kind, facts=facts, at=now, **place)


def _commit_attempt(work: Work, look: Look) -> bool:
    """T3: from here on the write may have happened, whatever becomes of this process."""
    kill.at("K5")
    work.deadline = time.monotonic() + work.windows.send  # before the commit: a pause on its way counts too
    operation = work.operation
    with _recording(work) as now:
        if now >= operation.send_before:  # the look took too long, or this machine was paused
            let_die(operation, now, work.token)
            return False
        n, lease = operation.attempts.count() + 1, now + timedelta(seconds=work.windows.lease)
        before = operation.snapshot["before"] if operation.sends else dict(look.facts)  # of the first send
        snapshot = {**operation.snapshot, "before": before}
        changes: dict[str, Any] = {
            "snapshot": snapshot,
            "sends": operation.sends + 1,
            "sent_at": now,
            "lease_until": lease,
            "next_at": lease,
            "refusal_code": "",
        }
        move(operation, State.SENDING, now=now, by=BY, token=work.token, **changes)
        Attempt.objects.create(operation=operation, n=n, claim_token=work.token, at=now)
        note(operation, Evidence.From.BEFORE, look.verdict, now=now, facts=look.facts)
        effect_of(operation).store(operation, look.records, now)
    kill.at("K6")
    return True


def _send(work: Work) -> None:
    """W and C: the one place from which a write leaves, and what its answer proves."""
    try:
        client = client_for(work.operation.account, work.journal, work.deadline, on_sent=lambda: kill.at("K7"))
        receipt = send_with(client, work.request, work.operation)
    except TooLate:
        _record(work, _unsent, Unavailable("too_late", "The machine was paused past the send window."))
    except (Unavailable, Misconfigured) as error:
        _record(work, _unsent, error)
    except Rejected as error:
        _record(work, _refused, error)
    except (OutcomeUnknown, BrokenContract) as error:
        _record(work, _unknown, error)
    else:
        _record(work, _succeeded, receipt)
    kill.at("K9")


def _record(work: Work, outcome: Any, what: Any) -> None:
    """T4: by compare-and-set. An answer that comes after the row moved on is kept as evidence."""
    kill.at("K8")
    try:
        with _recording(work) as now:
            outcome(work, what, now)
    except Lost:
        with transaction.atomic(durable=True):
            note(
                work.operation, Evidence.From.LATE, outcome.__name__.strip("_"), now=database_now(), facts=_facts(what)
            )
        raise


def _facts(what: Any) -> dict[str, Any]:
    if isinstance(what, Receipt):
        return {"references": dict(what.references)}
    named = {"named": what.named} if isinstance(what, OutcomeUnknown) and what.named else {}
    return {"code": what.code, "detail": what.detail, "status": what.status, **named}


def _succeeded(work: Work, receipt: Receipt, now: datetime) -> None:
    facts = _facts(receipt) | {"milliseconds": work.journal.milliseconds}
    health.answered(work.operation.account, now)
    note(work.operation, Evidence.From.RESPONSE, "applied", now=now, facts=facts)
    outcome = {**work.operation.outcome, **facts}
    confirm = None if receipt.names_each else now + timedelta(seconds=work.windows.settle)
    move(
        work.operation,
        State.SUCCEEDED,
        now=now,
        by=BY,
        token=work.token,
        evidence_level="response",
        outcome=outcome,
        looks=0,
        clear_looks=0,
        next_at=confirm,
    )


def _refused(work: Work, error: Rejected, now: datetime) -> None:
    health.answered(work.operation.account, now)
    note(work.operation, Evidence.From.RESPONSE, "refused", now=now, code=error.code, facts=_facts(error))
    if work.operation.sends > 1:
        return _to_unknown(work, now, error.code)  # an earlier send of ours may be why they refuse now
    move(
        work.operation,
        State.REFUSED,
        now=now,
        by=BY,
        reason=error.code,
        token=work.token,
        refusal_code=error.code,
        next_at=None,
    )
    return None


def _unsent(work: Work, error: ProviderError, now: datetime) -> None:
    """No byte left this time. If an earlier send is unexplained, only a look may end the operation."""
    health.failed(work.operation.account, error, now)
    note(work.operation, Evidence.From.RESPONSE, "not_sent", now=now, code=error.code, facts=_facts(error))
    if work.operation.sends > 1:
        _to_unknown(work, now, error.code)
    elif isinstance(error, Unavailable) and now + TRY_AGAIN < work.operation.send_before:
        _put_back(work, now, error.code, sends=0, sent_at=None)
    else:
        _end_unsent(work, now, error.code)


def _unknown(work: Work, error: ProviderError, now: datetime) -> None:
    health.failed(work.operation.account, error, now)
    note(work.operation, Evidence.From.RESPONSE, "unknown", now=now, code=error.code, facts=_facts(error))
    _to_unknown(work, now, error.code)


def _to_unknown(work: Work, now: datetime, code: str) -> None:
    changes: dict[str, Any] = {
        "claim_token": None,
        "lease_until": None,
        "clear_looks": 0,
        "next_at": now + timedelta(seconds=0.5),
    }
    move(work.operation, State.UNKNOWN, now=now, by=BY, reason=code, token=work.token, **changes)
