"""The file a sandbox remembers by: JSON lines, only ever appended to."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

import msgspec

Line = dict[str, Any]
START = b'{"type":'  # how each of our lines begins, so that a file of somebody else's is never cut


class StateUnusable(Exception):
    """The state file is somebody else's, or not ours at all."""


class Journal:
    """Appends lines; with no path it forgets. What it has acknowledged as `lasting` survives a power cut."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = None if path is None else open(path, "a+b", buffering=0)  # noqa: SIM115 - open as long as we run
        if self._file is not None:
            self._lock(self._file.fileno())

    def _lock(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StateUnusable("another sandbox is using this state file") from None

    def lines(self) -> list[Line]:
        """Everything written so far. A last line cut short by a crash is dropped: nobody was told of it."""
        if self._file is None:
            return []
        self._file.seek(0)
        *whole, rest = self._file.read().split(b"\n")
        lines = [self._line(number, text) for number, text in enumerate(whole, start=1)]
        if rest[: len(START)] != START[: len(rest)]:
            raise StateUnusable("the state file ends with something a sandbox does not write")
        self._file.truncate(sum(len(text) + 1 for text in whole))
        return lines

    def _line(self, number: int, text: bytes) -> Line:
        try:
            line = msgspec.json.decode(text, type=Line)
        except msgspec.DecodeError as error:
            raise StateUnusable(f"line {number} of the state file cannot be read: {error}") from None
        if "type" not in line:
            raise StateUnusable(f"line {number} of the state file is not a sandbox's")
        return line

    def append(self, line: Line, *, lasting: bool) -> None:
        if self._file is None:
            return
        self._file.write(msgspec.json.encode(line) + b"\n")
        if lasting:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
