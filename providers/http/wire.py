"""One request on one fresh connection to an address that was checked, and what broke when it did."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Mapping
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


class Response(http.client.HTTPResponse):
    def begin(self) -> None:
        super().begin()
        unread = str(self.headers.get_payload() or "")  # urllib3 would log it, whatever is in it
        if unread and not unread.endswith("\n"):
            raise http.client.IncompleteRead(b"")
        if unread or self.headers.defects:
            raise http.client.HTTPException("the headers are garbled")


class Connection(HTTPConnection):
    """A connection to addresses that were checked, which knows whether a byte of the request has left it."""

    response_class = Response

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
        self.sock = dialled(self._target, self._resolve, self._tls, self._deadline, seconds)
        self._before_first_byte = guard

    def connect(self) -> None:
        raise AssertionError("open() connects: a silent reconnection could send a request twice")

    def send(self, data: Any) -> None:
        if not self.bytes_left:
            self._before_first_byte()
            self._deadline.left()
            self.bytes_left = True
        super().send(data)


def dialled(
    target: Target, resolve: Resolve, tls: ssl.SSLContext | None, deadline: Deadline, seconds: float
) -> PlainSocket | TlsSocket:
    """Resolve, check, connect and shake hands within `seconds`. The socket keeps to `deadline` from then on."""
    limit = Deadline(min(seconds, deadline.left()))
    addresses = look_up(target.host, resolve, limit.left())
    if not all(may_connect(address, target) for address in addresses):
        raise WireFailure("blocked_address", "The provider's name leads to an address that we do not speak to.")
    plain = connected(addresses, target.port, limit)
    plain.deadline = deadline
    return plain if tls is None else _secured(plain, tls, target, limit)


def _secured(plain: PlainSocket, tls: ssl.SSLContext, target: Target, limit: Deadline) -> TlsSocket:
    plain.settimeout(limit.left())  # the handshake keeps to it as a whole
    tls.sslsocket_class = TlsSocket
    try:
        secured = tls.wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise
    assert isinstance(secured, TlsSocket)
    secured.deadline = plain.deadline
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


def refuse_encoded(*codings: str) -> None:
    """`codings`: of the content and of the transfer."""
    if not {part.strip().lower() for part in ",".join(codings).split(",")} <= {"", "identity", "chunked"}:
        raise WireFailure("encoded", "The answer is compressed, which we did not ask for.")


def _whole_body(response: HTTPResponse, max_bytes: int) -> bytes:
    headers = response.headers
    refuse_encoded(*headers.get_all("content-encoding", []), *headers.get_all("transfer-encoding", []))
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
