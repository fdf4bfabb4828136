"""Every sample of their documentation, as captured, through the client over a real socket.

Only what the samples themselves made unreadable was taken out: "lock here" marks, rows of dots, a leading word "json".
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from providers.alreaaiaa import mapping
from providers.contracts import VoucherStatus
from providers.errors import BrokenContract, OutcomeUnknown
from tests.providers.alreaaiaa.account import CODE, PAYLOADS, captured, desk, fields, order, payload

KASRA = "\u0650"


def test_every_sample_is_strict_json() -> None:
    names = sorted(path.stem for path in PAYLOADS.glob("*.json"))
    assert len(names) == 20
    assert all(isinstance(fields(name), dict) for name in names)


def test_the_samples_still_have_the_invisible_mark_that_breaks_a_login() -> None:
    assert fields("login_testing.request")["email"].startswith(KASRA)
    assert fields("login_sample.response")["data"]["user"]["email"].startswith(KASRA)


@pytest.mark.parametrize(
    ("sample", "user_id", "user_name"),
    [("login_sample", "1234", "user example"), ("login_testing", "25", "centeradmintesting")],
)
def test_it_logs_in_with_either_sample(sample: str, user_id: str, user_name: str) -> None:
    with desk(captured(sample)) as at:
        found = at.client.log_in(fields(f"{sample}.request"))
    assert (found.user_id, found.user_name) == (user_id, user_name)
    assert found.token == fields(f"{sample}.response")["data"]["token"]
    sent = at.server.bodies()[0]
    assert list(sent) == list(fields(f"{sample}.request"))
    assert sent["email"] == fields(f"{sample}.request")["email"].removeprefix(KASRA)
    assert at.server.paths() == ["/api/v1/getAuthToken"]
    assert at.server.header("Authorization") == ""


def test_it_reads_a_verified_voucher_with_its_three_cards() -> None:
    with desk(captured("find_verified")) as at:
        found = at.client.find_voucher(CODE)
    assert at.server.paths() == ["/api/v1/findClientCenterVouchers"]
    assert at.server.header("Authorization") == "Bearer cached-token"
    assert at.server.bodies() == [fields("find_verified.request")]
    assert found is not None
    assert (found.code, found.external_id, found.status, found.raw_status) == (
        CODE,
        "105",
        VoucherStatus.USABLE,
        "verified",
    )
    assert (found.value, found.currency, found.expires_on) == (Decimal(200), "SAR", dt.date(2025, 7, 21))
    assert (found.reason, found.holder_name, found.holder_phone) == ("", "test client", "+966501234569")
    assert found.holder_id_number == "501234569"
    assert [(card.external_id, card.name, card.phone) for card in found.cards] == [
        ("316", "client name", "966330033300"),
        ("317", "any name", "96634510"),
        ("4361176", "name ali", "96634510021"),
    ]
    assert {(card.valid_from, card.valid_until) for card in found.cards} == {
        (dt.date(2025, 3, 11), dt.date(2026, 3, 11))
    }


def test_the_mirror_of_a_voucher_names_nobody() -> None:
    with desk(captured("find_verified")) as at:
        found = at.client.find_voucher(CODE)
    assert found is not None
    assert found.payload == {
        "id": "105",
        "client_id": "4",
        "price_value": "200",
        "expiry_date": "2025-07-21",
        "status": "verified",
    }


def test_arabic_names_arrive_whole() -> None:
    with desk(captured("find_sample")) as at:
        found = at.client.find_voucher("VCL6C5881NO4658")
    assert found is not None
    assert [card.name for card in found.cards] == ["احمد احمد", "احمد احمد عبد الله"]
    assert [card.phone for card in found.cards] == ["+966501234567", "+966501234567"]
    assert (found.holder_phone, found.value) == ("+966512345678", Decimal(150))


def test_a_sample_that_answers_for_another_code_is_not_believed() -> None:
    asked = fields("find_sample.request")["voucher_code"]
    with desk(captured("find_sample")) as at, pytest.raises(BrokenContract) as raised:
        at.client.find_voucher(asked)
    assert raised.value.code == "other_code"


@pytest.mark.parametrize(
    ("sample", "status"), [("find_used", VoucherStatus.USED), ("find_expired", VoucherStatus.EXPIRED)]
)
def test_it_reads_a_voucher_that_cannot_be_used(sample: str, status: VoucherStatus) -> None:
    with desk(captured(sample)) as at:
        found = at.client.find_voucher(fields(f"{sample}.request")["voucher_code"])
    assert found is not None
    assert (found.status, found.expires_on) == (status, dt.date(2025, 5, 15))


def test_an_unknown_code_is_no_voucher_although_they_call_it_success() -> None:
    with desk(captured("find_unknown")) as at:
        assert at.client.find_voucher("VCL6C5944NO405812") is None


@pytest.mark.parametrize(
    ("sample", "value", "pays", "references"),
    [
        ("use_verified", 200, 400, {"id": "105", "order_id": "75131", "center_id": "5918904", "voucher_id": "3"}),
        ("use_sample", 150, 450, {"id": "109", "order_id": "684948", "center_id": "5881", "voucher_id": "4"}),
    ],
)
def test_it_redeems_and_keeps_every_reference(sample: str, value: int, pays: int, references: dict[str, str]) -> None:
    code = fields(f"{sample}.request")["voucher_code"]
    sale = order(codes=(code,), values=(Decimal(value),), client_pays=Decimal(pays))
    with desk(captured(sample)) as at:
        found = at.client.redeem_vouchers(sale)
    assert at.server.paths() == ["/api/v1/makeClientCenterVouchersUsed"]
    assert found.codes == (code,)
    assert references.items() <= found.references.items()
    assert found.references["updated_at"] == fields(f"{sample}.response")["data"]["updated_at"]
    assert found.references["created_at"] == fields(f"{sample}.response")["data"]["created_at"]


@pytest.mark.parametrize("sample", ["use_verified", "use_sample", "use_unknown"])
def test_what_it_sends_is_the_documented_request(sample: str) -> None:
    documented = fields(f"{sample}.request")
    sale = order(
        codes=(documented["voucher_code"],),
        values=(Decimal(documented["voucher_price"]),),
        client_pays=Decimal(documented["total_client_paid_amount"]),
    )
    assert mapping.redeem_body(sale) == payload(f"{sample}.request").strip().replace(b" ", b"")


def test_an_unknown_code_cannot_be_redeemed_and_the_answer_needs_a_look() -> None:
    with desk(captured("use_unknown")) as at, pytest.raises(OutcomeUnknown) as raised:
        at.client.redeem_vouchers(order(codes=("VCL6C5944NO4058154",)))
    assert raised.value.code == "answer_needs_a_look"
    assert len(at.server.requests) == 1
