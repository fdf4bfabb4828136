"""HTTP around a sandbox: one shared port for everything, and a port of its own for each provider on request."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from providers.sandbox.box import Sandbox
from providers.sandbox.control import PREFIX as CONTROL
from providers.sandbox.control import Control
from providers.sandbox.line import Line
from providers.sandbox.twin import Answer, Request, Twin, in_json

LOOPBACK = "127.0.0.1"
LONGEST_BODY = 1024 * 1024


class PortTaken(Exception):
    """Somebody already listens there."""


def turn_away(line: Line, status: int) -> None:
    line.send(Answer(status))
    line.hang_up()


class Conversation(BaseHTTPRequestHandler):
    """One connection of one client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120  # of an idle connection
    server: Listener

    def converse(self) -> None:
        line = Line(self.connection, self.server.box.stopping)
        address = urlsplit(self.path)
        if address.path.startswith(CONTROL) and self.server.only is None:
            self._control(line, address.path)
        elif (twin := self._twin_at(address.path)) is None:
            line.send(in_json(404, {"error": f"no provider lives at {address.path}"}))
            line.hang_up()
        else:
            self._provider(line, twin)
        self.close_connection = self.close_connection or line.finished

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = converse

    def _twin_at(self, path: str) -> Twin | None:
        twins = self.server.box.twins.values()
        return next((twin for twin in twins if self._serves(twin) and path.startswith(twin.prefix + "/")), None)

    def _serves(self, twin: Twin) -> bool:
        return self.server.only in (None, twin.slug)

    def _control(self, line: Line, path: str) -> None:
        body = self._read_body(line)
        if body is not None:
            request = self._request(path.removeprefix(CONTROL), body, sequence=0)
            line.send(self.server.control.answer(request, self.client_address[0]))

    def _provider(self, line: Line, twin: Twin) -> None:
        box = self.server.box
        path = urlsplit(self.path).path.removeprefix(twin.prefix + "/")
        request = self._request(path, b"", sequence=box.books.next_sequence())
        if box.is_down(twin.slug):
            return line.reset()
        refusal = box.script.draw_refusal(twin.slug, twin.endpoint_of(request))
        if refusal:
            return box.play(twin, request, refusal, line)
        body = self._read_body(line)
        if body is None:
            return None
        request = self._request(path, body, sequence=request.sequence)
        drawn = box.script.draw(twin.slug, twin.endpoint_of(request), twin.codes_of(request))
        return box.play(twin, request, drawn, line)

    def _request(self, path: str, body: bytes, *, sequence: int) -> Request:
        return Request(
            sequence=sequence,
            at=self.server.box.clock(),
            method=self.command,
            path=path,
            query=urlsplit(self.path).query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )

    def _read_body(self, line: Line) -> bytes | None:
        """The whole body, or None after the client has been told what is wrong with it."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            turn_away(line, 411)
            return None
        if int(length) > LONGEST_BODY:
            turn_away(line, 413)
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):  # the client went away in the middle: a provider acts on whole requests only
            line.reset()
            return None
        return body

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the history has every request."""


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # fifty clients at once must not meet a full backlog

    def __init__(self, port: int, box: Sandbox, only: str | None = None) -> None:
        self.box = box
        self.only = only  # the provider this port belongs to
        self.control = Control(box)
        # A provider's own port closes and opens again; nobody may take it meanwhile, see Door.
        self.allow_reuse_port = only is not None
        self._open: set[socket.socket] = set()
        try:
            super().__init__((LOOPBACK, port), Conversation)
        except (OSError, OverflowError) as error:
            raise PortTaken(f"port {port} cannot be used: {getattr(error, 'strerror', error)}") from None
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Clients may vanish, and what breaks while we stop is nobody's concern.
        if not isinstance(sys.exception(), ConnectionError) and not self.box.stopping.is_set():
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """No new connections. Those that are open stay so."""
        self.shutdown()
        self.server_close()

    def sever(self) -> None:
        """Nobody may go on talking to a sandbox that has stopped."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Door:
    """A provider's own port: when the provider is down, connecting is refused, which a shared port cannot do."""

    def __init__(self, box: Sandbox, slug: str) -> None:
        self._box = box
        self._slug = slug
        # Bound and never listening: it keeps the number ours while the listener is away.
        self._placeholder = socket.socket()
        self._placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._placeholder.bind((LOOPBACK, 0))
        self.port = int(self._placeholder.getsockname()[1])
        self._listener: Listener | None = Listener(self.port, box, slug)
        self._closed: list[Listener] = []
        self._lock = threading.Lock()

    def switch(self, provider: str, down: bool) -> None:
        if provider != self._slug:
            return
        with self._lock:
            if down and self._listener:
                self._listener.stop()
                self._closed.append(self._listener)  # it may still be talking to somebody
                self._listener = None
            elif not down and self._listener is None:
                self._listener = Listener(self.port, self._box, self._slug)

    def close(self) -> None:
        self.switch(self._slug, True)
        for listener in self._closed:
            listener.sever()
        self._placeholder.close()
