"""What every answer of Alreaaiaa means, and what is kept of it: fact sheet §4 and §5, reliability §2.4 and §3.1."""

from __future__ import annotations

import pytest

from providers.alreaaiaa import SPEC
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
from tests.providers.alreaaiaa.answers import HTML, LOGIN, NEW_TOKEN, Act, used
from tests.providers.scripted_server import Conversation, Script, answer, saying

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
    assert at.kept.logins == 1
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
    assert (at.server.connections, at.kept.logins) == (1, 0)


@pytest.mark.parametrize("case", PAGES_OF_401)
def test_any_401_renews_the_token_of_a_read(case: str) -> None:
    with desk(PAGES_OF_401[case], LOGIN, captured("find_verified")) as at:
        assert at.client.find_voucher(CODE) is not None
    assert at.kept.logins == 1


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
