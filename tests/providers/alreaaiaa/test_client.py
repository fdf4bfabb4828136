"""What the client makes of everything Alreaaiaa may answer: fact sheet §4 and §5, reliability §2.4 and §3.1."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.alreaaiaa import SPEC, mapping
from providers.alreaaiaa.client import Alreaaiaa
from providers.contracts import VoucherStatus
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, ProviderError, Rejected, Unavailable
from tests.providers.alreaaiaa.account import (
    CODE,
    CREDENTIALS,
    Tokens,
    captured,
    desk,
    fields,
    finding,
    logging_in,
    order,
    redeeming,
    refusal,
)
from tests.providers.scripted_server import Conversation, Script, answer, saying

Act = Callable[[Alreaaiaa], object]
HTML = answer("<html><body>Sign in</body></html>", headers={"Content-Type": "text/html"})
LOGIN = captured("login_testing")
NEW_TOKEN = fields("login_testing.response")["data"]["token"]


def voucher(**changes: Any) -> dict[str, Any]:
    found = copy.deepcopy(fields("find_verified.response"))
    found["data"].update(changes)
    return dict(found)


def used(**changes: Any) -> dict[str, Any]:
    found = copy.deepcopy(fields("use_verified.response"))
    found["data"].update(changes)
    return dict(found)


def reading(body: object) -> Any:
    with desk(answer(body)) as at:
        return at.client.find_voucher(CODE)


# Reads: the quirks of §4


def test_a_list_with_our_voucher_in_it_is_read() -> None:
    other = voucher(voucher_code="VCL6C5944NO9216")["data"]
    found = reading({"msg": "", "data": [other, voucher()["data"]], "key": "success"})
    assert found.code == CODE


def test_a_list_without_our_voucher_is_no_voucher() -> None:
    other = voucher(voucher_code="VCL6C5944NO9216")["data"]
    assert reading({"msg": "", "data": [other], "key": "success"}) is None
    assert reading({"msg": "", "data": [], "key": "success"}) is None


def test_our_voucher_twice_in_a_list_is_not_chosen_from() -> None:
    body = {"msg": "", "data": [voucher()["data"], voucher(status="used")["data"]], "key": "success"}
    error, _ = refusal(finding, answer(body))
    assert type(error) is BrokenContract


def test_a_missing_voucher_is_told_by_null_and_not_by_its_words() -> None:
    assert reading({"msg": "القسيمة غير موجودة", "data": None, "key": "success"}) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("verified", VoucherStatus.USABLE),
        (" Verified\u200f", VoucherStatus.USABLE),
        ("used", VoucherStatus.USED),
        ("expired", VoucherStatus.EXPIRED),
        ("canceled", VoucherStatus.CANCELED),
        ("canceld", VoucherStatus.CANCELED),
        ("cancelled", VoucherStatus.CANCELED),
        ("pending", VoucherStatus.PENDING),
        ("frozen", VoucherStatus.UNSEEN),
        ("", VoucherStatus.UNSEEN),
        (None, VoucherStatus.UNSEEN),
        (3, VoucherStatus.UNSEEN),
    ],
)
def test_a_status_word_is_mapped_or_kept_as_unseen(word: object, status: VoucherStatus) -> None:
    found = reading(voucher(status=word))
    assert found.status is status
    assert found.raw_status == ("" if word is None else str(word).strip().removesuffix("\u200f"))


@pytest.mark.parametrize("price", [200, "200", "200.00", 200.0, 2e2])
def test_a_price_may_be_a_number_or_a_text(price: object) -> None:
    assert reading(voucher(price_value=price)).value == Decimal(200)
    assert str(reading(voucher(price_value=price)).value) == "200"


@pytest.mark.parametrize(
    "change",
    [
        {"price_value": None},
        {"price_value": -5},
        {"price_value": "NaN"},
        {"price_value": "1e300"},
        {"price_value": "1e-300"},
        {"price_value": 10.555},
        {"price_value": True},
        {"price_value": "two hundred"},
        {"price_value": [200]},
        {"expiry_date": "soon"},
        {"expiry_date": "2025-02-30"},
        {"id": None},
        {"id": {"a": 1}},
        {"id": True},
        {"voucher_code": None},
        {"client": "somebody"},
        {"client_cards": {"0": {}}},
    ],
)
def test_a_voucher_it_cannot_read_is_a_broken_contract(change: dict[str, object]) -> None:
    error, _ = refusal(finding, answer(voucher(**change)))
    assert (type(error), error.code) == (BrokenContract, "unreadable")


@pytest.mark.parametrize("name", ["client", "client_cards", "reason", "expiry_date", "client_id", "status"])
def test_what_is_optional_may_be_null_or_absent(name: str) -> None:
    absent = voucher()
    del absent["data"][name]
    assert reading(voucher(**{name: None})) is not None
    assert reading(absent) is not None


def test_numbers_may_be_texts_and_texts_numbers_and_strangers_are_ignored() -> None:
    body = voucher(id="105", client_id="4", strange={"deep": [1, 2]})
    body["data"]["client"].update(phone=501234569, identity_number=501234569, id="4")
    body["data"]["client_cards"][0].update(id="316", phone=966501234567)
    found = reading({**body, "trace": "x"})
    assert (found.external_id, found.holder_phone, found.holder_id_number) == ("105", "+966501234569", "501234569")
    assert (found.cards[0].external_id, found.cards[0].phone) == ("316", "+966501234567")


def test_a_date_with_a_time_is_read_and_a_card_with_a_bad_date_hides_nothing() -> None:
    body = voucher(expiry_date="2025-07-21 00:00:00")
    body["data"]["client_cards"][0].update(start_date="0000-00-00", end_date=None)
    found = reading(body)
    assert str(found.expires_on) == "2025-07-21"
    assert (found.cards[0].valid_from, found.cards[0].valid_until) == (None, None)


def test_marks_in_names_are_cleaned() -> None:
    body = voucher(reason="\u202eسبب\x00")
    body["data"]["client"]["name"] = "\u200fاحمد\u202e  احمد\n"
    found = reading(body)
    assert (found.holder_name, found.reason) == ("احمد احمد", "سبب")


def test_a_code_in_other_letters_is_still_our_code() -> None:
    assert reading(voucher(voucher_code="vcl6c5944no4058\u200f")).external_id == "105"


def test_a_record_shows_no_person_and_no_code_in_a_log() -> None:
    body = voucher()
    body["data"]["client"].update(identity_number="1098765432")
    assert "1098765432" not in repr(reading(body))
    assert CODE not in repr(reading(body))


# What every answer means, for the read and for the write

UNAUTHENTICATED: dict[str, Script] = {
    "Laravel": answer({"message": "Unauthenticated."}, 401),
    "Laravel with 200": answer({"message": "Unauthenticated."}),
    "jwt-auth": answer({"message": "Token has expired"}, 401, {"WWW-Authenticate": "jwt-auth"}),
    "envelope": answer({"msg": "Unauthenticated.", "data": None, "key": "unauthenticated"}, 401),
    "family with 200": answer({"key": "unauthenticated", "msg": "غير مسجل"}),
    "family with 400": answer({"key": "unauthorized", "msg": "no"}, 400),
    "not_auth": answer({"key": "not_auth", "msg": "no"}, 401),
    "fail with 401": answer({"key": "fail", "msg": "no"}, 401),
}
PAGES_OF_401: dict[str, Script] = {
    "a proxy's page": answer("<h1>401</h1>", 401, {"Content-Type": "text/html"}),
    "nothing": answer("", 401),
    "an unknown object": answer({}, 401),
    "a list": answer([], 401),
    "a text": answer('"Unauthenticated."', 401),
    "a success": answer({"msg": "", "data": None, "key": "success"}, 401),
}
ANSWERS: dict[str, tuple[Script, type[ProviderError], str, type[ProviderError], str]] = {
    # answer: how a read names it, how the write names it
    "429": (
        answer({"message": "Too Many Attempts."}, 429, {"Retry-After": "30"}),
        *(Unavailable, "rate_limited", OutcomeUnknown, "rate_limited"),
    ),
    "408": (answer("", 408), Unavailable, "provider_busy", OutcomeUnknown, "provider_busy"),
    "409": (answer({"message": "x"}, 409), BrokenContract, "unknown_answer", OutcomeUnknown, "provider_busy"),
    "423 blocked": (
        answer({"key": "blocked", "msg": "x"}, 423),
        *(Misconfigured, "account_blocked", OutcomeUnknown, "provider_busy"),
    ),
    "425": (answer("", 425), BrokenContract, "not_json", OutcomeUnknown, "provider_busy"),
    "500 JSON": (
        answer({"message": "Server Error"}, 500),
        Unavailable,
        "provider_error",
        OutcomeUnknown,
        "provider_error",
    ),
    "500 route": (
        answer("Route [login] not defined.", 500),
        Unavailable,
        "provider_error",
        OutcomeUnknown,
        "provider_error",
    ),
    "502 HTML": (answer("<h1>Bad Gateway</h1>", 502), Unavailable, "provider_error", OutcomeUnknown, "provider_error"),
    "503": (answer("", 503), Unavailable, "provider_error", OutcomeUnknown, "provider_error"),
    "500 with a success in it": (answer(used(), 500), Unavailable, "provider_error", OutcomeUnknown, "provider_error"),
    "exception": (
        answer({"key": "exception", "msg": "x", "data": {"line": 7, "file": "a.php"}}),
        *(Unavailable, "provider_error", OutcomeUnknown, "provider_error"),
    ),
    "302 to login": (answer("", 302, {"Location": "/login"}), BrokenContract, "redirected", OutcomeUnknown, "not_json"),
    "307 with JSON": (answer(used(), 307), BrokenContract, "redirected", OutcomeUnknown, "redirected"),
    "304": (saying(b"HTTP/1.1 304 Not Modified\r\n\r\n"), BrokenContract, "redirected", OutcomeUnknown, "not_json"),
    "an HTML login page": (HTML, BrokenContract, "not_json", OutcomeUnknown, "not_json"),
    "nothing at all": (answer(""), BrokenContract, "not_json", OutcomeUnknown, "not_json"),
    "204": (saying(b"HTTP/1.1 204 No Content\r\n\r\n"), BrokenContract, "not_json", OutcomeUnknown, "not_json"),
    "invalid UTF-8": (answer(b'{"msg":"\xff"}'), BrokenContract, "not_json", OutcomeUnknown, "not_json"),
    "a key twice": (
        answer(b'{"key":"success","key":"fail","data":null}'),
        *(BrokenContract, "not_json", OutcomeUnknown, "not_json"),
    ),
    "NaN": (answer(b'{"key":"success","data":NaN}'), BrokenContract, "not_json", OutcomeUnknown, "not_json"),
    "1e400": (answer(b'{"key":"success","data":1e400}'), BrokenContract, "not_json", OutcomeUnknown, "not_json"),
    "a list": (answer([]), BrokenContract, "not_json", OutcomeUnknown, "not_json"),
    "success without data": (
        answer({"key": "success", "msg": "Voucher updated successfully"}),
        *(BrokenContract, "unknown_answer", OutcomeUnknown, "answer_needs_a_look"),
    ),
    "success with a text": (
        answer({"key": "success", "msg": "", "data": "used"}),
        *(BrokenContract, "unknown_answer", OutcomeUnknown, "answer_needs_a_look"),
    ),
    "success with an empty object": (
        answer({"key": "success", "msg": "", "data": {}}),
        *(BrokenContract, "unreadable", OutcomeUnknown, "answer_needs_a_look"),
    ),
    "an unknown key": (
        answer({"key": "failDeleted", "msg": "x", "data": None}),
        *(BrokenContract, "unknown_answer", OutcomeUnknown, "answer_needs_a_look"),
    ),
    "fail": (answer({"key": "fail", "msg": "x"}), Rejected, "refused", OutcomeUnknown, "answer_needs_a_look"),
    "fail with 400": (
        answer({"key": "fail", "msg": "x"}, 400),
        Rejected,
        "refused",
        OutcomeUnknown,
        "answer_needs_a_look",
    ),
    "Laravel validation": (
        answer({"message": "x", "errors": {"voucher_code": ["required"]}}, 422),
        *(Rejected, "refused", OutcomeUnknown, "answer_needs_a_look"),
    ),
    "404 JSON": (
        answer({"message": "Not Found Http"}, 404),
        *(BrokenContract, "unknown_answer", OutcomeUnknown, "answer_needs_a_look"),
    ),
    "404 HTML": (answer("<h1>404</h1>", 404), BrokenContract, "not_json", OutcomeUnknown, "not_json"),
    "403 JSON": (
        answer({"message": "Forbidden"}, 403),
        *(Misconfigured, "account_blocked", Misconfigured, "account_blocked"),
    ),
    "403 of a proxy": (answer("<h1>403</h1>", 403), BrokenContract, "not_json", OutcomeUnknown, "not_json"),
    "403 with a success in it": (
        answer(used(), 403),
        Misconfigured,
        "account_blocked",
        OutcomeUnknown,
        "answer_needs_a_look",
    ),
    "blocked": (
        answer({"key": "blocked", "msg": "x"}),
        *(Misconfigured, "account_blocked", Misconfigured, "account_blocked"),
    ),
    "needActive": (
        answer({"key": "needActive", "msg": "x", "data": None}, 203),
        *(Misconfigured, "account_blocked", Misconfigured, "account_blocked"),
    ),
    "reset": (Conversation.reset, Unavailable, "connection_lost", OutcomeUnknown, "connection_lost"),
    "closed after it was heard": (saying(b""), Unavailable, "connection_lost", OutcomeUnknown, "connection_lost"),
    "cut short": (
        saying(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"msg":'),
        *(Unavailable, "truncated", OutcomeUnknown, "truncated"),
    ),
    "compressed": (
        answer(used(), headers={"Content-Encoding": "gzip"}),
        *(BrokenContract, "encoded", OutcomeUnknown, "encoded"),
    ),
    "two MiB": (answer(b" " * 2_000_000), BrokenContract, "too_large", OutcomeUnknown, "too_large"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_a_read_names_every_answer_by_what_to_do_next(case: str) -> None:
    script, kind, code, _, _ = ANSWERS[case]
    error, _ = refusal(finding, script)
    assert (type(error), error.code) == (kind, code)


@pytest.mark.parametrize("case", ANSWERS)
def test_the_write_calls_unknown_whatever_proves_nothing_and_sends_once(case: str) -> None:
    script, _, _, kind, code = ANSWERS[case]
    error, at = refusal(redeeming, script)
    assert (type(error), error.code) == (kind, code)
    assert at.server.connections == 1


def test_a_limit_says_how_long_to_wait() -> None:
    for act in (finding, redeeming):
        error, _ = refusal(act, ANSWERS["429"][0])
        assert (error.retry_after, error.status) == (30, 429)


@pytest.mark.parametrize("case", UNAUTHENTICATED)
@pytest.mark.parametrize(("act", "sample"), [(finding, "find_verified"), (redeeming, "use_verified")])
def test_a_refused_token_is_renewed_once_and_the_call_repeated_once(case: str, act: Act, sample: str) -> None:
    with desk(UNAUTHENTICATED[case], LOGIN, captured(sample)) as at:
        assert act(at.client) is not None
    assert at.tokens.logins == 1
    assert at.server.paths()[1] == "/api/v1/getAuthToken"
    assert at.server.header("Authorization", 0) == "Bearer cached-token"
    assert at.server.header("Authorization", 2) == f"Bearer {NEW_TOKEN}"
    assert at.server.bodies()[0] == at.server.bodies()[2]


@pytest.mark.parametrize("case", UNAUTHENTICATED)
@pytest.mark.parametrize("act", [finding, redeeming])
def test_a_token_refused_twice_is_misconfigured_and_there_is_no_third_time(case: str, act: Act) -> None:
    error, at = refusal(act, UNAUTHENTICATED[case], LOGIN, UNAUTHENTICATED[case])
    assert (type(error), error.code) == (Misconfigured, "login_refused")
    assert at.server.connections == 3


@pytest.mark.parametrize("case", PAGES_OF_401)
def test_a_401_that_is_not_theirs_proves_nothing_of_a_write(case: str) -> None:
    error, at = refusal(redeeming, PAGES_OF_401[case])
    assert type(error) is OutcomeUnknown
    assert (at.server.connections, at.tokens.logins) == (1, 0)


@pytest.mark.parametrize("case", PAGES_OF_401)
def test_any_401_renews_the_token_of_a_read(case: str) -> None:
    with desk(PAGES_OF_401[case], LOGIN, captured("find_verified")) as at:
        assert at.client.find_voucher(CODE) is not None
    assert at.tokens.logins == 1


def test_a_refusal_that_carries_a_voucher_is_no_proof() -> None:
    error, at = refusal(redeeming, answer({**used(), "key": "unauthenticated"}, 401))
    assert type(error) is OutcomeUnknown
    assert at.server.connections == 1


def test_without_a_token_it_logs_in_first() -> None:
    with desk(LOGIN, captured("find_verified"), tokens=Tokens(token="")) as at:
        assert at.client.find_voucher(CODE) is not None
    assert at.server.paths() == ["/api/v1/getAuthToken", "/api/v1/findClientCenterVouchers"]


def test_a_login_that_is_down_sends_no_redemption() -> None:
    error, at = refusal(redeeming, answer("", 503), tokens=Tokens(token=""))
    assert type(error) is Unavailable
    assert at.server.paths() == ["/api/v1/getAuthToken"]


# Login


@pytest.mark.parametrize(
    ("script", "kind", "code"),
    [
        (answer({"key": "fail", "msg": "no"}), Misconfigured, "login_refused"),
        (answer({"key": "fail", "msg": "no"}, 400), Misconfigured, "login_refused"),
        (answer({"message": "x", "errors": {"email": ["x"]}}, 422), Misconfigured, "login_refused"),
        (answer({"message": "Unauthenticated."}, 401), Misconfigured, "login_refused"),
        (answer("<h1>401</h1>", 401), Misconfigured, "login_refused"),
        (answer({"key": "unauthorized", "msg": "no"}), Misconfigured, "login_refused"),
        (answer({"msg": "no", "data": None, "key": "success"}), Misconfigured, "login_refused"),
        (answer({"message": "no"}, 403), Misconfigured, "account_blocked"),
        (answer({"key": "needActive", "msg": "no"}), Misconfigured, "account_blocked"),
        (answer({"key": "blocked", "msg": "no"}, 423), Misconfigured, "account_blocked"),
        (answer("", 429), Unavailable, "rate_limited"),
        (answer("", 500), Unavailable, "provider_error"),
        (Conversation.reset, Unavailable, "connection_lost"),
        (answer("", 302), BrokenContract, "redirected"),
        (HTML, BrokenContract, "not_json"),
        (answer({"key": "success", "data": {}}), BrokenContract, "unreadable"),
        (answer({"key": "success", "data": {"token": ""}}), BrokenContract, "unreadable"),
        (answer({"key": "success", "data": {"token": "a\r\nX-Evil: 1"}}), BrokenContract, "unreadable"),
        (answer({"key": "success", "data": {"token": 5}}), BrokenContract, "unreadable"),
    ],
)
def test_a_login_that_gives_no_token_says_why(script: Script, kind: type[ProviderError], code: str) -> None:
    error, at = refusal(logging_in, script)
    assert (type(error), error.code) == (kind, code)
    assert at.server.connections == 1


def test_a_login_needs_no_user_in_its_answer() -> None:
    with desk(answer({"key": "success", "data": {"token": "opaque"}})) as at:
        assert at.client.log_in(CREDENTIALS).user_name == ""


def test_the_email_is_cleaned_before_it_is_sent_and_the_password_is_not() -> None:
    with desk(LOGIN) as at:
        at.client.log_in({"email": " \u0650user@example.com\u200f\n", "password": " *@123#\u0650"})
    assert at.server.bodies() == [{"email": "user@example.com", "password": " *@123#\u0650"}]


def test_the_login_path_can_be_set_but_not_to_another_place() -> None:
    with desk(LOGIN, token_path="/auth/login") as at:
        at.client.log_in(CREDENTIALS)
    assert at.server.paths() == ["/api/v1/auth/login"]
    for path in ("getAuthToken", "//evil.example.com", "/a/../b", "/a?b=c", "/", ""):
        with pytest.raises(ValueError, match="token_path"), desk(LOGIN, token_path=path):
            pass


# The write


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"voucher_code": "VCL6C5944NO9216"}, "other_code"),
        ({"voucher_code": None}, "unreadable"),
        ({"status": "verified"}, "not_marked_used"),
        ({"status": "expired"}, "not_marked_used"),
        ({"status": None}, "not_marked_used"),
        ({"status": "مستخدم"}, "not_marked_used"),
        ({"order_id": [1]}, "unreadable"),
    ],
)
def test_a_success_that_is_not_ours_or_not_used_is_unknown(change: dict[str, object], code: str) -> None:
    error, _ = refusal(redeeming, answer(used(**change)))
    assert (type(error), error.code) == (OutcomeUnknown, code)


def test_a_receipt_names_our_code_and_needs_no_reference() -> None:
    with desk(answer({"key": "success", "data": {"voucher_code": CODE.lower(), "status": "Used"}})) as at:
        found = at.client.redeem_vouchers(order())
    assert (found.codes, found.references) == ((CODE,), {})


@pytest.mark.parametrize("act", [finding, redeeming])
def test_a_refused_connection_sent_nothing(act: Act) -> None:
    with desk(LOGIN) as at:
        at.server.stop()
        with pytest.raises(Unavailable):
            act(at.client)
    assert not at.calls[0].bytes_left


@pytest.mark.parametrize(
    "changes",
    [
        {"codes": (CODE, "VCL6C5944NO9216"), "values": (Decimal(100), Decimal(100))},
        {"codes": (), "values": ()},
        {"values": (Decimal(200), Decimal(0))},
        {"client_pays": Decimal(401)},
        {"services_total": Decimal(100), "client_pays": Decimal(-100)},
        {"currency": "MAD"},
        {"values": (Decimal("NaN"),)},
        {"values": (Decimal("199.999"),), "client_pays": Decimal("400.001")},
        {"codes": ("../../payment-requests",)},
        {"codes": ("VCL6C5944NO4058\r\nX: y",)},
        {"codes": ("VCL6C5944NO٤٠٥٨",)},
        {"codes": ("",)},
        {"codes": ("A" * 5000,)},
    ],
)
def test_an_order_they_have_no_words_for_is_never_sent(changes: dict[str, Any]) -> None:
    with desk(captured("use_verified")) as at, pytest.raises(ValueError, match=r"\w"):
        at.client.redeem_vouchers(order(**changes))
    assert at.server.connections == 0


@pytest.mark.parametrize(
    "code", ["../../payment-requests", "a/b", "%2e%2e", "?x=", "V\r\nX: y", "A" * 5000, "", "é" * 8]
)
def test_a_code_that_is_not_of_their_shape_never_reaches_them(code: str) -> None:
    with desk(captured("find_verified")) as at, pytest.raises(ValueError, match="codes"):
        at.client.find_voucher(code)
    assert at.server.connections == 0


def test_the_bytes_of_a_redemption_are_in_the_documented_order() -> None:
    sale = order(values=(Decimal("200.50"),), services_total=Decimal("600.00"), client_pays=Decimal("399.50"))
    assert mapping.redeem_body(sale) == (
        b'{"voucher_code":"VCL6C5944NO4058","voucher_price":"200.5",'
        b'"total_services_price":"600","total_client_paid_amount":"399.5"}'
    )


@settings(deadline=None)
@given(st.integers(0, 10**9), st.data())
def test_the_same_order_is_always_the_same_bytes_and_they_add_up(total: int, draw: st.DataObject) -> None:
    value = Decimal(draw.draw(st.integers(0, total))) / 100
    bill = Decimal(total) / 100
    sale = order(values=(value,), services_total=bill, client_pays=bill - value)
    sent = json.loads(mapping.redeem_body(sale))
    assert mapping.redeem_body(sale) == mapping.redeem_body(copy.deepcopy(sale))
    paid = Decimal(sent["total_services_price"]) - Decimal(sent["voucher_price"])
    assert paid == Decimal(sent["total_client_paid_amount"])


def test_what_is_sent_is_exactly_the_frozen_bytes() -> None:
    with desk(captured("use_verified")) as at:
        at.client.redeem_vouchers(order())
    assert at.server.requests[0].endswith(b"\r\n\r\n" + mapping.redeem_body(order()))
    assert at.server.header("Content-Type") == "application/json"
    assert at.server.header("Accept") == "application/json"


# Nothing leaks


@pytest.mark.parametrize("sample", ["find_verified", "find_sample", "use_verified"])
def test_the_journal_of_a_call_holds_no_person_no_token_and_no_whole_code(sample: str) -> None:
    code = fields(f"{sample}.response")["data"]["voucher_code"]
    with desk(captured(sample)) as at:
        if sample.startswith("find"):
            at.client.find_voucher(code)
        else:
            at.client.redeem_vouchers(order())
    kept = repr(at.calls)
    for secret in (code, "cached-token", "501234569", "512345678", "احمد", "client name", "gmail"):
        assert secret not in kept, secret
    assert f"…{code[-4:]}" in kept


def test_the_journal_of_a_login_holds_no_credential() -> None:
    with desk(captured("login_sample")) as at:
        found = at.client.log_in(CREDENTIALS)
    kept = repr(at.calls) + repr(found)
    for secret in ("your_password", "user@example.com", found.token, found.token[:40]):
        assert secret not in kept, secret


@pytest.mark.parametrize("act", [finding, redeeming, logging_in])
def test_an_error_quotes_their_words_without_ours(act: Act) -> None:
    said = f"Voucher {CODE} of 1098765432 <b>user@example.com</b> your_password"
    error, _ = refusal(act, answer({"key": "fail", "msg": said}))
    told = f"{error} {error.detail} {error!r}"
    assert "1098765432" not in told
    assert CODE not in told or act is logging_in
    assert ("your_password" not in told and "user@example.com" not in told) or act is not logging_in
    assert "HTTP 200, key 'fail'" in error.detail


def test_the_spec_knows_their_hosts_and_their_codes() -> None:
    assert SPEC.slug == "alreaaiaa"
    assert all(host.endswith(".alreaaiaa.com") for host in SPEC.hosts)
    assert set(SPEC.names) == {"ar", "fr", "en"}
