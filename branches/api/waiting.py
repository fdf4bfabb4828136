"""The bounded moment for which an answer waits for a worker. The provider is asked by workers; here a row is looked at.

Waiting holds a thread of the web server, and people at desks need those: no more than a few of them wait at the same time.
Whoever finds no room is answered at once with what is known.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from django.conf import settings

FIRST_LOOK, LONGEST_PAUSE = 0.02, 0.25  # seconds
_room = threading.BoundedSemaphore(settings.API_WAITING_THREADS)


def wait_for(is_there: Callable[[], bool], seconds: float) -> bool:
    """Whether it came in time. Looks once in any case."""
    if is_there():
        return True
    if not _room.acquire(blocking=False):
        return False
    try:
        return _watched(is_there, seconds)
    finally:
        _room.release()


def _watched(is_there: Callable[[], bool], seconds: float) -> bool:
    until, pause = time.monotonic() + seconds, FIRST_LOOK
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(pause, left))
        if is_there():
            return True
        pause = min(pause * 1.5, LONGEST_PAUSE)
    return False
