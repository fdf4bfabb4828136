"""Pages of a collection over one connection that stays open: a night reads thousands, and each would shake hands anew.

It keeps the promises of the layer: checked addresses and certificates, one deadline and one size cap a page, no redirect,
no retry. A connection that was lost is an error of that page; the next page opens another one.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping

from providers.contracts import Call
from providers.errors import BrokenContract, ProviderError, Unavailable
from providers.http.answer import Answer
from providers.http.layer import UNREADABLE, Http, check_path
from providers.http.line import Line
from providers.http.sockets import Deadline
from providers.http.wire import BREAKS, WireFailure, dialled, named_failure


class Reader(Http):
    """An `Http` whose GETs share a connection. For one thread at a time; `close` it in the end.

    Its journal has no bodies: a page is a hundred people, and its rows are kept where they belong.
    """

    _line: Line | None = None

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
            if status is None or (self._line and self._line.is_over):  # without an answer nobody knows what is to come
                self.close()
            self._journal(Call(at, "GET", journal_path, status, _since(began), "", "", "", error, sent))

    def _opened(self, deadline: Deadline) -> Line:
        if self._line is not None and not self._line.is_quiet():
            self.close()
        if self._line is None:
            sock = dialled(self._target, self._resolve, self._tls_context(), deadline, self._connect_seconds)
            self._line = Line(sock)
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


def _named(failure: WireFailure, sent: bool) -> ProviderError:
    kind = BrokenContract if sent and failure.code in UNREADABLE else Unavailable
    return kind(failure.code, failure.detail)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
