"""What a burn says, to the byte, and which order never leaves."""

from __future__ import annotations

import base64
import datetime as dt
import logging
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.afriquia_gaz import SPEC, mapping
from providers.afriquia_gaz.signing import RsaSigner
from providers.http import strict_json
from tests.providers.afriquia_gaz.account import CODE, captured, desk, order


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
