"""The HTTP layer against a server that misbehaves on purpose: what left this machine, and when it gives up."""

from __future__ import annotations

import gzip
import hashlib
import socket
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from providers.contracts import Call
from providers.errors import BrokenContract, OutcomeUnknown, ProviderError, Unavailable
from tests.providers.layer import DRIPS, OK, failure, layer, send
from tests.providers.scripted_server import Conversation, Script, answer, saying, serving


def test_it_sends_one_plain_request_and_reads_the_answer() -> None:
    calls: list[Call] = []
    with serving(saying(OK)) as server:
        found = send(layer(server.url, calls), "write", b'{"a": 1}')
    assert found.status == 200
    assert found.json() == {"key": "ok"}
    assert server.paths() == ["/api/v1/findClientCenterVouchers"]
    assert server.header("Accept") == "application/json"
    assert server.header("Accept-Encoding") == "identity"
    assert server.header("User-Agent").startswith("Wasl/")
    assert server.header("Host") == f"127.0.0.1:{server.port}"
    assert server.requests[0].endswith(b'{"a": 1}')
    assert (calls[0].status, calls[0].error, calls[0].bytes_left) == (200, "", True)
    assert calls[0].received_sha256 == hashlib.sha256(b'{"key": "ok"}').hexdigest()


def test_it_opens_a_fresh_connection_for_every_call() -> None:
    with serving(saying(OK)) as server:
        http = layer(server.url)
        send(http, "read")
        send(http, "read")
    assert server.connections == 2


def test_it_passes_every_status_on_without_judging_it() -> None:
    for status in (200, 302, 401, 429, 500):
        with serving(answer({"key": "fail"}, status)) as server:
            assert send(layer(server.url), "write").status == status


def test_it_follows_no_redirect_and_takes_no_token_elsewhere() -> None:
    with serving(saying(OK)) as elsewhere, serving(answer("", 307, {"Location": elsewhere.url})) as server:
        assert send(layer(server.url), "write").status == 307
    assert elsewhere.connections == 0


def test_it_ignores_the_proxies_and_passwords_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serving(saying(OK)) as server:
        assert send(layer(server.url), "read").status == 200
    assert server.header("Authorization") == ""


# Nothing left this machine: both kinds are Unavailable.


@pytest.mark.parametrize("kind", ["read", "write"])
def test_a_refused_connection_is_unavailable(kind: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    calls: list[Call] = []
    with pytest.raises(Unavailable) as raised:
        send(layer(f"http://127.0.0.1:{port}", calls), kind)
    assert raised.value.code == "unreachable"
    assert (calls[0].bytes_left, calls[0].status) == (False, None)


@pytest.mark.parametrize("kind", ["read", "write"])
def test_a_name_that_does_not_resolve_is_unavailable(kind: str) -> None:
    def unknown(host: str) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Unavailable) as raised:
        send(layer("https://provider.example.com", resolve=unknown), kind)
    assert raised.value.code == "unreachable"


def test_a_resolver_that_hangs_is_left_behind() -> None:
    def slow(host: str) -> Sequence[str]:
        time.sleep(8)
        return ["127.0.0.1"]

    started = time.monotonic()
    with pytest.raises(Unavailable):
        send(layer("https://provider.example.com", resolve=slow, connect_seconds=0.3), "write")
    assert time.monotonic() - started < 4


def test_a_handshake_that_never_answers_is_unavailable() -> None:
    started = time.monotonic()
    with serving(Conversation.hang) as server, pytest.raises(Unavailable) as raised:
        send(layer(f"https://127.0.0.1:{server.port}", connect_seconds=0.3), "write")
    assert raised.value.code == "unreachable"
    assert time.monotonic() - started < 4


def test_the_guard_is_asked_with_the_request_ready_and_can_still_stop_it() -> None:
    class TooLate(Exception):
        pass

    answers = iter([None, TooLate()])

    def guard() -> None:
        verdict = next(answers)
        if verdict:
            raise verdict

    calls: list[Call] = []
    with serving(saying(OK)) as server, pytest.raises(TooLate):
        send(layer(server.url, calls, guard=guard), "write")
    assert server.requests == []
    assert (calls[0].bytes_left, calls[0].error) == (False, "not_sent")


def test_a_guard_that_refuses_at_once_lets_nothing_leave() -> None:
    def guard() -> None:
        raise AssertionError("a transaction is open")

    with serving(saying(OK)) as server, pytest.raises(AssertionError):
        send(layer(server.url, guard=guard), "write")
    assert server.connections == 0


def test_a_request_that_is_late_before_its_first_byte_is_not_sent() -> None:
    def pause() -> None:
        time.sleep(0.25)

    with serving(saying(OK)) as server, pytest.raises(Unavailable) as raised:
        send(layer(server.url, guard=pause, total_seconds=0.2), "write")
    assert raised.value.code == "unreachable"
    assert server.requests == []


# Something left: a write may have happened, a read has not.


BREAKS: dict[str, tuple[Script, str, type[ProviderError]]] = {
    "reset before it is heard": (Conversation.reset, "connection_lost", Unavailable),
    "closed after it is heard": (saying(b""), "connection_lost", Unavailable),
    "closed in the headers": (saying(b"HTTP/1.1 200 OK\r\nContent-Le"), "truncated", Unavailable),
    "a body cut short": (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}"), "truncated", Unavailable),
    "a chunk cut short": (
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{}"),
        "truncated",
        Unavailable,
    ),
    "chunks without an end": (
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
        "truncated",
        Unavailable,
    ),
    "a chunk of nonsense": (
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
        "truncated",
        Unavailable,
    ),
    "no HTTP at all": (saying(b"220 mail.example.com ESMTP\r\n\r\n"), "garbled", BrokenContract),
    "headers of rubbish": (saying(b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n{}"), "garbled", BrokenContract),
    "two lengths": (
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
        "garbled",
        BrokenContract,
    ),
    "too many headers": (
        saying(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: 1\r\n" % number for number in range(200)) + b"\r\n{}"),
        "garbled",
        BrokenContract,
    ),
    "a header of a hundred thousand": (
        saying(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100_000 + b"\r\n\r\n{}"),
        "garbled",
        BrokenContract,
    ),
    "a compressed answer": (
        answer(gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"}),
        "encoded",
        BrokenContract,
    ),
    "a compressed transfer": (
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        "encoded",
        BrokenContract,
    ),
}


@pytest.mark.parametrize("case", BREAKS)
def test_a_write_that_broke_after_it_left_is_unknown(case: str) -> None:
    script, code, _ = BREAKS[case]
    error, call = failure(script, "write")
    assert type(error) is OutcomeUnknown
    assert code in ("", error.code)
    assert call.bytes_left


@pytest.mark.parametrize("case", BREAKS)
def test_a_read_that_broke_has_changed_nothing(case: str) -> None:
    script, code, kind = BREAKS[case]
    error, _ = failure(script, "read")
    assert type(error) is kind
    assert code in ("", error.code)


@pytest.mark.parametrize(("kind", "expected"), [("write", OutcomeUnknown), ("read", BrokenContract)])
@pytest.mark.parametrize("declared", [True, False])
def test_it_reads_no_more_than_it_may(kind: str, expected: type[ProviderError], declared: bool) -> None:
    length = b"Content-Length: 300000\r\n" if declared else b""
    error, call = failure(saying(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n" + b"x" * 300_000), kind, max_bytes=1000)
    assert type(error) is expected
    assert error.code == "too_large"
    assert call.status == 200


@pytest.mark.parametrize(("kind", "expected"), [("write", OutcomeUnknown), ("read", Unavailable)])
@pytest.mark.parametrize("case", DRIPS)
def test_a_server_that_drips_is_cut_off_at_the_deadline(case: str, kind: str, expected: type[ProviderError]) -> None:
    started = time.monotonic()
    error, _ = failure(DRIPS[case], kind, total_seconds=0.7)
    assert type(error) is expected
    assert error.code == "timed_out"
    assert time.monotonic() - started < 6  # dripping to its end it would take 16 s or more


def test_a_server_that_does_not_read_is_cut_off_too() -> None:
    started = time.monotonic()
    with serving(Conversation.hang) as server, pytest.raises(OutcomeUnknown) as raised:
        send(layer(server.url, total_seconds=0.7), "write", b"x" * 30_000_000)
    assert raised.value.code == "timed_out"
    assert time.monotonic() - started < 6


# Paths and headers


@pytest.mark.parametrize(
    "path",
    [
        "find",
        "//x",
        "/../x",
        "/a/%2e%2e/x",
        "/a/%2E./x",
        "/a%2fb",
        "/a b",
        "/a\r\nX: y",
        "/a%0d%0aX",
        "/a#b",
        "/é",
        r"/a\b",
    ],
)
def test_it_refuses_a_path_that_could_become_another(path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        layer("http://127.0.0.1:9").read("GET", path, headers={})


def test_it_refuses_a_header_that_could_become_two() -> None:
    calls: list[Call] = []
    with serving(saying(OK)) as server, pytest.raises(ValueError, match="Invalid header"):
        layer(server.url, calls).write("POST", "/a", body=b"", headers={"Authorization": "Bearer a\r\nX: y"})
    assert server.requests == []
    assert calls[0].error == "not_sent"
