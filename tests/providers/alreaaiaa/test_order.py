"""What a redemption says, to the byte, which answer proves it, and which order never leaves."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.alreaaiaa import mapping
from providers.errors import OutcomeUnknown, Unavailable
from tests.providers.alreaaiaa.account import CODE, captured, desk, finding, order, redeeming, refusal
from tests.providers.alreaaiaa.answers import LOGIN, Act, used
from tests.providers.scripted_server import answer


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
