"""The client's end of one connection, and all that may be done to it: a proper answer, a slow one, half of one, none."""

from __future__ import annotations

import contextlib
import email.utils
import os
import socket
import struct
import threading
from collections.abc import Iterable
from http import HTTPStatus
from http.client import responses

from providers.sandbox.twin import Answer

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def phrase_of(status: int) -> str:
    return responses.get(status, "Unknown")


def head_of(answer: Answer, length: int | None = None) -> bytes:
    """The answer's status line and headers. `length` is what it claims to be long, where that is not the truth."""
    headers = {"Server": "sandbox", "Date": email.utils.formatdate(usegmt=True), **answer.headers}
    if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        headers["Content-Length"] = str(len(answer.body) if length is None else length)
    lines = [f"HTTP/1.1 {answer.status} {phrase_of(answer.status)}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


class Line:
    """`finished` turns true when nothing more can follow on this connection."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self._connection = connection
        self._stopping = stopping
        self.finished = False

    def send(self, answer: Answer) -> None:
        self.write(head_of(answer) + answer.body)

    def write(self, content: bytes) -> None:
        try:
            self._connection.sendall(content)
        except OSError:  # the client has gone; that is its right
            self.finished = True

    def stream(self, answer: Answer, pieces: Iterable[bytes], length: int) -> None:
        """An answer too long to hold in memory: its own body is ignored."""
        self.write(head_of(answer, length))
        for piece in pieces:
            if self.finished or self._stopping.is_set():
                break
            self.write(piece)
        self.hang_up()

    def drip(self, content: bytes, seconds: float) -> None:
        for place in range(len(content)):
            self.write(content[place : place + 1])
            if self.finished or self.pause(seconds):
                break

    def pause(self, seconds: float) -> bool:
        """Wait; true when the sandbox is stopping and nobody should wait any longer."""
        return self._stopping.wait(seconds)

    def reset(self) -> None:
        """RST: what was in flight is lost, and the client learns nothing but that."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._close()

    def hang_up(self) -> None:
        """FIN: an orderly close, whether or not the answer was complete."""
        if not self.finished:
            with contextlib.suppress(OSError):  # already gone
                self._connection.shutdown(socket.SHUT_WR)
            self._close()

    def _close(self) -> None:
        # The HTTP server still holds file objects on this socket and would keep it open, so the descriptor goes itself.
        self.finished = True
        os.close(self._connection.detach())
