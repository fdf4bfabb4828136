"""Voucher codes as scanners, tills and people bring them."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from providers.alreaaiaa import SPEC as ALREAAIAA
from providers.contracts import CodeFit, ProviderSpec
from providers.normalise import CodeReading, fit_of, group_code, mask_code, plain_code, read_code

MIXED = ProviderSpec(
    slug="mixed_case",
    names={"en": "An issuer of eight letters and digits, in mixed case"},
    kind="vouchers",
    secret_fields=(),
    setting_fields={},
    hosts=(),
    currency="MAD",
    code_pattern=r"^[A-Za-z0-9]{8}$",
    code_loose=r"^[A-Za-z0-9_-]{4,40}$",
)
SPECS = (ALREAAIAA, MIXED)
CODE = "VCL6C5944NO4058"
OUTSIDE = [
    "../../payment-requests",
    "a/b",
    "%2e%2e",
    "?x=",
    "VCL6\r\nX: y",
    "VCL6C5944NO4058/..",
    "a;b",
    "a b?c",
    "é" * 9,
]

# What the keys of a US scanner show on each layout, written down from the layouts themselves and not from our tables.
US = "abcdefghijklmnopqrstuvwxyz"
ARABIC = dict(zip("acdefghijklmnopqrstuvwxyz", "شؤيثبلاهتنمةىخحضقسفعرصءغئ", strict=True)) | {"b": "لا"}
ARABIC |= dict(zip("ACDEFHIJKLMNOPQ", "\u0650}]\u064f[أ÷\u0640،/’آ×؛\u064e", strict=True))
ARABIC |= dict(zip("RSUVWXYZ", "\u064c\u064d‘{\u064b\u0652إ~", strict=True)) | {"B": "لآ", "G": "لأ", "T": "لإ"}
AZERTY = dict(zip(US + US.upper(), "qbcdefghijkl,noparstuvzxywQBCDEFGHIJKL?NOPARSTUVZXYW", strict=True))
AZERTY |= dict(zip("1234567890", "&é\"'(-è_çà", strict=True))

numbers = st.integers(0, 999_999_999).map(str)
codes = st.builds("VCL{}C{}NO{}".format, numbers, numbers, numbers)
marks = st.text(st.sampled_from("\u0640\u064b\u0650\u065f\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u200b"), max_size=3)


def typed_on(layout: dict[str, str], code: str) -> str:
    return "".join(layout.get(char, char) for char in code)


def read(typed: str, *specs: ProviderSpec) -> CodeReading:
    return read_code(typed, specs or SPECS)


def test_a_clean_code_is_sure_and_needs_no_note() -> None:
    assert read(CODE) == CodeReading(CODE, CODE, "alreaaiaa", CodeFit.SURE, ())


@pytest.mark.parametrize(
    ("typed", "notes"),
    [
        ("VCL٦C٥٩٤٤NO٤٠٥٨", ("digits",)),
        ("VCL۶C۵۹۴۴NO۴۰۵۸", ("digits",)),
        ("\u200fVCL6C5944NO4058\u200f", ("marks",)),
        ("V\u0640CL6\u064eC5944NO4058", ("marks",)),
        ("VCL6 C5944 NO4058", ("spaces",)),
        ("VCL6-C5944–NO\u00a04058", ("spaces",)),
        ("vcl6c5944no4058", ("case",)),
        ("ＶＣＬ６Ｃ５９４４ＮＯ４０５８", ()),
        (" \t VCL6C5944NO4058\r\n", ()),
        ("vcl٦ c٥٩٤٤ no٤٠٥٨\u200e", ("digits", "marks", "spaces", "case")),
        ("{}/6}5944آ×4058", ("layout_arabic",)),
        ("رؤم6ؤ5944ىخ4058", ("layout_arabic", "case")),
        ("رؤم٦ؤ٥٩٤٤ىخ٤٠٥٨", ("layout_arabic", "digits", "case")),
        ("\u200fرؤم6ؤ5944ىخ4058\u200f", ("layout_arabic", "case")),
        ("VCL-C(ç''NO'à(_", ("layout_azerty",)),
        ("vcl-c(ç''no'à(_", ("layout_azerty", "case")),
        ("VCL§C(ç''NO'à(!", ("layout_azerty",)),
        ("رؤم-ؤ(ç''ىخ'à(_", ("layout_arabic", "case")),
    ],
)
def test_it_forgives_what_tills_do_to_a_code(typed: str, notes: tuple[str, ...]) -> None:
    assert read(typed) == CodeReading(CODE, typed, "alreaaiaa", CodeFit.SURE, notes)


@settings(deadline=None)
@given(codes)
@example("VCL0C0NO0")
def test_a_code_comes_back_through_every_layout(code: str) -> None:
    for shown in (code, code.lower()):
        assert read(typed_on(ARABIC, shown)).code == code
        assert read(typed_on(AZERTY, shown)).code == code
        assert read(typed_on(AZERTY, shown).replace("-", "§").replace("_", "!")).code == code


@settings(deadline=None)
@given(codes, st.data())
def test_a_code_comes_back_from_under_marks_spaces_and_foreign_digits(code: str, draw: st.DataObject) -> None:
    digits = draw.draw(st.sampled_from(["0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９"]))
    shown = code.translate(str.maketrans("0123456789", digits))
    spaced = "".join(draw.draw(marks) + char + draw.draw(st.sampled_from(["", "", " ", "-"])) for char in shown)
    assume(len(spaced) <= 200)
    assert read(spaced).code == code
    assert read(spaced).fit is CodeFit.SURE


@settings(deadline=None)
@given(st.from_regex(r"[A-Za-z0-9]{8}", fullmatch=True))
def test_case_is_kept_where_the_issuer_minds_it(code: str) -> None:
    found = read(code, MIXED)
    assert (found.code, found.fit, found.notes) == (code, CodeFit.SURE, ())
    through_arabic = read(typed_on(ARABIC, code), MIXED)
    assert through_arabic.fit is not CodeFit.SURE or through_arabic.code == code


def test_lam_alef_is_one_key_or_two_and_the_issuer_decides() -> None:
    assert read("ل" + "ا" + "ش" * 7, MIXED).code == "baaaaaaa"
    assert read("ل" + "ا" + "ش" * 6, MIXED).code == "ghaaaaaa"
    assert read("ﻻ" + "ش" * 7, MIXED).code == "baaaaaaa"


def test_it_does_not_choose_between_two_codes() -> None:
    either = "لا" + "لا" + "ش" * 5  # "bgh" or "ghb", and both are of eight letters
    assert read(either, MIXED).fit is CodeFit.NO


def test_a_good_code_is_never_remapped() -> None:
    assert read("aqwzAQWZ", MIXED).code == "aqwzAQWZ"


@pytest.mark.parametrize("typed", ["abcd/efg", "ab'd-fgh", "[]{}/~ab", "abc(efgh", "ab1'cdef"])
def test_symbols_in_latin_text_are_not_taken_for_a_layout(typed: str) -> None:
    found = read(typed, MIXED)
    assert found.fit is not CodeFit.SURE or "layout_arabic" not in found.notes


def test_latin_letters_beside_arabic_ones_were_typed_by_a_person() -> None:
    assert read("ششششabcd", MIXED).fit is CodeFit.NO


def test_a_shape_nobody_documented_is_possible() -> None:
    found = read("GIFT2026", ALREAAIAA)
    assert (found.code, found.fit, found.spec_slug) == ("GIFT2026", CodeFit.POSSIBLE, "alreaaiaa")


def test_the_surer_issuer_wins_over_the_first() -> None:
    assert read("gift2026").spec_slug == "mixed_case"
    assert read("gift2026", ALREAAIAA).code == "GIFT2026"


@pytest.mark.parametrize("typed", OUTSIDE)
def test_what_could_become_a_path_or_a_header_is_no_code(typed: str) -> None:
    found = read(typed, ALREAAIAA)
    assert found.fit is CodeFit.NO
    assert found.code == ""


@pytest.mark.parametrize(
    "typed",
    ["", " ", "A" * 201, " " * 201, "VCL6C5944NO4058\x00", "VCL6\nC5944NO4058", "VCL\x1b6C5944NO4058", "\ud800"],
)
def test_what_no_till_types_is_refused_at_once(typed: str) -> None:
    assert read(typed) == CodeReading("", typed, "", CodeFit.NO, ())


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(st.sampled_from("VCLNO0123٤٥لاأآ{}/'(-_ \u0650\u200f.%?&éç\r\n\x00"), max_size=30)))
def test_nothing_outside_the_loose_pattern_ever_comes_out(typed: str) -> None:
    found = read(typed)
    assert found.typed == typed
    assert (found.fit is CodeFit.NO) == (found.code == "") == (found.spec_slug == "")
    if found.code:
        spec = next(spec for spec in SPECS if spec.slug == found.spec_slug)
        assert re.fullmatch(r"[A-Za-z0-9_-]{4,40}", found.code)
        assert fit_of(found.code, spec) is found.fit
        assert read_code(found.code, [spec]).code == found.code


def test_letters_that_grow_when_capitalised_are_not_forged_into_a_code() -> None:
    assert read("VCL6C5944NO4058".replace("O", "ß"), ALREAAIAA).fit is CodeFit.NO
    assert read("ıVCL6C5944", ALREAAIAA).fit is CodeFit.NO


def test_a_reading_does_not_show_its_code_in_a_log() -> None:
    assert CODE not in repr(read(CODE))


def test_a_code_is_shown_in_the_issuers_groups() -> None:
    assert group_code(CODE, ALREAAIAA) == ("VCL6", "C5944", "NO4058")
    assert group_code("dF54GFd7", MIXED) == ("dF54", "GFd7")
    assert group_code("GIFT2026X", ALREAAIAA) == ("GIFT", "2026", "X")
    assert group_code("", MIXED) == ()


@settings(deadline=None)
@given(codes)
def test_the_groups_joined_are_the_code(code: str) -> None:
    assert "".join(group_code(code, ALREAAIAA)) == code


def test_a_masked_code_shows_four_characters_at_most() -> None:
    assert mask_code(CODE) == "••••4058"
    assert mask_code("4058") == "••••"
    assert mask_code("") == "••••"


def test_two_spellings_of_a_code_compare_equal() -> None:
    assert plain_code(" vcl٦-c5944 no4058\u200f", folds_case=True) == CODE
    assert plain_code("dF54GFd7", folds_case=False) == "dF54GFd7"
