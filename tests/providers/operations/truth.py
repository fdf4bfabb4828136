"""What must be true of every redemption, whatever happened to it: our rows compared with the twin's own ledger.

The rules are written down here a second time, on purpose: neither this file nor the chaos
checker, whose words it shares, imports any of the engine's judgement.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from datetime import timedelta
from typing import Any

from django.conf import settings

from config.chaos.checker import DONE, FREE, MOST_SENDS, NOTHING_HAPPENED, OPEN, STEPS
from providers import operations
from providers.models import Claim, Discrepancy, Operation, Transition
from providers.sandbox.running import RunningSandbox
from tests.scene import effects, make_due, writes


def code_of(operation: Operation) -> str:
    return str(operation.redemption.lines.get().code)


def assert_true(operation: Operation, twin: RunningSandbox, *, killed: bool = False, refused_writes: int = 0) -> None:
    """All of it. `killed`: a process died, so its note of a call may be missing. `refused_writes`: requests that the
    provider turned away at the door, which an attempt may follow up with a new login."""
    operation.refresh_from_db()
    assert_chain(operation)
    assert_attempts_before_writes(operation, twin, refused_writes)
    assert_patience(operation)
    assert_rows_agree(operation)
    if not killed:
        assert_every_answer_is_evidence(operation)
        assert_every_write_is_in_the_journal(operation, twin)
    assert_ledgers_agree(operation, twin)


def assert_chain(operation: Operation) -> None:
    """Every step was a legal one, and no row of the chain was changed, left out or put in afterwards."""
    rows = list(Transition.objects.filter(operation=operation).order_by("n"))
    assert [row.n for row in rows] == list(range(1, len(rows) + 1))
    previous: Transition | None = None
    for row in rows:
        assert row.before == (previous.after if previous else "")
        assert row.after in STEPS[row.before], (row.before, row.after)
        assert row.previous_hash == (previous.hash if previous else "")
        assert row.hash == hash_of(row)
        assert previous is None or previous.at <= row.at
        previous = row
    assert previous is not None
    assert previous.after == operation.state
    assert (operation.steps, operation.last_hash) == (len(rows), previous.hash), "the end of the chain was cut off"


def hash_of(row: Transition) -> str:
    at = row.at.astimezone(dt.UTC).isoformat()
    content = [row.previous_hash, str(row.operation_id), row.n, row.before, row.after, row.by, row.reason, at]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def assert_attempts_before_writes(operation: Operation, twin: RunningSandbox, refused_writes: int) -> None:
    """No byte without a committed attempt, never the fourth time, and always the same bytes."""
    attempts = list(operation.attempts.order_by("n"))
    assert [attempt.n for attempt in attempts] == list(range(1, len(attempts) + 1))
    sent = writes(twin, code_of(operation))
    for place, seen in enumerate(sent[: len(attempts)]):
        assert attempts[min(place, len(attempts) - 1)].at <= dt.datetime.fromisoformat(seen.at)
    assert len(sent) <= len(attempts) + refused_writes
    assert len(sent) <= MOST_SENDS + refused_writes
    assert len({seen.body_sha256 for seen in sent if seen.code}) <= 1


def assert_patience(operation: Operation) -> None:
    """Nothing was called "not done" by fewer than two looks, after the settle window, far enough apart."""
    windows = settings.WINDOWS
    settle, apart = timedelta(seconds=windows.settle), timedelta(seconds=windows.second_look)
    sent_at: Any = None
    for step in operation.transitions.order_by("n"):
        if step.after == "sending":
            sent_at = step.at
        if step.before == "unknown" and step.after in ("not_applied", "created"):
            clear = operation.evidence.filter(source="read", verdict="clear", at__gte=sent_at + settle, at__lte=step.at)
            times = sorted(clear.values_list("at", flat=True))
            assert len(times) >= 2, "a negative on fewer than two looks"
            assert times[-1] - times[0] >= apart, "two looks too close to each other"


def assert_rows_agree(operation: Operation) -> None:
    is_open = operation.state in OPEN
    assert (operation.finished_at is None) == is_open
    assert Claim.objects.filter(operation=operation).count() == 1
    assert Claim.objects.filter(operation=operation, open=True).exists() == (operation.state not in FREE)
    if not is_open:
        assert operation.claim_token is None
        assert operation.next_at is None or operation.state == "not_applied", (
            "a worker is asked to look at what is over"
        )
        assert not operation.redemption.lookup.cards, "the family's cards outlive the redemption"
    if operation.state == "succeeded":
        assert operation.redemption.lines.get().voucher.status == "used"
        assert operation.evidence_level in ("response", "inferred")


def assert_every_answer_is_evidence(operation: Operation) -> None:
    answers = operation.evidence.filter(source__in=["response", "late"]).count()
    assert answers == operation.attempts.count()
    assert operation.evidence.filter(source="before").exists() or operation.state in ("created", "not_sent")


def assert_every_write_is_in_the_journal(operation: Operation, twin: RunningSandbox) -> None:
    calls = operation.calls.filter(path="/makeClientCenterVouchersUsed", bytes_left=True)
    assert calls.count() == len(writes(twin, code_of(operation)))


def assert_ledgers_agree(operation: Operation, twin: RunningSandbox) -> None:
    """Never doubled; and what we say happened is what happened."""
    done = effects(twin, code_of(operation))
    ours = [effect for effect in done if effect.actor == "api"]
    assert len(done) <= 1, f"doubled: {done}"
    if operation.state in DONE:
        assert len(done) == 1, f"{operation.state} without an effect"
    if operation.state in NOTHING_HAPPENED:
        late = Discrepancy.objects.filter(operation=operation, kind="late_effect").exists()
        assert not ours or late, f"{operation.state}, but the voucher was used by us"
    if ours:
        assert ours[0].amounts["total_services_price"] == plain(operation.redemption.services_total)
        assert ours[0].amounts["total_client_paid_amount"] == plain(operation.redemption.client_pays)


def plain(amount: Any) -> str:
    return f"{amount.normalize():f}"


def assert_stays(operation: Operation) -> None:
    """A final state stays as it is, whoever comes by."""
    operation.refresh_from_db()
    before = operation.state, operation.transitions.count(), operation.attempts.count()
    for _ in range(2):
        make_due(operation)
        operations.send_operation(operation.pk)
        operations.settle_operation(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.transitions.count(), operation.attempts.count()) == before
