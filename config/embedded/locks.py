"""Locks that the kernel drops when their holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def take(lock: int) -> bool:
    """Alone, at once or not at all."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def share(lock: int) -> None:
    """With others; waits while one has it alone."""
    fcntl.flock(lock, fcntl.LOCK_SH)


def is_taken(path: Path) -> bool:
    lock = open_lock(path)
    try:
        return not take(lock)
    finally:
        os.close(lock)
