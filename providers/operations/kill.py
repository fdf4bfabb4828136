"""Named points at which a test may kill this process the way a power cut would. Off unless asked for from outside.

    WASL_KILL=K7            die at K7, every time
    WASL_KILL=K7@0.05       die there one time in twenty
    WASL_KILL=K3,K7@0.05    several points
    WASL_KILL_ONCE=<file>   die at most once: the first process that can create the file
    WASL_KILL_LOG=<folder>  count the deaths: a byte is added to the file of the point, <folder>/K7
    WASL_KILL_MOST=200      and no more than so many at a point

K1 before the intent commits, K2 after; K3 after a worker took the row; K4 after the look before sending; K5 before the attempt
commits, K6 after; K7 after the bytes left, before the answer; K8 after the answer, before it is recorded; K9 after.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

POINTS = tuple(f"K{n}" for n in range(1, 10))
Watcher = Callable[[str], None]
_watchers: list[Watcher] = []


def at(point: str) -> None:
    for watcher in _watchers:
        watcher(point)
    wanted = os.environ.get("WASL_KILL", "")
    if not wanted or settings.PRODUCTION:
        return
    chances = dict(_parse(part) for part in wanted.split(","))
    if random.random() < chances.get(point, 0.0) and _first() and _counted(point):  # a test's dice, not a secret
        os.kill(os.getpid(), signal.SIGKILL)


def watch(watcher: Watcher) -> None:
    """Whoever passes a point tells `watcher` first, which may keep them there, or raise. Until this process ends."""
    _watchers.append(watcher)


@contextmanager
def armed(watcher: Watcher) -> Iterator[None]:
    """Within the block only."""
    watch(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def _parse(part: str) -> tuple[str, float]:
    point, _, chance = part.partition("@")
    return point.strip(), float(chance or 1)


def _first() -> bool:
    path = os.environ.get("WASL_KILL_ONCE", "")
    if not path:
        return True
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def _counted(point: str) -> bool:
    folder = os.environ.get("WASL_KILL_LOG", "")
    if not folder:
        return True
    most = int(os.environ.get("WASL_KILL_MOST") or 0)
    file = os.open(Path(folder) / point, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        if most and os.fstat(file).st_size >= most:
            return False
        return os.write(file, b".") == 1
    finally:
        os.close(file)
