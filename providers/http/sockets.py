"""Sockets under one deadline that every byte in and out is held to.

A socket's time-out restarts with each byte, so a server that drips one byte now and then holds a thread for ever.
Here the socket sets its time-out to what is left of the deadline before every call that can block, in TLS too.
"""

from __future__ import annotations

import functools
import socket
import ssl
import time
from collections.abc import Sequence
from typing import Any

import certifi


class Deadline:
    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that remain. Raises TimeoutError when there are none: a socket takes 0 for "do not block"."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


class PlainSocket(socket.socket):
    deadline: Deadline

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(self.deadline.left())
        super().sendall(*args, **kwargs)


class TlsSocket(ssl.SSLSocket):
    deadline: Deadline

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.left())
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:  # sendall() loops over it
        self.settimeout(self.deadline.left())
        return super().send(*args, **kwargs)


@functools.cache
def system_tls() -> ssl.SSLContext:
    """Certificates are checked against the system's roots and `certifi`'s; a small machine has none of its own."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def connected(addresses: Sequence[str], port: int, limit: Deadline) -> PlainSocket:
    refused: OSError = OSError("the name has no address")
    for number, address in enumerate(addresses):
        plain = PlainSocket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            plain.settimeout(limit.left() / (len(addresses) - number))  # one dead route leaves time for the next
            plain.connect((address, port))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return plain
        except OSError as error:
            plain.close()
            refused = error
    raise refused
