"""Text from pastes, tills and providers, made comparable."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from providers.normalise import clean_credential, clean_key, clean_password, clean_text, fold_name, latin_digits

KASRA, TATWEEL, RLM, RLO, ZWNJ, BOM = "\u0650", "\u0640", "\u200f", "\u202e", "\u200c", "\ufeff"
HIDDEN = KASRA + RLM + RLO + ZWNJ + BOM + "\u2066\u2069\u061c\u00ad\u064b\u065f"
arabic_text = st.text(st.one_of(st.characters(), st.sampled_from("اأإآٱىيیةهؤئكکلمن٠٩۰۹ -" + HIDDEN + TATWEEL)))


def test_it_drops_what_nobody_sees() -> None:
    assert clean_text(f"{BOM}user{HIDDEN} name{RLM}") == "user name"


def test_it_keeps_tatweel_unless_asked() -> None:
    assert clean_text("محـــمد") == "محـــمد"
    assert clean_text("محـــمد", drop_tatweel=True) == "محمد"


def test_it_puts_text_on_one_line_that_a_database_takes() -> None:
    assert clean_text(" a\x00b\r\n\tc\u2028d\ud800 ") == "a b c d"


def test_it_keeps_letters_whose_hamza_was_typed_apart() -> None:
    assert clean_text("ا\u0654حمد") == "أحمد"


@settings(deadline=None)
@given(arabic_text, st.booleans())
def test_cleaning_twice_is_cleaning_once(text: str, drop: bool) -> None:
    once = clean_text(text, drop_tatweel=drop)
    assert clean_text(once, drop_tatweel=drop) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(char) in {"Cf", "Cc", "Cs"} for char in once)


def test_it_reads_arabic_and_persian_digits() -> None:
    assert latin_digits("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ 5 x") == "0123456789 0123456789 5 x"


@settings(deadline=None)
@given(st.text())
def test_latin_digits_touches_nothing_but_digits(text: str) -> None:
    changed = latin_digits(text)
    assert len(changed) == len(text)
    assert all(old == new or (unicodedata.decimal(old) == int(new)) for old, new in zip(text, changed, strict=True))


def test_an_email_copied_from_the_documentation_loses_its_kasra_and_says_so() -> None:
    found = clean_credential(f"{KASRA}centeradmintesting@admin.com\n")
    assert found.value == "centeradmintesting@admin.com"
    assert found.removed == ("U+0650", "U+000A")
    assert "centeradmin" not in repr(found)


def test_an_ordinary_email_is_left_alone() -> None:
    assert clean_credential("user@example.com").removed == ()


@settings(deadline=None)
@given(arabic_text)
def test_a_cleaned_credential_needs_no_more_cleaning(text: str) -> None:
    once = clean_credential(text)
    assert clean_credential(once.value).value == once.value
    assert clean_credential(once.value).removed == ()


def test_a_password_keeps_everything_but_the_marks_and_space_of_a_paste() -> None:
    assert clean_password(f"{RLM} pä ss\u0650*@123# {ZWNJ}\r\n").value == "pä ss\u0650*@123#"
    assert clean_password(f"{RLM}*@123#\n").removed == ("U+200F", "U+000A")
    assert clean_password("ﬁne").value == "ﬁne"


@settings(deadline=None)
@given(st.text())
def test_a_cleaned_password_needs_no_more_cleaning(text: str) -> None:
    once = clean_password(text).value
    assert clean_password(once).value == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("أحمد", "احمد"),
        ("إيمان", "ايمان"),
        ("آمنة", "امنه"),
        ("ٱلرحمن", "الرحمن"),
        ("مُوسَى", "موسي"),
        ("محـــمد", "محمد"),
        ("فاطمة", "فاطمه"),
        ("کریم", "كريم"),
        ("مؤمن", "مومن"),
        ("هانئ", "هاني"),
        ("Élodie  AÏT", "elodie ait"),
        ("STRASSE", "straße"),
        (f"{RLM}سارة{RLM}", "ساره"),
        ("غرفة ١٢", "غرفه 12"),
    ],
)
def test_a_name_is_found_however_it_is_spelt(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


def test_different_names_stay_different() -> None:
    assert fold_name("سارة") != fold_name("سارا")
    assert fold_name("حسن") != fold_name("حسين")


@settings(deadline=None)
@given(arabic_text)
@example("\u1e9e \u0345\u03b1 ℌ ﷺ İ")
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold_name(text)
    assert fold_name(once) == once
    assert fold_name(text.upper()) == fold_name(text.upper().lower())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_key_keeps_its_lines_and_nobody_is_told_of_their_ends(end: str) -> None:
    found = clean_key(f"{RLM}-----BEGIN-----{end}MII{ZWNJ}E{end}-----END-----{end}")
    assert found.value == "-----BEGIN-----\nMIIE\n-----END-----"
    assert found.removed == ("U+200F", "U+200C")
    assert clean_key(found.value).value == found.value
