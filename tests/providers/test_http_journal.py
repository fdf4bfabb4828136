"""What the HTTP layer writes down of a call, and what nobody ever finds there."""

from __future__ import annotations

import http.client
import json
import traceback

import pytest

from providers.contracts import Call
from providers.http import Http
from tests.providers.layer import JSON, OK, failure, layer, send
from tests.providers.scripted_server import answer, saying, serving

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
