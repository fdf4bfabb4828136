"""Servers that a crash left behind in a folder of ours."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PATIENCE = 10.0


def clear(folder: Path, program: str) -> None:
    """Fast-stop every server still at work in the folder; kill those that stay."""
    asked_at = time.monotonic()
    number = signal.SIGINT  # both servers shut down cleanly on it
    told: set[int] = set()
    while there := servers_in(folder, program):
        if time.monotonic() - asked_at > PATIENCE:
            number, told = signal.SIGKILL, set()
        for pid in there - told:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        told |= there
        time.sleep(0.02)


def servers_in(folder: Path, program: str) -> set[int]:
    """Both servers make their data folder their working directory, so the kernel knows better than any pid file."""
    return {
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if _link(process / "cwd") == str(folder.resolve()) and Path(_link(process / "exe")).name.startswith(program)
    }


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:  # ended meanwhile, or another user's
        return ""
