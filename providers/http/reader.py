"""Pages of a collection over one connection that stays open: a night reads thousands, and each would shake hands anew.

It keeps the promises of the layer: checked addresses and certificates, one deadline and one size cap a page, no redirect,
no retry. A connection that was lost is an error of that page; the next page opens another one.
"""

from __future__ import annotations

import datetime as dt
import http.client
import time
from collections.abc import Mapping
from typing import Any

from urllib3.util.wait import wait_for_read

from providers.contracts import Call
from providers.errors import BrokenContract, ProviderError, Unavailable
from providers.http.answer import Answer
from providers.http.layer import UNREADABLE, Http, check_path
from providers.http.sockets import Deadline, PlainSocket, TlsSocket
from providers.http.wire import BREAKS, Response, WireFailure, dialled, named_failure, refuse_encoded


class Reader(Http):
    """An `Http` whose GETs share a connection. For one thread at a time; `close` it in the end.

    Its journal has no bodies: a page is a hundred people, and its rows are kept where they belong.
    """

    _line: _Line | None = None

    def read(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str], journal_path: str = ""
    ) -> Answer:
        """A page, or, for anything but a plain GET, what `Http.read` does."""
        if method != "GET" or body is not None:
            return super().read(method, path, body=body, headers=headers, journal_path=journal_path)
        check_path(path)
        self._turn()
        self._guard()
        return self._page(path, headers, journal_path or path)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _page(self, path: str, headers: Mapping[str, str], journal_path: str) -> Answer:
        at, began = dt.datetime.now(dt.UTC), time.monotonic()
        status: int | None = None
        error, sent = "", False
        try:
            deadline = Deadline(self._total_seconds)
            line = self._opened(deadline)
            sent = True
            status, received, body = line.get(self.full_path(path), self._fields(headers), self._max_bytes)
            return Answer(status, received, body, _since(began))
        except BREAKS as broken:
            failure = named_failure(broken, bytes_left=sent)
            error = failure.code
            raise _named(failure, sent) from None  # the cause may quote what was received
        finally:
            if error or (self._line and self._line.is_over):
                self.close()
            self._journal(Call(at, "GET", journal_path, status, _since(began), "", "", "", error, sent))

    def _opened(self, deadline: Deadline) -> _Line:
        if self._line is not None and wait_for_read(self._line.sock, timeout=0):  # they hung up in the meantime
            self.close()
        if self._line is None:
            sock = dialled(self._target, self._resolve, self._tls_context(), deadline, self._connect_seconds)
            self._line = _Line(self._target.host, sock)
        self._line.keep_to(deadline)
        return self._line

    def _fields(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {
            "Host": self.authority,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": self._user_agent,
            **headers,
        }


class _Line(http.client.HTTPConnection):
    """The standard library's connection: urllib3's costs several times as much a request, and pages need none of it."""

    response_class = Response

    def __init__(self, host: str, sock: PlainSocket | TlsSocket) -> None:
        super().__init__(host)
        self.sock: Any = sock
        self.auto_open = 0  # a silent reconnection would be a hidden retry
        self.is_over = False  # they said that this was the last answer on this connection

    def keep_to(self, deadline: Deadline) -> None:
        self.sock.deadline = deadline

    def get(self, path: str, fields: Mapping[str, str], max_bytes: int) -> tuple[int, dict[str, str], bytes]:
        self.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        for name, value in fields.items():
            self.putheader(name, value)
        self.endheaders()
        response = self.getresponse()
        try:
            refuse_encoded(response)
            body = response.read(max_bytes + 1)
            if len(body) > max_bytes:
                raise WireFailure("too_large", f"The answer is larger than {max_bytes} bytes.")
            if not response.isclosed() and response.read(1):
                raise WireFailure("too_large", f"The answer is larger than {max_bytes} bytes.")
            if response.length:
                raise http.client.IncompleteRead(b"")
            self.is_over = bool(response.will_close)
            return response.status, {name.lower(): value for name, value in response.headers.items()}, body
        finally:
            response.close()


def _named(failure: WireFailure, sent: bool) -> ProviderError:
    kind = BrokenContract if sent and failure.code in UNREADABLE else Unavailable
    return kind(failure.code, failure.detail)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
