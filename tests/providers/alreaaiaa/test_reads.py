"""A voucher of Alreaaiaa as the client reads it: the quirks of fact sheet §4."""

from __future__ import annotations

from decimal import Decimal

import pytest

from providers.contracts import VoucherStatus
from providers.errors import BrokenContract
from tests.providers.alreaaiaa.account import CODE, finding, refusal
from tests.providers.alreaaiaa.answers import reading, voucher
from tests.providers.scripted_server import answer


def test_a_list_with_our_voucher_in_it_is_read() -> None:
    other = voucher(voucher_code="VCL6C5944NO9216")["data"]
    found = reading({"msg": "", "data": [other, voucher()["data"]], "key": "success"})
    assert found.code == CODE


def test_a_list_without_our_voucher_is_no_voucher() -> None:
    other = voucher(voucher_code="VCL6C5944NO9216")["data"]
    assert reading({"msg": "", "data": [other], "key": "success"}) is None
    assert reading({"msg": "", "data": [], "key": "success"}) is None


def test_our_voucher_twice_in_a_list_is_not_chosen_from() -> None:
    body = {"msg": "", "data": [voucher()["data"], voucher(status="used")["data"]], "key": "success"}
    error, _ = refusal(finding, answer(body))
    assert type(error) is BrokenContract


def test_a_missing_voucher_is_told_by_null_and_not_by_its_words() -> None:
    assert reading({"msg": "القسيمة غير موجودة", "data": None, "key": "success"}) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("verified", VoucherStatus.USABLE),
        (" Verified\u200f", VoucherStatus.USABLE),
        ("used", VoucherStatus.USED),
        ("expired", VoucherStatus.EXPIRED),
        ("canceled", VoucherStatus.CANCELED),
        ("canceld", VoucherStatus.CANCELED),
        ("cancelled", VoucherStatus.CANCELED),
        ("pending", VoucherStatus.PENDING),
        ("frozen", VoucherStatus.UNSEEN),
        ("", VoucherStatus.UNSEEN),
        (None, VoucherStatus.UNSEEN),
        (3, VoucherStatus.UNSEEN),
    ],
)
def test_a_status_word_is_mapped_or_kept_as_unseen(word: object, status: VoucherStatus) -> None:
    found = reading(voucher(status=word))
    assert found.status is status
    assert found.raw_status == ("" if word is None else str(word).strip().removesuffix("\u200f"))


@pytest.mark.parametrize("price", [200, "200", "200.00", 200.0, 2e2])
def test_a_price_may_be_a_number_or_a_text(price: object) -> None:
    assert reading(voucher(price_value=price)).value == Decimal(200)
    assert str(reading(voucher(price_value=price)).value) == "200"


@pytest.mark.parametrize(
    "change",
    [
        {"price_value": None},
        {"price_value": -5},
        {"price_value": "NaN"},
        {"price_value": "1e300"},
        {"price_value": "1e-300"},
        {"price_value": 10.555},
        {"price_value": True},
        {"price_value": "two hundred"},
        {"price_value": [200]},
        {"expiry_date": "soon"},
        {"expiry_date": "2025-02-30"},
        {"id": None},
        {"id": {"a": 1}},
        {"id": True},
        {"voucher_code": None},
        {"client": "somebody"},
        {"client_cards": {"0": {}}},
    ],
)
def test_a_voucher_it_cannot_read_is_a_broken_contract(change: dict[str, object]) -> None:
    error, _ = refusal(finding, answer(voucher(**change)))
    assert (type(error), error.code) == (BrokenContract, "unreadable")


@pytest.mark.parametrize("name", ["client", "client_cards", "reason", "expiry_date", "client_id", "status"])
def test_what_is_optional_may_be_null_or_absent(name: str) -> None:
    absent = voucher()
    del absent["data"][name]
    assert reading(voucher(**{name: None})) is not None
    assert reading(absent) is not None


def test_numbers_may_be_texts_and_texts_numbers_and_strangers_are_ignored() -> None:
    body = voucher(id="105", client_id="4", strange={"deep": [1, 2]})
    body["data"]["client"].update(phone=501234569, identity_number=501234569, id="4")
    body["data"]["client_cards"][0].update(id="316", phone=966501234567)
    found = reading({**body, "trace": "x"})
    assert (found.external_id, found.holder_phone, found.holder_id_number) == ("105", "+966501234569", "501234569")
    assert (found.cards[0].external_id, found.cards[0].phone) == ("316", "+966501234567")


def test_a_date_with_a_time_is_read_and_a_card_with_a_bad_date_hides_nothing() -> None:
    body = voucher(expiry_date="2025-07-21 00:00:00")
    body["data"]["client_cards"][0].update(start_date="0000-00-00", end_date=None)
    found = reading(body)
    assert str(found.expires_on) == "2025-07-21"
    assert (found.cards[0].valid_from, found.cards[0].valid_until) == (None, None)


def test_marks_in_names_are_cleaned() -> None:
    body = voucher(reason="\u202eسبب\x00")
    body["data"]["client"]["name"] = "\u200fاحمد\u202e  احمد\n"
    found = reading(body)
    assert (found.holder_name, found.reason) == ("احمد احمد", "سبب")


def test_a_code_in_other_letters_is_still_our_code() -> None:
    assert reading(voucher(voucher_code="vcl6c5944no4058\u200f")).external_id == "105"


def test_a_record_shows_no_person_and_no_code_in_a_log() -> None:
    body = voucher()
    body["data"]["client"].update(identity_number="1098765432")
    assert "1098765432" not in repr(reading(body))
    assert CODE not in repr(reading(body))
