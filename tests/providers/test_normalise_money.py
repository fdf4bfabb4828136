"""Amounts: read without guessing, written without surprises."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.normalise import UnreadableAmount, decimals_of, plain_amount, read_amount

amounts = st.decimals(min_value=0, max_value=Decimal("9999999999.99"), places=2)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("200", "200"),
        ("200.5", "200.5"),
        ("200,5", "200.5"),
        ("0.05", "0.05"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1\u00a0234.50", "1234.50"),
        ("1234,5", "1234.5"),
        ("1,234", "1234"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("1 234 567", "1234567"),
        ("١٬٢٣٤٫٥٠", "1234.50"),
        ("٢٠٠", "200"),
        ("۲۰۰٫۵", "200.5"),
        ("١٢٣٤،٥", "1234.5"),
        (" \u200f200\u200f ", "200"),
        ("007", "7"),
        ("999999999999", "999999999999"),
        ("9999999999.99", "9999999999.99"),
    ],
)
def test_it_reads_what_cashiers_type(text: str, amount: str) -> None:
    assert read_amount(text, "SAR") == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        (" \u200f ", "empty"),
        ("abc", "not_a_number"),
        ("12a", "not_a_number"),
        ("12.", "not_a_number"),
        (".5", "not_a_number"),
        ("1,23,456", "not_a_number"),
        ("12 34", "not_a_number"),
        ("1,234.5,6", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("1e5", "not_a_number"),
        ("1E5", "not_a_number"),
        ("NaN", "not_a_number"),
        ("sNaN", "not_a_number"),
        ("inf", "not_a_number"),
        ("-inf", "not_a_number"),
        ("0x10", "not_a_number"),
        ("1_000", "not_a_number"),
        ("+5", "not_a_number"),
        ("5)", "not_a_number"),
        ("--5", "not_a_number"),
        ("½", "not_a_number"),
        ("²", "not_a_number"),
        ("१२", "not_a_number"),
        ("-5", "negative"),
        ("\u22125", "negative"),
        ("(5)", "negative"),
        ("-1,234.50", "negative"),
        ("1.234", "too_many_decimals"),
        ("0,123", "too_many_decimals"),
        ("1234,567", "too_many_decimals"),
        ("1 234,500", "too_many_decimals"),
        ("200.000", "too_many_decimals"),
        ("1234567890123", "too_large"),
        ("12345678901.50", "too_large"),
        ("9" * 100_000, "too_large"),
    ],
)
def test_it_refuses_what_it_would_have_to_guess(text: str, code: str) -> None:
    with pytest.raises(UnreadableAmount) as raised:
        read_amount(text, "SAR")
    assert raised.value.code == code


def test_each_currency_has_its_own_decimals() -> None:
    assert [decimals_of(currency) for currency in ("SAR", "MAD", "KWD", "BHD", "OMR")] == [2, 2, 3, 3, 3]
    assert read_amount("1.234", "KWD") == Decimal("1.234")
    with pytest.raises(UnreadableAmount):
        read_amount("1.2345", "KWD")
    with pytest.raises(LookupError):
        read_amount("1", "XXX")


@settings(deadline=None)
@given(st.text())
def test_any_text_is_an_amount_or_one_of_five_refusals(text: str) -> None:
    try:
        amount = read_amount(text, "SAR")
    except UnreadableAmount as refusal:
        assert refusal.code in {"empty", "not_a_number", "negative", "too_many_decimals", "too_large"}
    else:
        assert amount.is_finite()
        assert amount >= 0
        assert read_amount(plain_amount(amount), "SAR") == amount


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("200", "200"),
        ("200.00", "200"),
        ("200.50", "200.5"),
        ("0", "0"),
        ("-0.00", "0"),
        ("0E+5", "0"),
        ("2E+2", "200"),
        ("1E-2", "0.01"),
        ("100", "100"),
        ("-5.10", "-5.1"),
        ("12345678901234567890.12", "12345678901234567890.12"),
    ],
)
def test_it_writes_plain_digits(amount: str, text: str) -> None:
    assert plain_amount(Decimal(amount)) == text


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+400", "1E-400", "1E+999999999"])
def test_it_does_not_write_what_is_no_amount(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        plain_amount(Decimal(amount))


@settings(deadline=None)
@given(amounts)
def test_what_it_writes_it_reads_and_writes_again_alike(amount: Decimal) -> None:
    text = plain_amount(amount)
    assert read_amount(text, "SAR") == amount
    assert plain_amount(read_amount(text, "SAR")) == text
    assert "E" not in text


@settings(deadline=None)
@given(amounts)
def test_both_ways_of_grouping_thousands_are_read(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    french = english.replace(",", " ").replace(".", ",")
    arabic = english.replace(",", "٬").replace(".", "٫").translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert read_amount(english, "SAR") == read_amount(french, "SAR") == read_amount(arabic, "SAR") == amount


def test_ten_thousand_bills_add_up_to_the_last_halala() -> None:
    draw = random.Random(20261121)
    for _ in range(10_000):
        total = Decimal(draw.randrange(1, 100_000_000)) / 100
        voucher = Decimal(draw.randrange(0, int(total * 100) + 1)) / 100
        rest = total - voucher
        sent = [plain_amount(amount) for amount in (total, voucher, rest)]
        read = [read_amount(text, "SAR") for text in sent]
        assert read == [total, voucher, rest]
        assert read[0] - read[1] == read[2]
        assert not any(text.endswith(".") or ("." in text and text.endswith("0")) or "E" in text for text in sent)
