"""Pages over one connection: the promises of the HTTP layer, kept by a reader of answers of our own."""

from __future__ import annotations

import gzip
import threading
import time

import pytest

from providers.contracts import Call
from providers.errors import BrokenContract, ProviderError, Unavailable
from providers.http import Answer, Reader
from tests.providers.layer import DRIPS, OK
from tests.providers.scripted_server import Conversation, Script, saying, serving
from tests.providers.test_http import BREAKS


def reader(url: str, calls: list[Call] | None = None, **options: object) -> Reader:
    settings: dict[str, object] = {"total_seconds": 5.0, "connect_seconds": 2.0, "allow_loopback": True, **options}
    return Reader(url, journal=(calls if calls is not None else []).append, **settings)  # type: ignore[arg-type]  # as a test gives them


def page(http: Reader, path: str = "/things") -> Answer:
    return http.read("GET", path, headers={"Authorization": "Bearer abcdefgh"})


def in_turn(*answers: bytes) -> Script:
    """Each of them to one request, on one connection, which then is closed."""

    def script(conversation: Conversation) -> None:
        for raw in answers:
            conversation.request = b""
            conversation.hear()
            conversation.say(raw)

    return script


def bodies(script: Script, count: int) -> tuple[list[bytes], int]:
    """What that many pages said, and how many connections it took."""
    with serving(script) as server:
        http = reader(server.url)
        found = [page(http).body for _n in range(count)]
        http.close()
    return found, server.connections


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", head: bytes = b"") -> bytes:
    said = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + head + b"\r\n" + said + end


def plain(body: bytes, head: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\n" + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def failed(script: Script, **options: object) -> tuple[ProviderError, Call]:
    calls: list[Call] = []
    with serving(script) as server, pytest.raises(ProviderError) as raised:
        page(reader(server.url, calls, **options))
    assert [call.error for call in calls] == [raised.value.code]
    return raised.value, calls[0]


def test_pages_share_a_connection_and_say_what_every_call_says() -> None:
    calls: list[Call] = []
    with serving(in_turn(OK, OK)) as server:
        http = reader(server.url, calls)
        assert page(http).headers == {"content-type": "application/json", "content-length": "13"}
        assert page(http, "/things?skip=10").json() == {"key": "ok"}
        http.close()
    assert server.connections == 1
    assert server.paths() == ["/api/v1/things?skip=10"]
    assert server.header("Host") == f"127.0.0.1:{server.port}"
    assert server.header("Authorization") == "Bearer abcdefgh"
    assert server.header("Accept-Encoding") == "identity"
    assert [(call.status, call.error, call.sent, call.received) for call in calls] == [(200, "", "", "")] * 2


@pytest.mark.parametrize("case", BREAKS)
def test_a_page_that_broke_is_named_as_any_other_read(case: str) -> None:
    script, code, kind = BREAKS[case]
    error, call = failed(script)
    assert type(error) is kind
    assert code in ("", error.code)
    assert call.bytes_left


@pytest.mark.parametrize("case", DRIPS)
def test_a_server_that_drips_a_page_is_cut_off_at_the_deadline(case: str) -> None:
    started = time.monotonic()
    error, _call = failed(DRIPS[case], total_seconds=0.7)
    assert (type(error), error.code) == (Unavailable, "timed_out")
    assert time.monotonic() - started < 6


TOO_LARGE = {
    "declared": plain(b"x" * 300_000),
    "until they hang up": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 300_000,
    "in chunks": chunked(*[b"x" * 400] * 4),
    "in one chunk": chunked(b"x" * 300_000),
}


@pytest.mark.parametrize("case", TOO_LARGE)
def test_it_reads_no_more_of_a_page_than_it_may(case: str) -> None:
    error, _call = failed(saying(TOO_LARGE[case]), max_bytes=1000)
    assert (type(error), error.code) == (BrokenContract, "too_large")


def test_a_page_may_be_exactly_as_large_as_allowed() -> None:
    with serving(in_turn(plain(b"x" * 1000), chunked(b"x" * 999, b"y"))) as server:
        http = reader(server.url, max_bytes=1000)
        assert [len(page(http).body) for _n in range(2)] == [1000, 1000]


WHOLE: dict[str, tuple[bytes, bytes]] = {
    "one length": (plain(b"{}"), b"{}"),
    "more than the first room": (plain(b"x" * 400_000), b"x" * 400_000),
    "chunks": (chunked(b"{", b'"a": 1', b"}"), b'{"a": 1}'),
    "many chunks": (chunked(*[b"x" * 700] * 900), b"x" * 630_000),
    "a chunk with more to say, and a trailer": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n",
        b"{}",
    ),
    "nothing": (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    "a notice on the way": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + plain(b"{}"), b"{}"),
    "lines that end as they should not": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", b"{}"),
    "no reason": (b"HTTP/1.1 200\r\ncontent-length:2 \r\n\r\n{}", b"{}"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_an_answer_is_read_to_its_end_and_no_further(case: str) -> None:
    raw, body = WHOLE[case]
    assert bodies(in_turn(raw, plain(b"next")), 2) == ([body, b"next"], 1)


LAST: dict[str, tuple[bytes, bytes]] = {
    "they say so": (plain(b"{}", b"Connection: close\r\n"), b"{}"),
    "an old version": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
    "no length": (b"HTTP/1.1 200 OK\r\n\r\n{}", b"{}"),
    "more than they declared": (plain(b"{}") + b"HTTP/1.1 200 OK\r\n", b"{}"),
    "both a length and chunks": (chunked(b"{}", head=b"Content-Length: 1\r\n"), b"{}"),
}


@pytest.mark.parametrize("case", LAST)
def test_a_connection_that_ends_or_is_in_doubt_is_not_asked_again(case: str) -> None:
    raw, body = LAST[case]
    assert bodies(saying(raw), 2) == ([body, body], 2)


def test_an_old_version_may_keep_its_connection() -> None:
    old = b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}"
    assert bodies(in_turn(old, old), 2) == ([b"{}", b"{}"], 1)


def test_what_nobody_asked_for_is_not_taken_for_an_answer() -> None:
    answered = threading.Event()

    def script(conversation: Conversation) -> None:
        conversation.hear()
        conversation.say(OK)
        answered.wait(5)
        conversation.say(plain(b"false"))

    with serving(script, saying(plain(b"true"))) as server:
        http = reader(server.url)
        page(http)
        answered.set()
        assert http._line
        assert http._line._watch.poll(5_000)
        assert page(http).body == b"true"
        http.close()


GARBLED = {
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}",
    "a folded field": b"HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 2\r\n\r\n{}",
    "a name with a space": b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}",
    "a NUL": b"HTTP/1.1 200 OK\r\nX-A: \x00\r\nContent-Length: 2\r\n\r\n{}",
    "another version": b"HTTP/2 200\r\n\r\n{}",
    "a status that is none": b"HTTP/1.1 2000 OK\r\n\r\n{}",
    "a chunk whose size has no end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 5000,
    "trailers without an end": chunked(b"{}", end=b"0\r\n" + b"X: 1\r\n" * 200 + b"\r\n"),
}


@pytest.mark.parametrize("case", GARBLED)
def test_what_is_not_plainly_http_is_garbled(case: str) -> None:
    error, _call = failed(saying(GARBLED[case]))
    assert (type(error), error.code) == (BrokenContract, "garbled")


@pytest.mark.parametrize(
    "field", [b"Content-Encoding: gzip\r\n", b"Content-Encoding: identity\r\nContent-Encoding: br\r\n"]
)
def test_a_compressed_page_is_refused(field: bytes) -> None:
    error, _call = failed(saying(plain(gzip.compress(b"{}"), field)))
    assert (type(error), error.code) == (BrokenContract, "encoded")


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "\x00", "é\u0645"])
def test_a_page_is_not_asked_for_with_a_header_that_could_become_two(value: str) -> None:
    with serving(saying(OK)) as server:
        with pytest.raises(ValueError, match="Invalid header"):
            reader(server.url).read("GET", "/things", headers={"Authorization": value})
        assert server.requests == []
