"""What every answer of Kenz'up means, and what is kept of it: fact sheet §3 to §6, reliability §2.4 and §3.2."""

from __future__ import annotations

import pytest

from providers.afriquia_gaz import SPEC
from providers.errors import BrokenContract, OutcomeUnknown, ProviderError, Rejected, Unavailable
from tests.providers.afriquia_gaz.account import (
    BURNED_CODES,
    CODE,
    KEY,
    REF,
    SECRETS,
    captured,
    desk,
    finding,
    order,
    payload,
    redeeming,
    redeeming_three,
    refusal,
)
from tests.providers.afriquia_gaz.answers import DAY, HTML, KINDS, Act, said
from tests.providers.scripted_server import Conversation, Script, answer, saying

# What every answer means, for the read, for the burn of one voucher, and for the burn of three


UNKNOWN = OutcomeUnknown


ANSWERS: dict[str, tuple[Script, type[ProviderError], str, type[ProviderError], str, type[ProviderError], str]] = {
    "400": (said(400), Rejected, "refused", Rejected, "issuer_refused", UNKNOWN, "group_refused"),
    "404 of another kind": (
        said(404, "shop_not_found"),
        *(BrokenContract, "unknown_answer", Rejected, "issuer_refused", UNKNOWN, "group_refused"),
    ),
    "422": (said(422, "voucher_burned"), Rejected, "refused", Rejected, "issuer_refused", UNKNOWN, "group_refused"),
    "402": (
        said(402),
        *(BrokenContract, "unknown_answer", UNKNOWN, "answer_needs_a_look", UNKNOWN, "answer_needs_a_look"),
    ),
    "405": (
        said(405),
        *(BrokenContract, "unknown_answer", UNKNOWN, "answer_needs_a_look", UNKNOWN, "answer_needs_a_look"),
    ),
    "408": (said(408), Unavailable, "provider_busy", UNKNOWN, "provider_busy", UNKNOWN, "provider_busy"),
    "409": (said(409), BrokenContract, "unknown_answer", UNKNOWN, "order_conflict", UNKNOWN, "order_conflict"),
    "423": (said(423), BrokenContract, "unknown_answer", UNKNOWN, "provider_busy", UNKNOWN, "provider_busy"),
    "425": (said(425), BrokenContract, "unknown_answer", UNKNOWN, "provider_busy", UNKNOWN, "provider_busy"),
    "429": (
        said(429, Retry_After="30"),
        *(Unavailable, "rate_limited", UNKNOWN, "rate_limited", UNKNOWN, "rate_limited"),
    ),
    "500": (said(500), Unavailable, "provider_error", UNKNOWN, "provider_error", UNKNOWN, "provider_error"),
    "500 with our order in it": (
        answer({"order_id": REF}, 500),
        *(Unavailable, "provider_error", UNKNOWN, "provider_error", UNKNOWN, "provider_error"),
    ),
    "302 with our order in it": (
        answer({"order_id": REF}, 302, {"Location": "/login"}),
        *(BrokenContract, "redirected", UNKNOWN, "redirected", UNKNOWN, "redirected"),
    ),
    "400 with our order in it": (
        answer({"error": "x", "message": "y", "order_id": REF}, 400),
        *(Rejected, "refused", UNKNOWN, "answer_needs_a_look", UNKNOWN, "answer_needs_a_look"),
    ),
    "404 HTML": (
        answer("<h1>404</h1>", 404),
        *(BrokenContract, "not_json", UNKNOWN, "unreadable", UNKNOWN, "unreadable"),
    ),
    "404 of a gateway": (
        answer({"message": "no Route matched with those values"}, 404),
        *(BrokenContract, "unknown_answer", UNKNOWN, "unreadable", UNKNOWN, "unreadable"),
    ),
    "403 of a proxy": (
        answer("<h1>403</h1>", 403),
        *(BrokenContract, "not_json", UNKNOWN, "unreadable", UNKNOWN, "unreadable"),
    ),
    "an HTML login page": (HTML, BrokenContract, "not_json", UNKNOWN, "unreadable", UNKNOWN, "unreadable"),
    "nothing at all": (answer(""), BrokenContract, "not_json", UNKNOWN, "unreadable", UNKNOWN, "unreadable"),
    "another order": (
        answer({"order_id": "TX_1"}),
        *(BrokenContract, "unreadable", UNKNOWN, "other_order", UNKNOWN, "other_order"),
    ),
    "our order in other letters": (
        answer({"order_id": REF.lower()}),
        *(BrokenContract, "unreadable", UNKNOWN, "other_order", UNKNOWN, "other_order"),
    ),
    "our order and an error": (
        answer({"order_id": REF, "error": "partially_burned"}),
        *(BrokenContract, "unreadable", UNKNOWN, "answer_needs_a_look", UNKNOWN, "answer_needs_a_look"),
    ),
    "our order twice": (
        answer(b'{"order_id":"TX_123456789","order_id":"TX_1"}'),
        *(BrokenContract, "not_json", UNKNOWN, "unreadable", UNKNOWN, "unreadable"),
    ),
    "our order in a list": (
        answer([{"order_id": REF}]),
        *(BrokenContract, "unreadable", UNKNOWN, "unreadable", UNKNOWN, "unreadable"),
    ),
    "a number for an order": (
        answer({"order_id": 5}),
        *(BrokenContract, "unreadable", UNKNOWN, "unreadable", UNKNOWN, "unreadable"),
    ),
    "200 and no": (
        answer({"error": "not_found", "message": "no"}),
        *(BrokenContract, "unreadable", UNKNOWN, "answer_needs_a_look", UNKNOWN, "answer_needs_a_look"),
    ),
    "reset": (
        Conversation.reset,
        *(Unavailable, "connection_lost", UNKNOWN, "connection_lost", UNKNOWN, "connection_lost"),
    ),
    "cut short": (
        saying(b'HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"order_id":"TX_123456789"}'),
        *(Unavailable, "truncated", UNKNOWN, "truncated", UNKNOWN, "truncated"),
    ),
}


@pytest.mark.parametrize("act", KINDS)
@pytest.mark.parametrize("case", ANSWERS)
def test_every_answer_is_named_by_what_to_do_next_and_asked_for_once(case: str, act: Act) -> None:
    script, place = ANSWERS[case][0], KINDS[act]
    error, at = refusal(act, script)
    assert (type(error), error.code) == ANSWERS[case][place : place + 2]
    assert at.server.connections == 1


def test_a_limit_says_how_long_to_wait() -> None:
    for act in KINDS:
        error, _ = refusal(act, ANSWERS["429"][0])
        assert (error.retry_after, error.status) == (30, 429)


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_2xx_that_names_our_order_is_a_receipt(status: int) -> None:
    with desk(answer({"order_id": REF, "points": 10.55}, status)) as at:
        found = at.client.redeem_vouchers(order())
    assert (found.codes, found.references) == ((CODE,), {"order_id": REF})


# Nothing leaks


@pytest.mark.parametrize("act", [finding, redeeming, redeeming_three, lambda client: client.exported_sale(REF, DAY)])
def test_the_journal_holds_no_person_no_key_no_signature_and_no_whole_code(act: Act) -> None:
    body = payload("status_sample.response") if act is finding else payload("burn_sample.response")
    body = (
        b'[{"order_id":"TX_123456789","mobile_number":"+212611223344","agent_id":"Amina"}]'
        if "<lambda>" in repr(act)
        else body
    )
    with desk(answer(body)) as at:
        act(at.client)
    kept, signature = repr(at.calls), at.server.header("X-SIGNATURE")
    secrets = [CODE, *BURNED_CODES, "611223344", "612345678", "612475678", "Amina", "canary", KEY.splitlines()[5]]
    for secret in [*secrets, *([signature[-40:]] if signature else [])]:
        assert secret not in kept, secret


def test_the_path_in_the_journal_ends_with_four_letters_of_the_code() -> None:
    with desk(captured("status_sample")) as at:
        at.client.find_voucher(CODE)
    assert at.calls[0].path == "/shops/1234/vouchers/…GFd7"
    assert '"code": "…GFd7"' in at.calls[0].received


@pytest.mark.parametrize("act", [finding, redeeming, redeeming_three])
def test_an_error_quotes_their_words_without_ours(act: Act) -> None:
    words = f"Voucher {CODE} or abcd0002 of +212611223344 is not yours"
    error, at = refusal(act, answer({"error": CODE, "message": words}, 400))
    ours = BURNED_CODES if act is redeeming_three else (CODE,)
    for secret in [*ours, "611223344"]:
        assert secret not in f"{error} {error.detail} {error!r} {at.calls}", secret
    assert "HTTP 400" in error.detail and "is not yours" in error.detail


def test_the_spec_says_what_a_sale_needs() -> None:
    assert (SPEC.values_in, SPEC.owner_check, SPEC.most_codes, SPEC.currency) == ("points", "phone", 10, "MAD")
    assert all(host.endswith("app.kenzup.com") for host in SPEC.hosts)
    assert SECRETS.keys() == set(SPEC.all_secret_fields)
