"""S7: a wrong redemption is neither edited nor deleted. A supervisor opens a case and prints its letter, the redemption reads
disputed, and an accountant closes it with the issuer's reference. By keyboard, in three languages, at a till and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from branches.models import User
from branches.roles import Role
from tests.browser import audit
from tests.browser.clinic import Clinic
from tests.browser.conftest import Seat
from tests.browser.screen import DONE, Screen
from tests.browser.visit import PHONE, TILL
from tests.scene import effects
from tests.vouchers.pdf import text_of
from vouchers.models import Case, ContraLine, Redemption

pytestmark = pytest.mark.usefixtures("workers")
SIZES = {"till": TILL, "phone": PHONE}


def wrong(clinic: Clinic, by: User) -> tuple[Redemption, dict[str, Any]]:
    """A redemption that should not have been, and all that is kept of it."""
    row = Redemption.objects.get(operation=clinic.redeemed(by, clinic.voucher()))
    return row, Redemption.objects.values().get(pk=row.pk)


def fit(screen: Screen) -> None:
    """Whether these pages are fit for everybody is asked in the gallery."""
    assert audit.sticks_out(screen.page) == []


def opens_a_case(screen: Screen, row: Redemption, note: str) -> Case:
    """From the redemption's page, without a mouse."""
    screen.open(reverse("vouchers:redemption", args=[row.pk])).see(DONE)
    screen.page.locator(f"#part a[href='{reverse('vouchers:new_case', args=[row.pk])}']").press("Enter")
    screen.see("#f-reason:focus")
    screen.press("ArrowDown")
    screen.press("Tab")
    screen.press("ArrowDown")
    screen.see("#f-right_amount")
    screen.press("Tab")
    screen.type("150")
    screen.press("Tab")
    screen.type(note)
    fit(screen)
    screen.page.locator("form.rc button[type=submit]").press("Enter")
    screen.see("[data-key=F8]")
    return Case.objects.get(redemption=row)


def prints_and_sends(screen: Screen, case: Case) -> bytes:
    fit(screen)
    with screen.page.expect_download() as download:
        screen.press("F8")
    assert download.value.suggested_filename == f"case-{case.reference}.pdf"
    screen.page.locator(f"form[action='{reverse('vouchers:case_sent', args=[case.pk])}'] button").press("Enter")
    screen.see(f"form[action='{reverse('vouchers:case_sent', args=[case.pk])}']", 0)
    return Path(download.value.path()).read_bytes()


def closes_it(screen: Screen, case: Case, reference: str) -> None:
    screen.open().see(f"#main a[href='{reverse('vouchers:case', args=[case.pk])}']").press("Enter")
    screen.see("#ruling")
    screen.page.locator("#ruling [value=partly]").press("Space")
    screen.page.locator("#r-accepted").press_sequentially("٣٠٫٥")
    screen.see("#r-reference").focus()
    screen.type(reference)  # at a person's pace: the Enter after what looks like a scan decides nothing
    screen.page.locator("#r-decided_on").fill(timezone.localdate().isoformat())
    fit(screen)  # with what it shows only now
    screen.page.locator("#ruling button[type=submit]").press("Enter")
    screen.see("#contra-title")
    fit(screen)


@pytest.mark.parametrize(("language", "size"), [("ar", "till"), ("ar", "phone"), ("fr", "phone"), ("en", "till")])
def test_a_case_from_the_mistake_to_the_contra_line(clinic: Clinic, seat: Seat, language: str, size: str) -> None:
    row, before = wrong(clinic, clinic.hire())
    options = {"viewport": SIZES[size]}
    supervisor = seat(clinic, clinic.hire(Role.SUPERVISOR, language, "هدى"), **options)
    accountant = seat(clinic, clinic.hire(Role.ACCOUNTANT, language, "عبدالعزيز"), **options)
    case = opens_a_case(supervisor, row, "Typed 200 for 150")
    letter = text_of(prints_and_sends(supervisor, case))
    assert case.reference in letter and "150.00" in letter and "Typed 200 for 150" in letter
    assert "Correction" not in letter, "in the issuer's language, whoever prints it"
    result = reverse("vouchers:redemption", args=[row.pk])
    supervisor.open(result).see("#part .st.t-checking")
    closes_it(accountant, case, "CN-77")
    [contra] = ContraLine.objects.filter(redemption=row)
    figure = "30,50" if language == "fr" else "30.50"
    assert f"{contra.amount}" == "-30.50" and figure in accountant.text("table")
    assert figure in supervisor.open(result).text("#part .st.t-plain")
    fit(supervisor)
    assert Redemption.objects.values().get(pk=row.pk) == before
    assert len(effects(clinic.twin, row.lines.get().code)) == 1, "nothing more was asked of the issuer"


def test_it_works_without_javascript(clinic: Clinic, seat: Seat) -> None:
    row, _before = wrong(clinic, clinic.hire())
    screen = seat(clinic, clinic.hire(Role.SUPERVISOR, "en"), java_script_enabled=False)
    screen.open(reverse("vouchers:new_case", args=[row.pk])).see("form.rc")
    screen.page.locator("#f-reason").select_option("wrong_amount")
    screen.page.locator("[name=ask][value=correct]").press("Space")
    screen.page.locator("#f-right_amount").press_sequentially("150")
    screen.page.locator("form.rc button[type=submit]").press("Enter")
    screen.see("a[data-key=F8]")
    screen.page.locator("form[action$='/sent/'] button").press("Enter")
    screen.see("form[action$='/sent/']", 0)
    assert Case.objects.get(redemption=row).state == "sent"


def test_what_was_typed_comes_back_after_esc_and_after_a_refusal(clinic: Clinic, seat: Seat) -> None:
    row, _before = wrong(clinic, clinic.hire())
    screen = seat(clinic, clinic.hire(Role.SUPERVISOR, "en"))
    path = reverse("vouchers:new_case", args=[row.pk])
    screen.open(path).see("#f-note").fill("the customer showed another app")
    screen.press("Escape")
    screen.see(DONE)
    screen.open(path)
    expect(screen.page.locator("#f-note")).to_have_value("the customer showed another app")
    screen.page.locator("form.rc button[type=submit]").press("Enter")
    expect(screen.see(".errs[role=alert]")).to_be_focused()
    expect(screen.page.locator("#f-note")).to_have_value("the customer showed another app")
