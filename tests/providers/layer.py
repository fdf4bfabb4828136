"""The HTTP layer on a server of the test's own."""

from __future__ import annotations

from typing import Any

import pytest

from providers.contracts import Call
from providers.errors import ProviderError
from providers.http import Answer, Http
from tests.providers.scripted_server import Conversation, Script, serving

JSON = {"Content-Type": "application/json"}
OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"key": "ok"}'
LONG_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b" " * 200


def layer(url: str, calls: list[Call] | None = None, **options: Any) -> Http:
    settings: dict[str, Any] = {"total_seconds": 5.0, "connect_seconds": 2.0, "allow_loopback": True, **options}
    return Http(url, journal=(calls if calls is not None else []).append, **settings)


def send(http: Http, kind: str, body: bytes = b"{}") -> Answer:
    call = http.write if kind == "write" else http.read
    return call("POST", "/findClientCenterVouchers", body=body, headers=JSON)


def failure(script: Script, kind: str, **options: Any) -> tuple[ProviderError, Call]:
    calls: list[Call] = []
    with serving(script) as server, pytest.raises(ProviderError) as raised:
        send(layer(server.url, calls, **options), kind)
    assert len(calls) == 1
    assert calls[0].error == raised.value.code
    return raised.value, calls[0]


def dripping(at_once: bytes, slowly: bytes, pause: float = 0.2) -> Script:
    def script(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(at_once)
        conversation.drip(slowly, pause)
        conversation.hang()

    return script


DRIPS: dict[str, Script] = {
    "headers": dripping(b"", LONG_BODY),
    "body": dripping(LONG_BODY[:40], LONG_BODY[40:]),
    "endless continues": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50, 0.02),
    "silence": dripping(b"", b""),
}
