"""S2: a voucher that cannot be used. One plain sentence, what to do, what to tell the customer; nothing is written."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from branches.models import User
from providers.models import Discrepancy
from tests.browser.clinic import Clinic
from tests.browser.conftest import Seat
from tests.browser.screen import REFUSED, Screen
from tests.browser.words import LANGUAGES, assert_translated, texts_of
from tests.scene import writes
from vouchers.models import Lookup

pytestmark = pytest.mark.usefixtures("workers")


def read_in_every_language(screen: Screen, user: User, refusal_code: str) -> None:
    """The refusal survives a reload, so one look-up is read three times."""
    for language in LANGUAGES:
        user.language = language
        user.save()
        screen.page.reload()
        shown = [screen.text("#outcome-title"), *screen.page.locator("#part .four dd").all_inner_texts()]
        assert shown == texts_of(refusal_code, language)
        assert screen.page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert_translated(refusal_code)


@pytest.mark.parametrize(
    ("status", "refusal_code"),
    [
        ("used", "already_used"),
        ("expired", "expired"),
        ("canceled", "canceled"),
        ("canceld", "canceled"),  # as they misspell it
        ("pending", "not_found"),  # they do not show a voucher that is not verified yet
        ("frozen", "unseen_status"),
        ("", "not_found"),
    ],
)
def test_the_issuer_says_that_it_cannot_be_used(clinic: Clinic, seat: Seat, status: str, refusal_code: str) -> None:
    code = clinic.voucher(status=status) if status else "VCL9C404NO404"
    user = clinic.hire()
    screen = seat(clinic, user).open()
    screen.scan(code)
    screen.see(REFUSED)
    expect(screen.page.locator("#outcome-title")).to_be_focused()
    assert code in screen.text("#part .rc header")
    assert Lookup.objects.get(branch=clinic.branch).refusal_code == refusal_code
    read_in_every_language(screen, user, refusal_code)
    alerts = Discrepancy.objects.filter(branch=clinic.branch, kind=Discrepancy.Kind.UNSEEN_STATUS)
    assert alerts.count() == (refusal_code == "unseen_status")
    assert writes(clinic.twin, code) == []
    screen.press("F2")
    screen.see("#box:focus")


def test_something_that_is_no_code_is_refused_at_once_and_nobody_is_asked(clinic: Clinic, seat: Seat) -> None:
    user = clinic.hire()
    screen = seat(clinic, user).open()
    asked = len(clinic.twin.control.requests())
    screen.scan("HELLO WORLD <b>")
    screen.see(REFUSED)
    assert screen.text("#part .rc header bdi.code[dir=ltr]") == "HELLO WORLD <b>"
    read_in_every_language(screen, user, "malformed")
    assert len(clinic.twin.control.requests()) == asked


def test_a_code_of_our_own_ledger_says_where_when_and_by_whom(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    noura = clinic.hire(name="نورة")
    clinic.redeemed(noura, code, number=2)
    asked = len(clinic.twin.control.requests())
    user = clinic.hire()
    screen = seat(clinic, user).open()
    screen.scan(code.lower())
    screen.see(REFUSED)
    facts = screen.page.locator("#part .facts").first
    for language, till in {"ar": "2", "fr": "2", "en": "Till 2"}.items():
        user.language = language
        user.save()
        screen.page.reload()
        branch = getattr(clinic.branch, f"name_{language}")
        expect(facts).to_contain_text(branch)
        expect(facts).to_contain_text(till)
        expect(facts).to_contain_text("نورة العتيبي")
        expect(facts.locator("time[datetime]")).to_be_visible()
    read_in_every_language(screen, user, "already_used_here")
    assert len(clinic.twin.control.requests()) == asked, "our own ledger knows: nobody is asked"
    assert len(writes(clinic.twin, code)) == 1
