"""The key in use and the next one, and how a key is tried where there is no login."""

from __future__ import annotations

import base64

import pytest

from providers.afriquia_gaz.client import AfriquiaGaz
from providers.afriquia_gaz.sandbox_keys import is_signed, pair
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, ProviderError, Unavailable
from tests.providers.afriquia_gaz.account import (
    NEXT_KEY,
    REF,
    Keys,
    captured,
    desk,
    finding,
    redeeming,
    redeeming_three,
    refusal,
    trying_the_key,
)
from tests.providers.afriquia_gaz.answers import HTML, KINDS, NEXT, Act, said
from tests.providers.scripted_server import Conversation, Script, answer

# Keys: the one in use, and the next


@pytest.mark.parametrize("refused", [said(401, "unauthorized"), said(403, "forbidden")])
@pytest.mark.parametrize(("act", "good"), [(finding, "status_sample"), (redeeming, "burn_sample")])
def test_a_refused_key_gives_way_to_the_next_once_that_is_proved(refused: Script, act: Act, good: str) -> None:
    with desk(refused, captured("not_found", 404), captured(good), keys=Keys(upcoming=NEXT)) as at:
        assert act(at.client) is not None
    assert at.kept.replaced == 1
    assert [key_of(at.server.header("X-SIGNATURE", place)) for place in range(3)] == [1, 2, 2]
    assert at.server.paths()[1].endswith("/vouchers/wasl-login-check")
    first, third = (request.partition(b"\r\n\r\n")[2] for request in (at.server.requests[0], at.server.requests[2]))
    assert first == third, "the same bytes, under another signature"


def key_of(header: str) -> int:
    text, _, signature = header.rpartition(",signature=")
    return next(number for number in (1, 2) if is_signed(text.encode(), base64.b64decode(signature), pair(number)))


@pytest.mark.parametrize(
    ("refused", "code"), [(said(401, "unauthorized"), "login_refused"), (said(403, "forbidden"), "account_blocked")]
)
@pytest.mark.parametrize("act", KINDS)
def test_a_refused_key_without_a_next_is_misconfigured(refused: Script, code: str, act: Act) -> None:
    error, at = refusal(act, refused)
    assert (type(error), error.code) == (Misconfigured, code)
    assert at.server.connections == 1


@pytest.mark.parametrize("act", KINDS)
def test_a_next_key_that_is_refused_too_does_not_take_over_and_there_is_no_third_time(act: Act) -> None:
    error, at = refusal(act, said(401), keys=Keys(upcoming=NEXT))
    assert (type(error), error.code) == (Misconfigured, "login_refused")
    assert (at.server.connections, at.kept.replaced) == (2, 0)


def test_a_new_key_that_is_refused_for_the_burn_itself_is_misconfigured() -> None:
    script = (said(401), captured("not_found", 404), said(401))
    error, at = refusal(redeeming, *script, keys=Keys(upcoming=NEXT))
    assert (type(error), at.server.connections) == (Misconfigured, 3)


@pytest.mark.parametrize(
    "page",
    [
        answer("<h1>401</h1>", 401, {"Content-Type": "text/html"}),
        answer("", 401),
        answer({}, 401),
        answer({"message": "Unauthorized"}, 401),
        answer({"error": "x", "message": "y", "order_id": REF}, 401),
        answer("<h1>403</h1>", 403),
    ],
)
@pytest.mark.parametrize("act", [redeeming, redeeming_three])
def test_a_401_that_is_not_theirs_proves_nothing_of_a_burn(page: Script, act: Act) -> None:
    error, at = refusal(act, page, keys=Keys(upcoming=NEXT))
    assert type(error) is OutcomeUnknown
    assert (at.server.connections, at.kept.replaced) == (1, 0)


# Trying a key, without a log-in


@pytest.mark.parametrize("script", [captured("not_found", 404), answer([])])
def test_a_clean_not_found_proves_the_key(script: Script) -> None:
    with desk(script) as at:
        assert at.client.check_login({"private_key": NEXT_KEY}) == ""
    assert key_of(at.server.header("X-SIGNATURE")) == 2, "signed with the key that is tried, not with the one in use"
    assert at.server.requests[0].startswith(b"GET ")


@pytest.mark.parametrize(
    ("script", "kind", "code"),
    [
        (said(401), Misconfigured, "login_refused"),
        (answer("<h1>401</h1>", 401), Misconfigured, "login_refused"),
        (said(403), Misconfigured, "account_blocked"),
        (said(400, "invalid_signature"), Misconfigured, "login_refused"),
        (said(422), Misconfigured, "login_refused"),
        (said(404, "shop_not_found"), BrokenContract, "unknown_answer"),
        (answer("<h1>404</h1>", 404), BrokenContract, "not_json"),
        (HTML, BrokenContract, "not_json"),
        (said(429), Unavailable, "rate_limited"),
        (said(500), Unavailable, "provider_error"),
        (Conversation.reset, Unavailable, "connection_lost"),
        (answer("", 302), BrokenContract, "redirected"),
    ],
)
def test_a_key_that_is_not_proved_says_why(script: Script, kind: type[ProviderError], code: str) -> None:
    error, at = refusal(trying_the_key, script)
    assert (type(error), error.code) == (kind, code)
    assert at.server.connections == 1


@pytest.mark.parametrize("act", KINDS)
def test_without_a_key_nothing_is_sent(act: Act) -> None:
    error, at = refusal(act, captured("burn_sample"), keys=Keys({}))
    assert (type(error), error.code) == (Misconfigured, "key_unreadable")
    assert at.server.connections == 0


@pytest.mark.parametrize(
    "place", [{"shop_uuid": ""}, {"terminal_id": ""}, {"terminal_id": "POS,1"}, {"shop_uuid": "../x"}]
)
def test_a_shop_or_terminal_that_could_be_something_else_is_refused(place: dict[str, str]) -> None:
    where = {"shop_uuid": "1234", "terminal_id": "POS_1", **place}
    with desk() as at, pytest.raises(ValueError, match="shop_uuid and terminal_id"):
        AfriquiaGaz(at.client._http, Keys(), **where)
