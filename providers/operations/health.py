"""How an account is doing, and the circuit: it stops new writes when nothing is answered, never the looks that settle."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta

from django.db.models import F

from providers.errors import Misconfigured, ProviderError, Unavailable
from providers.models import Account, AccountHealth
from providers.windows import windows_for

FRESH = timedelta(seconds=5)  # a good answer within this is not written again: a busy row would queue every worker
LOGIN_PAUSE = 60  # seconds without new writes after a refused login: no password storm


def answered(account: Account, now: dt.datetime) -> None:
    """The provider gave an answer that we could read."""
    row, _ = AccountHealth.objects.get_or_create(account=account)
    if row.failures == 0 and row.last_good_at and now - row.last_good_at < FRESH:
        return
    AccountHealth.objects.filter(pk=account.pk).update(
        last_good_at=now, failures=0, failing_since=None, open_until=None, last_problem=""
    )


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
