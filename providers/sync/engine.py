"""One run: a collection of an account is read in its way, and becomes rows of ours; then what that proves.

Pages come from one fetcher (fetch.py); bytes are compared before anything is decoded (rows.py); what differs is written with
the page cursor in one transaction (write.py, runs.py); what follows is decided apart from all of it (decide.py, proof.py).
"""

from __future__ import annotations

import datetime as dt
import gc
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from providers.contracts import MirrorSource
from providers.errors import Misconfigured, ProviderError
from providers.models import Account, SyncRun
from providers.specs import SPECS
from providers.sync import runs
from providers.sync.crawl import Progress
from providers.sync.decide import Reason
from providers.sync.fetch import OutOfTime, Pace
from providers.sync.saving import DATABASE_AWAY
from providers.sync.tables import NoMirror, mirror_of
from providers.sync.ways import Run

__all__ = ["NoMirror", "Progress", "sync_collection"]
log = logging.getLogger(__name__)
MANY_OBJECTS = 100_000


def sync_collection(
    account: Account,
    collection: str,
    *,
    full: bool = False,
    now: dt.datetime,
    progress: Callable[[Progress], None] = lambda found: None,
    source: MirrorSource | None = None,
    pace: Pace | None = None,
    day: dt.date | None = None,
) -> SyncRun:
    """Read it now, or go on with what a dead worker left. Returns the ended run, whatever its status. Raises NoMirror, and
    Busy or Superseded where another worker has it. `source` is the account's own unless a test brings one."""
    mirror = mirror_of(SPECS[account.provider].kind, collection)
    if mirror is None:
        raise NoMirror(collection)
    run = runs.begin(
        account,
        collection,
        whole=full,
        lease=timedelta(seconds=(pace or Pace()).lease),
        now=now,
        day=day,
    )
    work = Run(account, mirror, run, pace or Pace(), now, progress)
    try:
        with _to_ourselves():
            reasons = work.read(source, asked_whole=full)
    except runs.Superseded:
        raise
    except (ProviderError, OutOfTime, *DATABASE_AWAY) as error:
        if isinstance(error, DATABASE_AWAY):
            log.warning("the database was away for too long: %s", type(error).__name__)
        reasons = [_reason(error)]
        run.detail = _detail(error)
    except (
        BaseException
    ):  # Ctrl-C, or a mistake of ours: it goes on to whoever called, and the run does not seem to run
        work.end([Reason.STOPPED])
        raise
    work.end(reasons)
    return run


@contextmanager
def _to_ourselves() -> Iterator[None]:
    """With a thousand rows alive the collector would go through the whole heap again and again. Rows make no cycles."""
    usual, turn = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(MANY_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        sys.setswitchinterval(turn)


def _reason(error: Exception) -> Reason:
    if isinstance(error, OutOfTime):
        return Reason.OUT_OF_TIME
    if isinstance(error, Misconfigured):
        return Reason.LOGIN_REFUSED
    if isinstance(error, ProviderError):
        return Reason.BUDGET if error.code in ("budget_spent", "budget_unknown") else Reason.PAGE_FAILED
    return Reason.DATABASE


def _detail(error: Exception) -> str:
    return str(error)[:200] if isinstance(error, ProviderError) else ""
