"""Who we are to Altegio: two tokens in one header, of which a changed password ends one."""

from __future__ import annotations

from typing import Any

import pytest

from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, ProviderError, Unavailable
from providers.sandbox.running import RunningSandbox
from tests.providers.altegio.account import SECRETS, USER, Tokens, captured, desk, refusal
from tests.providers.altegio.acts import NO, READS, UNAUTHORISED, WRITES
from tests.providers.altegio.salon import LOGIN, SARA, SLUG, card_of, client_of
from tests.providers.scripted_server import Conversation, Script, answer

FRESH = "0123456789abcdef0123456789abcdef"
GIVEN = {"partner_token": "canary-partner", "user_token": USER}


def test_login_and_password_give_the_users_token() -> None:
    with desk(captured("login", 201)) as at:
        session = at.client.log_in(SECRETS)
    assert (session.token, session.user_name, session.user_id) == (
        f"canary-partner, User {FRESH}",
        "James Smith",
        "123456",
    )
    assert at.server.bodies() == [{"login": "j.smith", "password": "canary-password"}]
    assert at.server.header("Authorization") == "Bearer canary-partner"
    assert [word for word in (*SECRETS.values(), FRESH, "James", "315555") if word in repr(at.calls)] == []


def test_a_given_token_is_proved_by_a_harmless_read() -> None:
    with desk(captured("groups")) as at:
        assert at.client.log_in(GIVEN).token == f"canary-partner, User {USER}"
    assert at.server.paths() == ["/api/v1/groups"]
    error, _ = refusal(lambda client: client.log_in(GIVEN), answer(UNAUTHORISED, 401))
    assert (type(error), error.code) == (Misconfigured, "login_refused")


def test_a_given_token_that_is_refused_leaves_login_and_password() -> None:
    with desk(answer(UNAUTHORISED, 401), captured("login", 201)) as at:
        assert at.client.log_in({**SECRETS, **GIVEN}).token.endswith(FRESH)


@pytest.mark.parametrize(
    "secrets",
    [
        {},
        {"partner_token": "canary-partner"},
        {"login": "a", "password": "b"},
        {**SECRETS, "partner_token": "a\r\nX: yyyyyy"},
    ],
)
def test_half_a_login_is_none_and_nothing_leaves(secrets: dict[str, str]) -> None:
    error, at = refusal(lambda client: client.log_in(secrets), answer([]))
    assert (type(error), error.code, at.server.connections) == (Misconfigured, "tokens_incomplete", 0)


@pytest.mark.parametrize(
    ("script", "kind", "code"),
    [
        (answer(UNAUTHORISED, 401), Misconfigured, "login_refused"),
        (answer("<h1>401</h1>", 401), Misconfigured, "login_refused"),
        (answer(NO, 200), Misconfigured, "login_refused"),
        (answer(NO, 404), Misconfigured, "login_refused"),
        (answer(NO, 422), Misconfigured, "login_refused"),
        (answer(NO, 403), Misconfigured, "account_blocked"),
        (answer("", 429), Unavailable, "rate_limited"),
        (answer("", 500), Unavailable, "provider_error"),
        (Conversation.reset, Unavailable, "connection_lost"),
        (answer("", 302), BrokenContract, "redirected"),
        (answer("<form>"), BrokenContract, "not_json"),
        (answer({"success": True, "data": {}}), BrokenContract, "unreadable"),
        (answer({"success": True, "data": {"user_token": ""}}), BrokenContract, "unreadable"),
        (answer({"success": True, "data": {"user_token": "a\r\nX-Evil: 1"}}), BrokenContract, "unreadable"),
    ],
)
def test_a_login_that_gives_no_token_says_why(script: Script, kind: type[ProviderError], code: str) -> None:
    error, at = refusal(lambda client: client.log_in(SECRETS), script)
    assert (type(error), error.code, at.server.connections) == (kind, code, 1)


@pytest.mark.parametrize(
    "settings", [{"location_id": ""}, {"chain_id": "a"}, {"location_id": "1/2"}, {"timezone": "Mars"}]
)
def test_settings_that_cannot_be_used_make_no_client(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."), desk(answer([]), place=settings):
        pass


def test_a_token_that_is_refused_is_forgotten_and_the_call_made_once_more() -> None:
    with desk(answer(UNAUTHORISED, 401), captured("login", 201), captured("manual_transaction")) as at:
        WRITES["transact"](at.client)
    assert (at.kept.logins, at.kept.token) == (1, f"canary-partner, User {FRESH}")
    assert at.server.requests[0].partition(b"\r\n\r\n")[2] == at.server.requests[2].partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("act", [WRITES["transact"], READS["card_types"]])
def test_a_new_token_that_is_refused_too_is_ours_to_mend(act: Any) -> None:
    error, at = refusal(act, answer(UNAUTHORISED, 401), captured("login", 201), answer(UNAUTHORISED, 401))
    assert (type(error), error.code, at.server.connections) == (Misconfigured, "login_refused", 3)


def test_the_401_of_a_proxy_tells_nothing_of_a_write() -> None:
    error, at = refusal(WRITES["transact"], answer("<h1>401</h1>", 401))
    assert (type(error), at.kept.logins) == (OutcomeUnknown, 0)


def test_a_changed_password_ends_the_token_and_one_login_brings_the_next(quiet: RunningSandbox) -> None:
    tokens = Tokens("", LOGIN)
    client = client_of(quiet, kept=tokens)
    assert card_of(client, SARA).balance == 100
    quiet.control.revoke_tokens(SLUG)
    assert card_of(client, SARA).balance == 100
    assert tokens.logins == 2


@pytest.mark.parametrize("wrong", [{"password": "guess"}, {"partner_token": "wrong-partner"}])
def test_a_login_that_is_wrong_is_refused(quiet: RunningSandbox, wrong: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as raised:
        client_of(quiet).check_login({**LOGIN, **wrong})
    assert raised.value.code == "login_refused"
