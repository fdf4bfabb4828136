"""What becomes of events later: looked at again when somebody says so, and dropped when nobody will."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from providers.hooks.readers import how_to_hear
from providers.models import Hook
from providers.operations.life import database_now
from providers.specs import SPECS

KEEP = dt.timedelta(days=7)  # what has ended; they hold names and phones
KEEP_WAITING = dt.timedelta(days=30)  # of an account that nobody can reach
BATCH = 5_000


def purge_hooks(*, now: dt.datetime) -> int:
    """Returns how many events went."""
    ended = Hook.objects.exclude(state=Hook.State.WAITING).filter(received_at__lt=now - KEEP)
    waiting = Hook.objects.filter(state=Hook.State.WAITING, received_at__lt=now - KEEP_WAITING)
    gone = 0
    for rows in (ended, waiting):
        while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
            gone += Hook.objects.filter(pk__in=keys).delete()[0]
    return gone


def replay(hooks: Iterable[Hook]) -> int:
    """The records of these are read again. Returns how many events that are about a record wait now."""
    keys = [hook.pk for hook in hooks if hook.state != Hook.State.WAITING and _is_readable(hook)]
    again = {"state": Hook.State.WAITING, "tries": 0, "problem": "", "done_at": None, "token": None}
    return Hook.objects.filter(pk__in=keys).update(**again, next_at=database_now())


def _is_readable(hook: Hook) -> bool:
    how = how_to_hear(SPECS[hook.account.provider].kind)
    return bool(how and hook.subject_id and hook.subject_kind in how.readers)
