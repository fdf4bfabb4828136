"""The HTTP layer against a server that misbehaves on purpose."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import http.client
import ipaddress
import json
import socket
import ssl
import time
import traceback
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers.contracts import Call
from providers.errors import BrokenContract, OutcomeUnknown, ProviderError, Unavailable
from providers.http import Answer, Http
from tests.providers.scripted_server import Conversation, Script, answer, saying, serving

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


# TLS


def _certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    own = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))] if name == "localhost" else []
    names = x509.SubjectAlternativeName([x509.DNSName(name), *own])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    builder = builder.add_extension(names, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


def test_a_self_signed_certificate_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    _, context = _certificate(tmp_path, "localhost")
    calls: list[Call] = []
    with serving(saying(OK), tls=context) as server, pytest.raises(Unavailable) as raised:
        send(layer(f"https://127.0.0.1:{server.port}", calls), "write")
    assert raised.value.code == "tls"
    assert server.requests == []
    assert not calls[0].bytes_left


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    public, context = _certificate(tmp_path, "other.example.com")
    with serving(saying(OK), tls=context) as server, pytest.raises(Unavailable) as raised:
        trusting = ssl.create_default_context(cafile=str(public))
        send(layer(f"https://127.0.0.1:{server.port}", tls=trusting), "write")
    assert raised.value.code == "tls"


def test_a_plain_server_behind_an_https_address_gets_nothing() -> None:
    with serving(saying(OK)) as server, pytest.raises(Unavailable):
        send(layer(f"https://127.0.0.1:{server.port}", connect_seconds=0.5), "write", b'{"canary": 1}')
    assert all(b"canary" not in request for request in server.requests)


def test_it_speaks_tls_to_a_host_it_trusts_and_resolves_it_once(tmp_path: Path) -> None:
    public, context = _certificate(tmp_path, "localhost")
    asked: list[str] = []

    def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with serving(saying(OK), tls=context) as server:
        trusting = ssl.create_default_context(cafile=str(public))
        found = send(layer(f"https://localhost:{server.port}", tls=trusting, resolve=resolve), "write")
    assert found.json() == {"key": "ok"}
    assert asked == ["localhost"]


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_server_that_drips_through_tls_is_cut_off_too(part: str, tmp_path: Path) -> None:
    public, context = _certificate(tmp_path, "localhost")
    started = time.monotonic()
    with serving(DRIPS[part], tls=context) as server, pytest.raises(OutcomeUnknown) as raised:
        trusting = ssl.create_default_context(cafile=str(public))
        send(layer(f"https://localhost:{server.port}", tls=trusting, total_seconds=0.7), "write")
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


# Strict JSON

STRANGE: dict[str, bytes] = {
    "nothing": b"",
    "HTML": b"<html><body>Sign in</body></html>",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"key": "ok"}'.encode("utf-16"),
    "a key twice": b'{"status": "used", "status": "verified"}',
    "NaN": b'{"price_value": NaN}',
    "Infinity": b'{"price_value": -Infinity}',
    "1e400": b'{"price_value": 1e400}',
    "an exponent that overflows Decimal": b'{"price_value": 1e99999999999999999999}',
    "a zero with an exponent that overflows": b'{"price_value": 0e99999999999999999999}',
    "a thousand digits": b'{"id": ' + b"9" * 1000 + b"}",
    "five thousand digits": b'{"id": ' + b"9" * 5000 + b"}",
    "forty levels": b"[" * 40 + b"]" * 40,
    "a hundred thousand levels": b"[" * 100_000,
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "two values": b"{} {}",
    "a comma too many": b'{"order_id": "TX_123456789",}',
}


@pytest.mark.parametrize("case", STRANGE)
def test_json_that_can_be_read_in_two_ways_or_not_at_all_is_a_broken_contract(case: str) -> None:
    with pytest.raises(BrokenContract) as raised:
        Answer(200, {}, STRANGE[case], 1).json()
    assert raised.value.code == "not_json"


def test_numbers_with_a_point_are_read_as_decimals() -> None:
    assert Answer(200, {}, b'{"a": 10.55, "b": 200, "c": 1e2}', 1).json() == {"a": Decimal("10.55"), "b": 200, "c": 100}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": "999999999"}, 86_400),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:40 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 40),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:40 GMT"}, None),
    ],
)
def test_it_reads_how_long_to_wait(headers: dict[str, str], seconds: int | None) -> None:
    assert Answer(429, headers, b"", 1).retry_after == seconds


# The journal

CANARIES = {
    "password": "hunter2-canary",
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIyNCJ9.6irv-X_6EfeHJEBE0kSDAz",
    "id_number": "1098765432",
    "phone": "٠٥٠١٢٣٤٥٦٧",
    "code": "VCL6C5944NO4058",
    "name": "احمد احمد",
    "email": "someone@example.com",
}
VISIBLE = frozenset({"msg", "key", "status", "voucher_price"})


def journalled(sent: object, body: object, headers: dict[str, str], path: str = "/use", journal_path: str = "") -> Call:
    calls: list[Call] = []
    with serving(answer(body)) as server:
        http = layer(server.url, calls, visible=VISIBLE, masked=frozenset({"voucher_code"}))
        http.write("POST", path, body=json.dumps(sent).encode(), headers={**JSON, **headers}, journal_path=journal_path)
    return calls[0]


def test_the_journal_never_holds_a_secret_a_person_or_a_whole_code() -> None:
    sent = {"email": CANARIES["email"], "password": CANARIES["password"], "voucher_code": CANARIES["code"]}
    said = "No {code} for {email}, {id_number}, {phone}, {token}".format(
        **CANARIES | {"code": CANARIES["code"].lower()}
    )
    received = {
        "msg": said,
        "key": "fail",
        "data": {"token": CANARIES["token"], "voucher_code": CANARIES["code"], "client": {"name": CANARIES["name"]}},
        CANARIES["id_number"]: {"identity_number": CANARIES["id_number"], "status": CANARIES["id_number"]},
    }
    call = journalled(sent, received, {"Authorization": f"Bearer {CANARIES['token']}"})
    kept = repr(call).lower()
    for name, canary in CANARIES.items():
        assert canary.lower() not in kept, name
    assert call.sent == '{"email": "…", "password": "…", "voucher_code": "…4058"}'
    assert json.loads(call.received)["key"] == "fail"


def test_the_journal_keeps_what_helps_to_understand() -> None:
    body = {"msg": "Voucher does not exist.", "data": None, "key": "success", "status": ["a", True, None, 5]}
    call = journalled({"voucher_price": "200"}, body, {})
    assert json.loads(call.sent) == {"voucher_price": "200"}
    assert json.loads(call.received) == body
    assert call.path == "/use"
    assert call.method == "POST"


def test_the_journal_cuts_long_texts_and_describes_what_is_not_json() -> None:
    assert len(json.loads(journalled({}, {"msg": "أ " * 5000}, {}).received)["msg"]) == 200
    assert len(journalled({}, {"msg": ["a b " * 60] * 100}, {}).received) <= 4000
    assert journalled({}, "<html>1098765432</html>", {}).received == "application/json, 23 bytes"


def test_a_path_with_a_code_in_it_is_journalled_as_another_and_its_code_blotted_out() -> None:
    code = "dF54GFd7"
    call = journalled({}, {"msg": f"no {code} here"}, {}, path=f"/vouchers/{code}", journal_path="/vouchers/…GFd7")
    assert call.path == "/vouchers/…GFd7"
    assert code not in repr(call)


def test_a_journal_that_fails_does_not_hide_what_the_provider_answered() -> None:
    def broken(call: Call) -> None:
        raise RuntimeError("the database is away")

    with serving(saying(OK)) as server:
        http = Http(server.url, allow_loopback=True, journal=broken)
        assert send(http, "write").status == 200


def test_no_library_logs_what_was_received(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(0):
        failure(saying(b"HTTP/1.1 200 OK\r\nno colon but 1098765432\r\n\r\n{}"), "write")
    assert "1098765432" not in caplog.text


def test_an_error_quotes_nothing_that_was_received() -> None:
    error, _ = failure(saying(b"HTTP/1.1 1098765432 OK\r\n\r\n"), "write")
    assert "1098765432" not in "".join(traceback.format_exception(error))


def test_the_standard_library_still_bounds_headers() -> None:
    assert vars(http.client)["_MAXHEADERS"] <= 100
    assert vars(http.client)["_MAXLINE"] <= 65_536
