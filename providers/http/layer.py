"""The one way that Wasl speaks HTTP. It says what is known of a broken call: nothing was sent, or nobody can tell."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import re
import ssl
import time
from collections.abc import Callable, Mapping
from urllib.parse import unquote

from providers.contracts import Call
from providers.errors import BrokenContract, OutcomeUnknown, ProviderError, Unavailable
from providers.http.address import Resolve, read_target, system_resolve
from providers.http.answer import Answer
from providers.http.redaction import Redaction
from providers.http.sockets import Deadline, system_tls
from providers.http.wire import BREAKS, Connection, Request, WireFailure, converse, named_failure

USER_AGENT = "Wasl/0.1.0 (+voucher redemption back office)"
MIB = 1024 * 1024
_PATH = re.compile(r"/[!-~]*")
UNREADABLE = frozenset({"too_large", "encoded", "garbled"})
logger = logging.getLogger(__name__)


def _nothing() -> None:
    """Stands in for a guard where there is nothing to guard."""


class Http:
    """Calls below one base URL: fresh connection, one deadline, no retry, redirect or proxy, certificates checked.

    `guard` is asked before anything leaves and again with the request ready; it raises to forbid the call. `on_sent` is
    told when the request has left whole and no answer has been read. `turn` waits until the account's rate allows a call,
    before its deadline begins to run, or raises. `journal` gets every call, redacted to `visible`
    and `masked` keys. `resolve` and `tls` are the system's unless a test brings its own.
    """

    def __init__(
        self,
        base_url: str,
        *,
        allow_loopback: bool,
        journal: Callable[[Call], None],
        guard: Callable[[], None] = _nothing,
        on_sent: Callable[[], None] = _nothing,
        turn: Callable[[], None] = _nothing,
        visible: frozenset[str] = frozenset(),
        masked: frozenset[str] = frozenset(),
        total_seconds: float = 15.0,
        connect_seconds: float = 3.0,
        max_bytes: int = MIB,
        user_agent: str = USER_AGENT,
        resolve: Resolve = system_resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._target = read_target(base_url, allow_loopback=allow_loopback)
        self._journal = journal
        self._guard = guard
        self._on_sent = on_sent
        self._turn = turn
        self._redaction = Redaction(visible, masked)
        self._total_seconds = total_seconds
        self._connect_seconds = connect_seconds
        self._max_bytes = max_bytes
        self._user_agent = user_agent
        self._resolve = resolve
        self._tls = tls

    @property
    def authority(self) -> str:
        """What the Host header says, for a provider that has it signed."""
        return self._target.authority

    def full_path(self, path: str) -> str:
        """A path below the base URL as the request line has it."""
        return self._target.path + path

    def read(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str], journal_path: str = ""
    ) -> Answer:
        """A call without effect. Raises Unavailable when it broke and BrokenContract when the answer cannot be read."""
        return self._call(_Exchange(method, path, body, headers, journal_path, is_write=False))

    def write(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str], journal_path: str = ""
    ) -> Answer:
        """A call with an effect. Raises Unavailable when no byte of it left, else OutcomeUnknown. Never sent twice."""
        return self._call(_Exchange(method, path, body, headers, journal_path, is_write=True))

    def _call(self, exchange: _Exchange) -> Answer:
        self._turn()
        self._guard()
        exchange.begin()
        deadline = Deadline(self._total_seconds)
        connection = Connection(self._target, self._resolve, self._tls_context(), deadline)
        try:
            connection.open(self._connect_seconds, self._guard)
            answer = exchange.answer = self._converse(connection, exchange)
        except BREAKS as error:
            failure = named_failure(error, bytes_left=connection.bytes_left)
            exchange.error = failure.code
            raise exchange.named(failure, connection) from None  # the cause may quote what was received
        finally:
            connection.close()
            self._keep(exchange, connection)
        return answer

    def _tls_context(self) -> ssl.SSLContext | None:
        return (self._tls or system_tls()) if self._target.scheme == "https" else None

    def _converse(self, connection: Connection, exchange: _Exchange) -> Answer:
        headers = {
            "Host": self.authority,
            "Connection": "close",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": self._user_agent,
            **exchange.headers,
        }
        request = Request(exchange.method, self.full_path(exchange.path), exchange.body, headers)
        status, received, body = converse(connection, request, self._max_bytes, self._on_sent)
        return Answer(status, received, body, exchange.milliseconds())

    def _keep(self, exchange: _Exchange, connection: Connection) -> None:
        try:
            self._journal(exchange.as_call(self._redaction, connection))
        except Exception:  # what the provider answered is worth more than the note of it
            logger.exception("A call was not journalled: %s %s", exchange.method, exchange.journal_path)


class _Exchange:
    """One request, and what came of it so far."""

    def __init__(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        journal_path: str,
        *,
        is_write: bool,
    ) -> None:
        check_path(path)
        self.method = method
        self.path = path
        self.body = body
        self.headers = headers
        self.journal_path = journal_path or path
        self.answer: Answer | None = None
        self.error = ""
        self._is_write = is_write
        self.begin()

    def begin(self) -> None:
        """Its turn has come: what it waited for that is not the provider's time."""
        self._at = dt.datetime.now(dt.UTC)
        self._started = time.monotonic()

    def milliseconds(self) -> int:
        return round((time.monotonic() - self._started) * 1000)

    def named(self, failure: WireFailure, connection: Connection) -> ProviderError:
        """The break by what the caller must do. Only the flag decides whether something may have happened."""
        kind: type[ProviderError] = Unavailable
        if connection.bytes_left and self._is_write:
            kind = OutcomeUnknown
        elif connection.bytes_left and failure.code in UNREADABLE:
            kind = BrokenContract
        return kind(failure.code, failure.detail, status=connection.status)

    def as_call(self, redaction: Redaction, connection: Connection) -> Call:
        received = self.answer.body if self.answer else b""
        media_type = self.answer.headers.get("content-type", "") if self.answer else ""
        return Call(
            at=self._at,
            method=self.method,
            path=self.journal_path,
            status=connection.status,
            milliseconds=self.milliseconds(),
            sent=redaction.body(self.body, self.headers.get("Content-Type", "")),
            received=redaction.body(received, media_type, [*redaction.secrets_in(self.body), *self._secrets()]),
            received_sha256=hashlib.sha256(received).hexdigest() if received else "",
            error=self.error or ("" if self.answer else "not_sent"),
            bytes_left=connection.bytes_left,
        )

    def _secrets(self) -> list[str]:
        """What we sent outside the body and the journal hides: credentials, and codes where a path has them."""
        hidden = set(self.path.split("/")) - set(self.journal_path.split("/"))
        words = [
            word for value in self.headers.values() for word in re.split("[ ,]+", value) if len(word) > len("Bearer")
        ]
        return words + [unquote(part) for part in hidden]


def check_path(path: str) -> None:
    """Refuse a path that could become another one on the way: dots, slashes in disguise, line ends."""
    plain = [unquote(part) for part in path.partition("?")[0].split("/")]
    strange = any(part in {".", ".."} or re.search(r"[\x00-\x20\x7f/\\]", part) for part in plain)
    if strange or "//" in path.partition("?")[0] or "#" in path or not _PATH.fullmatch(path):
        raise ValueError("This is not a path below a provider's base URL.")
