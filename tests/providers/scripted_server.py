"""A real local server that does exactly what a test says, byte by byte, to whoever connects."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Script = Callable[["Conversation"], None]


class Conversation:
    """One accepted connection, and the request that came on it."""

    def __init__(self, peer: socket.socket, stopped: threading.Event) -> None:
        self.peer = peer
        self.stopped = stopped
        self.request = b""

    def hear(self) -> bytes:
        """Read one whole request."""
        while b"\r\n\r\n" not in self.request:
            self._more()
        head, _, body = self.request.partition(b"\r\n\r\n")
        while len(body) < _content_length(head):
            self._more()
            body = self.request.partition(b"\r\n\r\n")[2]
        return self.request

    def _more(self) -> None:
        piece = self.peer.recv(65536)
        if not piece:
            raise ConnectionError("the client left")
        self.request += piece

    def say(self, raw: bytes) -> None:
        self.peer.sendall(raw)

    def drip(self, raw: bytes, pause: float = 0.2) -> None:
        for number in range(len(raw)):
            if self.stopped.wait(pause):
                return
            self.peer.sendall(raw[number : number + 1])

    def reset(self) -> None:
        """Break the connection at the first byte: before it, the client would rightly say that nothing left."""
        self.peer.recv(1)
        self.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.peer.close()

    def hang(self) -> None:
        self.stopped.wait(30)


class ScriptedServer:
    """Plays its scripts in order, one a connection, the last one again and again."""

    def __init__(self, scripts: tuple[Script, ...], tls: ssl.SSLContext | None) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self._scripts = scripts
        self._tls = tls
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    def bodies(self) -> list[Any]:
        return [json.loads(request.partition(b"\r\n\r\n")[2] or b"null") for request in self.requests]

    def paths(self) -> list[str]:
        return [request.split(b" ")[1].decode() for request in self.requests]

    def header(self, name: str, request: int = -1) -> str:
        head = self.requests[request].partition(b"\r\n\r\n")[0].decode("latin-1")
        found = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
        return {key.lower(): value for key, value in found.items()}.get(name.lower(), "")

    def stop(self) -> None:
        if self._stopped.is_set():
            return
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while not self._stopped.is_set():
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            script = self._scripts[min(self.connections, len(self._scripts) - 1)]
            self.connections += 1
            self._converse(peer, script)

    def _converse(self, peer: socket.socket, script: Script) -> None:
        try:
            peer.settimeout(10)
            secured = self._tls.wrap_socket(peer, server_side=True) if self._tls else peer
            conversation = Conversation(secured, self._stopped)
            with secured:
                try:
                    script(conversation)
                finally:
                    if conversation.request:
                        self.requests.append(conversation.request)
        except OSError:
            peer.close()


@contextmanager
def serving(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    server = ScriptedServer(scripts, tls)
    try:
        yield server
    finally:
        server.stop()


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Script:
    """A whole answer. A str or bytes body is sent as it is, anything else as JSON."""
    raw = _raw(body)
    fields = {"Content-Type": "application/json", "Content-Length": str(len(raw)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())

    def script(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(f"HTTP/1.1 {status} Reason\r\n{head}\r\n".encode("latin-1") + raw)

    return script


def saying(raw: bytes) -> Script:
    """Hear the request, send these bytes, close."""

    def script(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(raw)

    return script


def _raw(body: object) -> bytes:
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0
