"""What the client makes of everything Kenz'up may answer: fact sheet §3 to §6, reliability §2.4 and §3.2."""

from __future__ import annotations

import base64
import copy
import datetime as dt
import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.afriquia_gaz import SPEC, mapping
from providers.afriquia_gaz.client import AfriquiaGaz
from providers.afriquia_gaz.sandbox_keys import is_signed, pair
from providers.afriquia_gaz.signing import RsaSigner
from providers.contracts import VoucherStatus
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, ProviderError, Rejected, Unavailable
from providers.http import strict_json
from tests.providers.afriquia_gaz.account import (
    BURNED_CODES,
    CODE,
    KEY,
    NEXT_KEY,
    REF,
    SECRETS,
    Keys,
    captured,
    desk,
    fields,
    finding,
    order,
    payload,
    redeeming,
    redeeming_three,
    refusal,
    trying_the_key,
)
from tests.providers.scripted_server import Conversation, Script, answer, saying

Act = Callable[[AfriquiaGaz], object]
HTML = answer("<html><body>Sign in</body></html>", headers={"Content-Type": "text/html"})
NEXT = {"private_key": NEXT_KEY}


def said(status: int, error: str = "bad_request", **headers: str) -> Script:
    """A refusal in their documented shape."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer({"error": error, "message": "No."}, status, names)


def voucher(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(fields("status_sample.response")[0]), **changes}


def reading(body: object) -> Any:
    with desk(answer(body)) as at:
        return at.client.find_voucher(CODE)


# Reads: the quirks of §6


def test_a_bare_object_and_a_list_of_one_are_the_same_voucher() -> None:
    assert reading(voucher_json()) == reading(f"[{voucher_json()}]")


def voucher_json(points: str = "10.55", **changes: str) -> str:
    """By hand, because a number's text is what is tried here."""
    texts = {name: f'"{value}"' for name, value in {"status": "available", "code": CODE, **changes}.items()}
    pairs = ",".join(f'"{name}":{text}' for name, text in texts.items())
    return f'{{{pairs},"points_amount":{points},"customer":"+212612345678"}}'


def test_an_empty_list_is_no_voucher() -> None:
    assert reading([]) is None


@pytest.mark.parametrize(
    "body",
    [
        '[{"code":"dF54GFd6","status":"available","points_amount":1}]',
        '{"code":"dF54GFd6","status":"available","points_amount":1}',
        voucher_json(code="DF54GFD7"),
        voucher_json(code="dF54GFd7 "),
        f"[{voucher_json(code='df54gfd7')}]",
    ],
)
def test_an_answer_about_others_is_never_taken_for_ours_and_codes_are_told_apart_by_case(body: str) -> None:
    error, _ = refusal(finding, answer(body))
    assert (type(error), error.code) == (BrokenContract, "other_code")


def test_our_voucher_is_found_wherever_it_stands_in_the_list() -> None:
    strange = '{"code":"dF54GFd6","status":null}'  # of a stranger's voucher only the code matters
    assert reading(f"[{strange},{voucher_json()}]").code == CODE


def test_our_voucher_twice_is_not_chosen_from() -> None:
    error, _ = refusal(finding, answer(f"[{voucher_json()},{voucher_json(status='burned')}]"))
    assert (type(error), error.code) == (BrokenContract, "unreadable")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("available", VoucherStatus.USABLE),
        (" Available\u200f", VoucherStatus.USABLE),
        ("burned", VoucherStatus.USED),
        ("canceled", VoucherStatus.CANCELED),
        ("cancelled", VoucherStatus.CANCELED),
        ("expired", VoucherStatus.UNSEEN),
        ("frozen", VoucherStatus.UNSEEN),
        ("", VoucherStatus.UNSEEN),
    ],
)
def test_a_status_word_is_mapped_or_survives_as_it_is(word: str, status: VoucherStatus) -> None:
    found = reading(voucher_json(status=word))
    assert (found.status, found.raw_status) == (status, word.strip().removesuffix("\u200f"))


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("10.55", "10.55"),
        ("10", "10"),
        ("10.50", "10.5"),
        ("1e1", "10"),
        ("0", "0"),
        ('"10.55"', "10.55"),
        ("0.30000000000000004", "0.3"),
        ("10.549999999999999", "10.55"),
    ],
)
def test_points_are_read_to_the_hundredth_without_a_floats_noise(text: str, points: str) -> None:
    assert str(reading(voucher_json(points=text)).value) == points


@pytest.mark.parametrize(
    "body",
    [
        *(voucher_json(points=text) for text in ("-1", "10.555", "1e12", "null", "true", '"ten"', "[10]")),
        "null",
        '"available"',
        "[[]]",
        "[null]",
        "{}",
        f'{{"code":"{CODE}","points_amount":1}}',
        f'{{"code":"{CODE}","status":null,"points_amount":1}}',
        f'{{"code":"{CODE}","status":"available"}}',
        '{"code":5,"status":"available","points_amount":1}',
    ],
)
def test_a_voucher_it_cannot_read_is_a_broken_contract(body: str) -> None:
    error, _ = refusal(finding, answer(body))
    assert (type(error), error.code) == (BrokenContract, "unreadable")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ('"0612345678"', "+212612345678"),
        ('"07 29-12-34-56"', "+212729123456"),  # a range newer than the library's tables
        ('"00212612345678"', "+212612345678"),
        ("612345678", "+212612345678"),
        ('"+33612345678"', "+33612345678"),
        ('"no phone"', "no phone"),
        ("null", ""),
    ],
)
def test_the_owners_phone_is_e164_where_it_can_be_read(theirs: str, ours: str) -> None:
    body = voucher_json().replace('"+212612345678"', theirs)
    assert reading(body).holder_phone == ours


def test_what_is_optional_may_be_anything_and_strangers_are_ignored() -> None:
    body = voucher_json()[:-1] + ',"created_at":20220121,"shop":{"deep":[1]}}'
    assert reading(body).payload["created_at"] == ""
    assert reading('{"code":"dF54GFd7","status":"burned","points_amount":1}').holder_phone == ""


def test_a_record_shows_no_person_and_no_code_in_a_log() -> None:
    found = reading(voucher_json())
    assert CODE not in repr(found) and "612345678" not in repr(found)


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
KINDS = {finding: 1, redeeming: 3, redeeming_three: 5}


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


# Keys: the one in use, and the next


@pytest.mark.parametrize("refused", [said(401, "unauthorized"), said(403, "forbidden")])
@pytest.mark.parametrize(("act", "good"), [(finding, "status_sample"), (redeeming, "burn_sample")])
def test_a_refused_key_gives_way_to_the_next_once_that_is_proved(refused: Script, act: Act, good: str) -> None:
    with desk(refused, captured("not_found", 404), captured(good), keys=Keys(upcoming=NEXT)) as at:
        assert act(at.client) is not None
    assert at.keys.replaced == 1
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
    assert (at.server.connections, at.keys.replaced) == (2, 0)


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
    assert (at.server.connections, at.keys.replaced) == (1, 0)


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


# The burn


def test_what_is_signed_is_what_is_sent() -> None:
    with desk(captured("burn_sample")) as at:
        at.client.redeem_vouchers(order())
    head, _, body = at.server.requests[0].partition(b"\r\n\r\n")
    signed = dict(part.split("=", 1) for part in at.server.header("X-SIGNATURE").split(","))
    assert base64.b64decode(signed["payload"]) == body == mapping.burn_body(order(), "POS_123456789")
    assert signed["host"] == at.server.header("Host")
    assert f"{signed['method']} {signed['uri']} HTTP/1.1".encode() == head.split(b"\r\n")[0]
    assert signed["client_id"] == strict_json(body)["terminal_id"]


def test_another_way_of_signing_is_an_argument() -> None:
    other = RsaSigner(host="kenzup.com", clock=lambda: dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    with desk(captured("burn_sample"), signer=other) as at:
        at.client.redeem_vouchers(order())
    assert "host=kenzup.com,method=POST,timestamp=2026-01-01T00:00:00+00:00" in at.server.header("X-SIGNATURE")


def test_a_resend_has_the_same_bytes_and_a_signature_of_its_own_time() -> None:
    moments = iter(dt.datetime(2026, 1, 1, 0, 0, second, tzinfo=dt.UTC) for second in range(2))
    with desk(captured("burn_sample"), signer=RsaSigner(clock=lambda: next(moments))) as at:
        for _ in range(2):
            at.client.redeem_vouchers(order())
    first, second = (request.partition(b"\r\n\r\n")[2] for request in at.server.requests)
    assert first == second
    assert at.server.header("X-SIGNATURE", 0) != at.server.header("X-SIGNATURE", 1)


def test_the_bytes_are_sorted_and_spaced_as_in_their_sample_of_a_signed_payload() -> None:
    sale = order("abcd0001", "abcd0002", services_total=Decimal("99.5"), client_pays=Decimal(0))
    assert mapping.burn_body(sale, "POS_1") == (
        b'{"amount": 99.50, "currency": "MAD", "customer": "+212611223344", "order_id": "TX_123456789", '
        b'"terminal_id": "POS_1", "time": "2021-02-12T19:20:30+01:00", "vouchers": ["abcd0001", "abcd0002"]}'
    )


@settings(deadline=None)
@given(st.integers(1, 10**11 - 1))
def test_every_amount_is_a_json_number_with_two_decimals_and_no_float_in_between(cents: int) -> None:
    amount = Decimal(cents) / 100
    body = mapping.burn_body(order(services_total=amount, client_pays=Decimal(0)), "POS_1")
    text = body.partition(b'"amount": ')[2].partition(b",")[0].decode()
    assert text == f"{cents // 100}.{cents % 100:02d}"
    assert strict_json(body)["amount"] == amount


@pytest.mark.parametrize("phone", ["0611223344", "06 11-22.33 44", "00212611223344", "+212611223344", "611223344"])
def test_the_owners_phone_is_sent_in_one_form(phone: str) -> None:
    assert strict_json(mapping.burn_body(order(customer_phone=phone), "POS_1"))["customer"] == "+212611223344"


@pytest.mark.parametrize(("phone", "warned"), [("+33612345678", True), ("+212522123456", True), ("0729123456", False)])
def test_a_phone_from_elsewhere_is_warned_of_and_sent(
    phone: str, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), desk(captured("burn_sample")) as at:
        at.client.redeem_vouchers(order(customer_phone=phone))
    assert ("no Moroccan mobile" in caplog.text) is warned
    assert phone.lstrip("+0") not in caplog.text and "T05" not in caplog.text


@pytest.mark.parametrize(
    "changes",
    [
        {"codes": (), "values": ()},
        {"codes": (CODE, CODE), "values": (Decimal(1), Decimal(1))},
        {"codes": (CODE, "abcd0001"), "values": (Decimal(1),)},
        {"codes": tuple(f"abcd{n:04}" for n in range(11)), "values": (Decimal(1),) * 11},
        {"values": (Decimal("NaN"),)},
        {"values": (Decimal(-1),)},
        {"currency": "SAR"},
        {"currency": "PTS"},
        {"services_total": Decimal(0), "client_pays": Decimal(0)},
        {"services_total": Decimal("100.005")},
        {"services_total": Decimal("NaN")},
        {"services_total": Decimal("Infinity")},
        {"client_pays": Decimal("100.01")},
        {"client_pays": Decimal(-1)},
        {"customer_phone": ""},
        {"customer_phone": "nobody"},
        {"at": ""},
        {"at": "2021-02-12T19:20:30"},
        {"at": "2021-02-12"},
        {"at": "yesterday"},
        {"order_ref": ""},
        {"order_ref": "TX 1"},
        {"order_ref": "TX\r\n1"},
        {"order_ref": "X" * 65},
        *({"codes": (code,)} for code in ("../../x", "a/b?c", "abc", "é" * 8, "abcd 0001", "", "A" * 5000, "abcd٠٠٠١")),
    ],
)
def test_an_order_they_have_no_words_for_is_never_sent(changes: dict[str, Any]) -> None:
    with desk(captured("burn_sample")) as at, pytest.raises((ValueError, ArithmeticError)):
        at.client.redeem_vouchers(order(**changes))
    assert at.server.connections == 0


def test_the_most_vouchers_of_the_spec_fit_into_one_burn() -> None:
    codes = tuple(f"abcd{number:04}" for number in range(SPEC.most_codes))
    with desk(captured("burn_sample")) as at:
        assert at.client.redeem_vouchers(order(*codes)).codes == codes


# The export, where the account has a login for it

DAY = dt.date(2026, 3, 1)
ROWS = [
    {"earn_burn": "earn", "order_id": "TX_OTHER", "mobile_number": "+212611223344"},
    {"earn_burn": "burn", "order_id": REF, "terminal_id": "POS_1", "sale_timestamp": "2026-03-01T10:00:00+00:00"},
    {"earn_burn": "earn", "order_id": REF, "amount": 12.45, "agent_id": 7},
]


def test_a_sale_is_found_in_the_export_by_our_reference() -> None:
    with desk(answer(ROWS)) as at:
        found = at.client.exported_sale(REF, DAY)
    assert found is not None
    assert (found.order_ref, found.terminal, found.sold_at, found.kinds) == (
        REF,
        "POS_1",
        "2026-03-01T10:00:00+00:00",
        ("burn", "earn"),
    )
    assert at.server.paths() == ["/api/v1/ledger/export-sales/json?shop=1234&start=2026-02-28&end=2026-03-02"]
    assert at.server.header("Authorization") == "Basic canary-export-login"
    assert at.server.header("X-SIGNATURE") == ""


@pytest.mark.parametrize("rows", [[], ROWS[:1], [{}], [{"order_id": None}], [{"order_id": REF.lower()}]])
def test_a_sale_that_is_not_listed_is_none(rows: object) -> None:
    with desk(answer(rows)) as at:
        assert at.client.exported_sale(REF, DAY) is None


def test_the_word_basic_may_have_been_pasted_with_the_login() -> None:
    with desk(answer([]), keys=Keys({"export_basic": "Basic abc="})) as at:
        at.client.exported_sale(REF, DAY)
    assert at.server.header("Authorization") == "Basic abc="


@pytest.mark.parametrize("basic", ["", "a b", "x\r\nHost: y"])
def test_without_a_login_for_the_export_nothing_is_asked(basic: str) -> None:
    with desk(answer([]), keys=Keys({"export_basic": basic})) as at, pytest.raises(Misconfigured) as raised:
        at.client.exported_sale(REF, DAY)
    assert (raised.value.code, at.server.connections) == ("export_not_set_up", 0)


@pytest.mark.parametrize(
    ("script", "kind", "code"),
    [
        (said(401), Misconfigured, "export_refused"),
        (answer("<h1>403</h1>", 403), Misconfigured, "export_refused"),
        (said(500), Unavailable, "provider_error"),
        (said(404), BrokenContract, "unknown_answer"),
        (HTML, BrokenContract, "not_json"),
        (answer({"rows": []}), BrokenContract, "unreadable"),
        (answer(["x"]), BrokenContract, "unreadable"),
        (answer([{}] * 5001), BrokenContract, "unreadable"),
        (answer(b"[" + b" " * 2_000_000 + b"]"), BrokenContract, "too_large"),
    ],
)
def test_an_export_that_cannot_be_read_says_why(script: Script, kind: type[ProviderError], code: str) -> None:
    error, _ = refusal(lambda client: client.exported_sale(REF, DAY), script)
    assert (type(error), error.code) == (kind, code)


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
