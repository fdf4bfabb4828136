"""One supervised process: what it is, and how it starts so that it never outlives whoever started it (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


@dataclass(frozen=True)
class Process:
    """What to run. Stages start from the lowest and stop from the highest; those of one stage stop together."""

    name: str
    command: Sequence[str]
    stage: int = 0
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    account: tuple[int, int] | None = None  # user and group to become, when we are root
    log: Path | None = None  # a file for its output, else our own standard output, a name before every line
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGKILL  # what it gets when we are killed ourselves
    grace: float = 10.0
    prepare: Callable[[], None] | None = None  # runs before every start


def launch(process: Process) -> subprocess.Popen[bytes]:
    """Its output comes through a pipe unless it has a log. Call it from the main thread: the kernel counts a thread's
    end as its parent's."""
    user, group = process.account or (None, None)
    log = process.log.open("ab") if process.log else None
    try:
        return subprocess.Popen(
            process.command,
            stdin=subprocess.DEVNULL,
            stdout=log or subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=process.env,
            cwd=process.cwd,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop them in order
            preexec_fn=_dies_with_us(process.death_signal),  # noqa: PLW1509 - it calls prctl and nothing else
        )
    finally:
        if log:
            log.close()


def _dies_with_us(number: int) -> Callable[[], None]:
    parent = os.getpid()

    def ask_the_kernel() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # we died before the kernel knew
            os._exit(1)

    return ask_the_kernel
