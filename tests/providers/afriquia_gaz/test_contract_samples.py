"""Every sample of their page, as captured, through the client over a real socket.

Only the comma that makes the burn's answer no JSON was taken out; as it is printed it is tried too.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from providers.afriquia_gaz import mapping
from providers.contracts import POINTS, VoucherStatus
from providers.errors import OutcomeUnknown
from providers.http import strict_json
from tests.providers.afriquia_gaz.account import BURNED_CODES, PAYLOADS, REF, captured, desk, fields, order
from tests.providers.scripted_server import answer


def test_every_sample_is_strict_json() -> None:
    names = sorted(path.stem for path in PAYLOADS.glob("*.json"))
    assert len(names) == 4
    assert all(fields(name) for name in names)


@pytest.mark.parametrize(
    ("code", "points", "owner"), [("dF54GFd7", "10.55", "+212612345678"), ("dF54GFd6", "12.55", "+212612475678")]
)
def test_of_the_two_vouchers_of_the_sample_it_reads_the_one_it_asked_for(code: str, points: str, owner: str) -> None:
    with desk(captured("status_sample")) as at:
        found = at.client.find_voucher(code)
    assert at.server.paths() == [f"/api/v1/shops/1234/vouchers/{code}"]
    assert found is not None
    assert (found.code, found.status, found.raw_status) == (code, VoucherStatus.USABLE, "available")
    assert (found.value, found.currency, found.holder_phone) == (Decimal(points), POINTS, owner)
    assert (found.external_id, found.expires_on, found.cards, found.holder_name) == ("", None, (), "")


def test_the_mirror_of_a_voucher_names_nobody() -> None:
    with desk(captured("status_sample")) as at:
        found = at.client.find_voucher("dF54GFd7")
    assert found is not None
    assert found.payload == {
        "status": "available",
        "points_amount": "10.55",
        "created_at": "2022-01-21T10:16:57.131872+01:00",
    }


def test_their_not_found_is_no_voucher() -> None:
    with desk(captured("not_found", 404)) as at:
        assert at.client.find_voucher("dF54GFd7") is None


def test_what_it_sends_has_the_documented_keys_and_values() -> None:
    with desk(captured("burn_sample")) as at:
        found = at.client.redeem_vouchers(order(*BURNED_CODES))
    assert at.server.paths() == ["/api/v1/shops/1234/vouchers-burn"]
    assert at.server.bodies() == [fields("burn_sample.request")]
    assert at.server.header("Content-Type") == "application/json"
    assert (found.codes, found.references) == (BURNED_CODES, {"order_id": REF})


def test_an_amount_is_written_as_in_the_sample_and_read_back_to_the_cent() -> None:
    body = mapping.burn_body(order(*BURNED_CODES), "POS_123456789")
    assert b'"amount": 100.00,' in body
    assert strict_json(body)["amount"] == Decimal("100.00")


def test_the_answer_as_it_is_printed_is_no_json_and_proves_nothing() -> None:
    with desk(answer('{\n"order_id": "TX_123456789",\n}')) as at, pytest.raises(OutcomeUnknown) as raised:
        at.client.redeem_vouchers(order(*BURNED_CODES))
    assert raised.value.code == "unreadable"
    assert len(at.server.requests) == 1
