"""The letter to an issuer: all that it needs, in its language, of codes the last four; whatever a name holds is text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from decimal import Decimal
from itertools import cycle

import pytest
from django.utils import timezone
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from branches.models import Branch, User
from providers.alreaaiaa.sandbox_vouchers import HOSTILE_NAMES, LONGEST_NAME
from providers.models import Account, Environment
from providers.registry import SPECS
from tests.scene import CODE
from tests.vouchers.disputes import opened, second_line
from tests.vouchers.pdf import lines_of, pages_of, text_of
from tests.web.hostile import TEXTS
from vouchers.letters import case_letter
from vouchers.letters.fonts import BOLD, REGULAR, font_file
from vouchers.letters.paper import UNKNOWN, Paper, foreign, reads_from_the_right, settable
from vouchers.models import Case, Redemption
from vouchers.services import Complaint

LANGUAGES = ("ar", "fr", "en")
TO_150 = Complaint("wrong_amount", "correct", Decimal(150), note="Typed 200, the invoice INV-2026/114 says 150.")
ATTACKS = [
    *HOSTILE_NAMES,
    LONGEST_NAME,
    *(text for text in TEXTS.values() if text),
    "漢字 😀 \U0001f468\u200d\U0001f469",
    "ﷺ",
]


@pytest.fixture
def case(done: Redemption, huda: User, olaya: Branch) -> Case:
    Branch.objects.filter(pk=olaya.pk).update(company_ar="عيادات", company_en="Ruba Clinics", shows_hijri=True)
    return Case.objects.get(pk=opened(done, huda, TO_150).pk)


def letter(case: Case, language: str) -> bytes:
    return case_letter(case, language, now=timezone.now())


def test_each_issuer_is_written_to_in_its_language() -> None:
    assert SPECS["alreaaiaa"].letter_language == "ar"
    assert {spec.letter_language for spec in SPECS.values()} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_says_what_the_issuer_needs_on_one_page(case: Case, language: str) -> None:
    pdf = letter(case, language)
    text, operation = text_of(pdf), case.redemption.operation
    order = operation.outcome["references"]["order_id"]
    comma = "," if language == "fr" else "."
    for wanted in (case.reference, operation.reference, order, "••••4058", "INV-2026/114", "client name", "TRAINING"):
        assert wanted in text, wanted
    for amount in (200, 150, 50, 600):
        assert f"{amount}{comma}00" in text
    assert "1448" in text or "1447" in text or "1449" in text, "the Hijri year"
    assert pages_of(pdf) == 1
    assert {"fr": "Correction d’une utilisation", "en": "Correction of a redemption"}.get(language, "") in text
    assert (language == "ar") == any(
        "ARABIC" in unicodedata.name(char, "") for line in lines_of(pdf)[:3] for char in line
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_and_no_id_number_is_in_it(case: Case, language: str) -> None:
    Redemption.objects.filter(pk=case.redemption_id).update(person_id_last4="9317")
    pdf = letter(Case.objects.get(pk=case.pk), language)
    text = text_of(pdf).replace("\n", "")
    assert CODE not in text and CODE[3:-4] not in text and "9317" not in text
    assert CODE.encode() not in pdf


def test_a_real_account_gets_no_training_stamp(case: Case) -> None:
    Account.objects.update(environment=Environment.LIVE)
    assert "TRAINING" not in text_of(letter(Case.objects.get(pk=case.pk), "fr")).upper()


@pytest.mark.parametrize(
    ("complaint", "said"),
    [
        (Complaint("used_twice", "give_back"), "Please make the voucher usable again, and take 200.00"),
        (Complaint("not_given", "credit", Decimal("30.5")), "Please credit us with 30.50"),
        (Complaint("other", "give_back", note="Their app showed another name."), "Their app showed another name."),
    ],
)
def test_it_says_what_is_asked(done: Redemption, huda: User, complaint: Complaint, said: str) -> None:
    assert said in text_of(letter(opened(done, huda, complaint), "en")).replace("\u00a0", " ")


def test_several_codes_are_listed_each_with_its_value(done: Redemption, huda: User) -> None:
    keys = [done.lines.get().pk, second_line(done).pk]
    text = text_of(letter(opened(done, huda, Complaint("used_twice", "give_back", lines=keys)), "en"))
    assert "••••4058" in text and "••••7777" in text and "150.00" in text and "make the vouchers usable" in text


# Names and notes that attack ------------------------------------------------------------------------------------------


def test_whatever_a_name_holds_is_only_text_and_no_log_repeats_it(
    case: Case,
    huda: User,
    logged: Callable[[], str],
) -> None:
    for language, attack in zip(cycle(LANGUAGES), ATTACKS, strict=False):
        Redemption.objects.filter(pk=case.redemption_id).update(person_name=attack[:200])
        User.objects.filter(pk=huda.pk).update(first_name=attack[:150])
        row = Case.objects.get(pk=case.pk)
        row.note = attack[:500]
        pdf = letter(row, language)
        assert 1 <= pages_of(pdf) <= 3, attack
        for made in (b"/JavaScript", b"/JS", b"/URI", b"/Launch", b"/Annot", b"/OpenAction /", b"/EmbeddedFile"):
            assert made not in pdf, attack
    said = logged()
    assert not [attack for attack in ATTACKS if len(attack.strip()) > 8 and attack[:40] in said]
    assert "missing" not in said


def test_an_attack_is_printed_as_it_is(case: Case) -> None:
    case.note = "<script>alert(1)</script> {{ 7*7 }} \u202eevil\u202c\u2066"
    assert "<script>alert(1)</script> {{ 7*7 }} evil" in text_of(letter(case, "en"))


def test_what_has_no_shape_becomes_one_mark() -> None:
    assert settable("ﬁ") == "fi"
    assert settable("a 漢字 b") == f"a {UNKNOWN} b"
    assert foreign("\U0001f468\u200d\U0001f469\u200d\U0001f467 x") == f"{UNKNOWN} x"
    assert foreign("\u202egnp.exe\u2066\r\n\tx") == "gnp.exe x"
    assert len(foreign("x" * 5000)) == 600


@given(st.text(max_size=300))
def test_any_text_becomes_one_that_the_font_has(text: str) -> None:
    known = set(TTFont(font_file(REGULAR)).getBestCmap()) & set(TTFont(font_file(BOLD)).getBestCmap())
    found = foreign(text)
    assert {ord(char) for char in found} <= known
    assert not {unicodedata.category(char) for char in found} & {"Cf", "Cc", "Cs"}


@how(max_examples=40)
@given(st.text(max_size=400), st.sampled_from(LANGUAGES))
def test_any_text_can_be_set(text: str, language: str) -> None:
    paper = Paper(language, title="t", foot="f", stamp="", now=timezone.now())
    paper.quote(foreign(text))
    paper.fact("label", foreign(text))
    assert bytes(paper.output()).startswith(b"%PDF-")


def test_a_text_has_the_direction_of_its_first_letter() -> None:
    assert reads_from_the_right("1. سارة Sara") and not reads_from_the_right("(Sara) سارة")
    assert not reads_from_the_right("123") and not reads_from_the_right("")


def test_both_weights_know_every_letter_of_our_own_texts() -> None:
    for text in ("«أُرسل»؟، ١٢٣ ر.س د.م.", "« œuvre » ’ … – — ÀÉÇ", "••••4058 − ·"):
        assert UNKNOWN not in settable(text)
