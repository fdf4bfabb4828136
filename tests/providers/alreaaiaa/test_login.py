"""Logging in at Alreaaiaa."""

from __future__ import annotations

import pytest

from providers.errors import BrokenContract, Misconfigured, ProviderError, Unavailable
from tests.providers.alreaaiaa.account import CREDENTIALS, desk, logging_in, refusal
from tests.providers.alreaaiaa.answers import HTML, LOGIN
from tests.providers.scripted_server import Conversation, Script, answer


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
