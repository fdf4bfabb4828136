"""Phones in every shape the providers have shown, best effort and never an error."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from providers.normalise import mask_phone, to_e164


@pytest.mark.parametrize(
    "raw",
    [
        "966501234567",
        "501234567",
        "0501234567",
        "+966501234567",
        "00966501234567",
        "+966 50 123 4567",
        "+966 (0) 50-123-4567",
        "050.123.4567",
        "٠٥٠١٢٣٤٥٦٧",
        "۰۵۰۱۲۳۴۵۶۷",
        "+٩٦٦٥٠١٢٣٤٥٦٧",
        "\u200f050 123 4567\u200e",
        "\u202a+966 50 123 4567\u202c",
        "０５０１２３４５６７",
        "050–123–4567",
    ],
)
def test_a_saudi_mobile_is_read_in_every_shape(raw: str) -> None:
    assert to_e164(raw, country="SA") == "+966501234567"


@pytest.mark.parametrize(
    "raw",
    ["0612345678", "612345678", "00212612345678", "+212612345678", "212612345678", "06 12-34.56.78", "٠٦١٢٣٤٥٦٧٨"],
)
def test_a_moroccan_mobile_is_read_in_every_shape(raw: str) -> None:
    assert to_e164(raw, country="MA") == "+212612345678"


def test_a_moroccan_07_is_read_too() -> None:
    assert to_e164("0712345678", country="ma") == "+212712345678"


@pytest.mark.parametrize("raw", ["0729123456", "06 83 12 34 56", "00212790123456", "+212 790-123456"])
def test_a_moroccan_range_that_the_library_does_not_know_yet_is_a_mobile_all_the_same(raw: str) -> None:
    assert to_e164(raw, country="MA").startswith(("+2127", "+2126"))
    assert to_e164("0929123456", country="MA") == "", "not every number is"


@pytest.mark.parametrize("raw", ["512345678", "0512345678", "966512345678", "+966512345678", "00966512345678"])
@pytest.mark.parametrize("code", ["+966", "966", "00966", "+٩٦٦", ""])
def test_a_code_kept_beside_the_number_is_used_once(raw: str, code: str) -> None:
    assert to_e164(raw, country="SA", country_code=code) == "+966512345678"


def test_the_code_beside_the_number_wins_over_the_branch() -> None:
    assert to_e164("0612345678", country="SA", country_code="+212") == "+212612345678"


def test_a_guest_from_abroad_is_read() -> None:
    assert to_e164("+33 6 12 34 56 78", country="SA") == "+33612345678"
    assert to_e164("0033612345678", country="MA") == "+33612345678"
    assert to_e164("212612345678", country="SA") == "+212612345678"


@pytest.mark.parametrize(
    "raw",
    ["966330033300", "96634510", "96634510021", "", " ", "+", "abc", "05O1234567", "0501234567 / 0551234567", "1" * 60],
)
def test_what_is_no_phone_is_left_unread(raw: str) -> None:
    assert to_e164(raw, country="SA") == ""


@settings(deadline=None)
@given(st.text(), st.sampled_from(["SA", "MA", "", "XX"]), st.text(max_size=6))
def test_it_never_raises_and_gives_e164_or_nothing(raw: str, country: str, code: str) -> None:
    found = to_e164(raw, country=country, country_code=code)
    assert found == "" or re.fullmatch(r"\+[1-9][0-9]{6,14}", found)


@settings(deadline=None)
@given(st.from_regex(r"5[0345689][0-9]{7}", fullmatch=True))
def test_what_was_read_once_reads_the_same_again(national: str) -> None:
    found = to_e164(national, country="SA")
    assert found == "+966" + national
    assert to_e164(found, country="MA") == found


def test_a_phone_is_masked_to_its_ends() -> None:
    assert mask_phone("+966501234569") == "+966 50 ••• ••69"
    assert mask_phone("+212612345678") == "+212 61 ••• ••78"


def test_a_phone_nobody_could_read_shows_two_digits() -> None:
    assert mask_phone("966330033300") == "••••00"
    assert mask_phone("96634510") == "••••10"
    assert mask_phone("12345") == "••••"
    assert mask_phone("") == "••••"


@settings(deadline=None)
@given(st.text())
def test_a_mask_shows_four_digits_of_the_number_at_most(raw: str) -> None:
    assert sum(char.isdigit() for char in mask_phone(raw)) <= 7
    assert len(mask_phone(raw)) < 24
