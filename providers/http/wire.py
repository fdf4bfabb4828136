"""One request on one fresh connection to an address that was checked, and what broke when it did."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import urllib3.exceptions
from urllib3.connection import HTTPConnection
from urllib3.response import HTTPResponse

from providers.http.address import Resolve, Target, look_up, may_connect
from providers.http.sockets import Deadline, PlainSocket, TlsSocket, connected

_STEP = 65536


class WireFailure(Exception):
    """`code`: unreachable, tls, blocked_address before sending; after it timed_out, connection_lost, truncated,
    too_large, encoded, garbled."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class _Response(http.client.HTTPResponse):
    def begin(self) -> None:
        super().begin()
        unread = str(self.headers.get_payload() or "")  # urllib3 would log it, whatever is in it
        if unread and not unread.endswith("\n"):
            raise http.client.IncompleteRead(b"")
        if unread or self.headers.defects:
            raise http.client.HTTPException("the headers are garbled")


class Connection(HTTPConnection):
    """A connection to addresses that were checked, which knows whether a byte of the request has left it."""

    response_class = _Response

    def __init__(self, target: Target, resolve: Resolve, tls: ssl.SSLContext | None, deadline: Deadline) -> None:
        super().__init__(target.host, target.port)
        self.bytes_left = False
        self.status: int | None = None  # of the answer, once its headers were read
        self._target = target
        self._resolve = resolve
        self._tls = tls
        self._deadline = deadline
        self._before_first_byte: Callable[[], None] = lambda: None

    def open(self, seconds: float, guard: Callable[[], None]) -> None:
        """Resolve, check, connect and shake hands within `seconds`. `guard` is asked right before the first byte."""
        limit = Deadline(min(seconds, self._deadline.left()))
        addresses = self._checked_addresses(limit)
        self.sock = self._secured(connected(addresses, self._target.port, limit), limit)
        self._before_first_byte = guard

    def connect(self) -> None:
        raise AssertionError("open() connects: a silent reconnection could send a request twice")

    def send(self, data: Any) -> None:
        if not self.bytes_left:
            self._before_first_byte()
            self._deadline.left()
            self.bytes_left = True
        super().send(data)

    def _checked_addresses(self, limit: Deadline) -> Sequence[str]:
        addresses = look_up(self._target.host, self._resolve, limit.left())
        if not all(may_connect(address, self._target) for address in addresses):
            raise WireFailure("blocked_address", "The provider's name leads to an address that we do not speak to.")
        return addresses

    def _secured(self, plain: PlainSocket, limit: Deadline) -> socket.socket:
        plain.deadline = self._deadline
        if self._tls is None:
            return plain
        plain.settimeout(limit.left())  # the handshake keeps to it as a whole
        self._tls.sslsocket_class = TlsSocket
        try:
            secured = self._tls.wrap_socket(plain, server_hostname=self._target.host)
        except BaseException:
            plain.close()
            raise
        assert isinstance(secured, TlsSocket)
        secured.deadline = self._deadline
        return secured


class Request(NamedTuple):
    method: str
    path: str
    body: bytes | None
    headers: Mapping[str, str]


def converse(
    connection: Connection, request: Request, max_bytes: int, on_sent: Callable[[], None]
) -> tuple[int, dict[str, str], bytes]:
    """Send one request on an open connection and read its whole answer. Raises one of BREAKS."""
    connection.request(*request, preload_content=False, decode_content=False)
    on_sent()
    response = connection.getresponse()
    connection.status = response.status
    try:
        received = {name.lower(): value for name, value in response.headers.items()}
        return response.status, received, _whole_body(response, max_bytes)
    finally:
        response.close()


def _whole_body(response: HTTPResponse, max_bytes: int) -> bytes:
    coding = ",".join(
        response.headers.get_all("content-encoding", []) + response.headers.get_all("transfer-encoding", [])
    )
    if not {part.strip().lower() for part in coding.split(",")} <= {"", "identity", "chunked"}:
        raise WireFailure("encoded", "The answer is compressed, which we did not ask for.")
    body = bytearray()
    while step := response.read(_STEP, decode_content=False):
        body += step
        if len(body) > max_bytes:
            raise WireFailure("too_large", f"The answer is larger than {max_bytes} bytes.")
    return bytes(body)


def named_failure(error: Exception, *, bytes_left: bool) -> WireFailure:
    """Which kind of break this is. Details are our own words: an exception's text may quote what was received."""
    if isinstance(error, urllib3.exceptions.HTTPError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if isinstance(error, WireFailure):
        return error
    if not bytes_left:
        secure = isinstance(error, ssl.SSLError)
        return WireFailure("tls" if secure else "unreachable", f"No connection ({type(error).__name__}).")
    for kinds, code in _BROKEN_AFTER_SENDING:
        if isinstance(error, kinds):
            return WireFailure(code, f"The connection broke after sending ({type(error).__name__}).")
    return WireFailure("garbled", f"The answer is not HTTP ({type(error).__name__}).")


_BROKEN_AFTER_SENDING: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "timed_out"),
    (http.client.IncompleteRead, "truncated"),
    (OSError, "connection_lost"),
)
BREAKS = (WireFailure, OSError, http.client.HTTPException, urllib3.exceptions.HTTPError)
