"""A database connection that breaks at the worst moments: while a COMMIT is on its way, or its answer is."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TypeVar

from django.db import connection

T = TypeVar("T")
COMMIT = b"COMMIT\x00"
# "lost": the COMMIT does not arrive. "done": it does, its answer does not. A number: the answer takes so many seconds.
How = Literal["lost", "done"] | float


class Cable:
    """Between us and PostgreSQL; the n-th COMMIT that passes meets its fate, everything else passes."""

    def __init__(self, folder: Path, nth: int, how: How) -> None:
        self.folder = folder
        self.met = threading.Event()
        self._nth = nth
        self._how = how
        self._count = 0
        self._mute: socket.socket | None = None
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / f".s.PGSQL.{port()}"))
        self._listener.listen(16)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _address = self._listener.accept()
                far = dialled()
                for carry in (self._up, self._down):
                    threading.Thread(target=carry, args=(near, far), daemon=True).start()

    def _up(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while content := near.recv(65536):
                if COMMIT in content and self._is_the_one():
                    self._meet(content, near, far)
                else:
                    far.sendall(content)
        hang_up(near, far)

    def _down(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while content := far.recv(65536):
                if far is self._mute:  # PostgreSQL has committed, and nobody will hear of it
                    break
                near.sendall(content)
        hang_up(near, far)

    def _is_the_one(self) -> bool:
        self._count += 1
        return self._count == self._nth

    def _meet(self, content: bytes, near: socket.socket, far: socket.socket) -> None:
        self.met.set()
        if self._how == "lost":
            hang_up(near, far)
            return
        if self._how == "done":
            self._mute = far
        else:
            time.sleep(self._how)
        far.sendall(content)


def hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def port() -> str:
    return str(connection.settings_dict["PORT"] or 5432)


def dialled() -> socket.socket:
    host = str(connection.settings_dict["HOST"])
    if host.startswith("/"):
        far = socket.socket(socket.AF_UNIX)
        far.connect(f"{host}/.s.PGSQL.{port()}")
        return far
    return socket.create_connection((host, int(port())))


@contextmanager
def cable(nth: int, how: How) -> Iterator[Cable]:
    with tempfile.TemporaryDirectory(prefix="wasl-cable-", dir="/tmp") as folder:
        found = Cable(Path(folder), nth, how)
        try:
            yield found
        finally:
            found.close()


def through(found: Cable, work: Callable[[], T]) -> Callable[[], T]:
    """For a thread of its own: its connection to the database goes through that cable."""

    def go() -> T:
        connection.close()
        connection.settings_dict = {**connection.settings_dict, "HOST": str(found.folder)}
        return work()

    return go
