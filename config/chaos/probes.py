"""What is watched, and made slower, inside the site's processes: from outside the code that is under test."""

from __future__ import annotations

import os
import random
import time
from typing import Any

from django.db import connection

Probes = dict[str, Any]


def install(probes: Probes) -> None:
    """`violations`: a file that gets a line for each provider call inside a transaction. `pauses`: {"K6": [chance,
    seconds]}, as if the machine had been paused there. `login_pause`: seconds without writes after a refused login."""
    _watch_transactions(probes["violations"])
    if probes.get("pauses"):
        _pause_at(probes["pauses"])
    from providers.operations import health

    health.LOGIN_PAUSE = probes.get("login_pause", health.LOGIN_PAUSE)


def _watch_transactions(path: str) -> None:
    from providers.http.layer import Http

    call = Http._call

    def watched(self: Any, exchange: Any) -> Any:
        if connection.in_atomic_block:
            note(path, "a provider was called inside a database transaction")
        return call(self, exchange)

    Http._call = watched  # type: ignore[method-assign]  # watched from outside


def note(path: str, text: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(file, text.encode() + b"\n")
    os.close(file)


def _pause_at(pauses: dict[str, tuple[float, float]]) -> None:
    from providers.operations import kill

    def slowly(point: str) -> None:
        chance, seconds = pauses.get(point, (0.0, 0.0))
        if random.random() < chance:
            time.sleep(seconds)

    kill.watch(slowly)
