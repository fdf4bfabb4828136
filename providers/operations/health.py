"""How an account is doing, and the circuit: it stops new writes when nothing is answered, never the looks that settle."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta

from django.db.models import F

from providers.errors import Misconfigured, ProviderError, Unavailable
from providers.models import Account, AccountHealth, Operation, State
from providers.windows import windows_for

FRESH = timedelta(seconds=5)  # a good answer within this is not written again: a busy row would queue every worker
LATELY = timedelta(seconds=30)  # a good answer within this: the provider is there, and one call that fails was bad luck
LOGIN_PAUSE = 60  # seconds without new writes after a refused login: no password storm


def answered(account: Account, now: dt.datetime) -> None:
    """The provider gave an answer that we could read."""
    row, _ = AccountHealth.objects.get_or_create(account=account)
    if row.failures == 0 and row.last_good_at and now - row.last_good_at < FRESH:
        return
    if row.failures and not _is_recent(row, now):
        _look_at_once(account, now)
    AccountHealth.objects.filter(pk=account.pk).update(
        last_good_at=now, failures=0, failing_since=None, open_until=None, last_problem=""
    )


def answers(account: Account, now: dt.datetime) -> bool:
    """Has anything of this account been answered lately?"""
    row = AccountHealth.objects.filter(account=account).first()
    return row is not None and _is_recent(row, now)


def _is_recent(row: AccountHealth, now: dt.datetime) -> bool:
    return row.last_good_at is not None and now - row.last_good_at < LATELY


def _look_at_once(account: Account, now: dt.datetime) -> None:
    """The provider is back after a silence. What has no clear answer yet waits ever longer for its next look; somebody may
    stand at the desk with it. Rows that a worker has in its hands are left to it."""
    waiting = Operation.objects.filter(account=account, state=State.UNKNOWN, claim_token=None, next_at__gt=now)
    free = waiting.select_for_update(skip_locked=True).values_list("pk", flat=True)
    Operation.objects.filter(pk__in=list(free)).update(next_at=now)


def failed(account: Account, error: ProviderError, now: dt.datetime) -> None:
    """The provider gave no answer that helps. Enough of these in a row open the circuit."""
    row, _ = AccountHealth.objects.get_or_create(account=account)
    windows = windows_for(account)
    changes: dict[str, object] = {"failures": F("failures") + 1, "last_problem": error.code[:64]}
    if row.failing_since is None:
        changes["failing_since"] = now
    pause = _pause(error, row.failures + 1, windows.breaker_failures, windows.breaker_open)
    if pause:
        changes["open_until"] = now + timedelta(seconds=pause)
    AccountHealth.objects.filter(pk=account.pk).update(**changes)


def _pause(error: ProviderError, failures: int, limit: int, seconds: float) -> float:
    if error.retry_after:
        return min(float(error.retry_after), 600.0)
    if isinstance(error, Misconfigured):
        return LOGIN_PAUSE
    if isinstance(error, Unavailable) and error.code == "blocked_address":
        return 0
    return seconds if failures >= limit else 0
