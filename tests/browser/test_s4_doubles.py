"""S4: double click, Enter twice, back, two tabs, two tills. The issuer hears of it once; the other till reads who does it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from providers.models import Operation
from tests.browser.clinic import Clinic
from tests.browser.conftest import Seat
from tests.browser.screen import CONFIRM, DONE, REFUSED, Screen
from tests.scene import SLUG, effects, writes

pytestmark = pytest.mark.usefixtures("workers")
BUTTON = f"{CONFIRM} button[type=submit]"


def test_a_double_click_enter_twice_and_going_back_redeem_once(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_confirm(code)
    confirm = screen.page.url
    screen.page.locator(BUTTON).dblclick(no_wait_after=True)
    screen.tap("Enter", 2)
    screen.see(DONE)
    redemption = screen.path
    screen.page.go_back()
    screen.see(DONE)  # the card that asked is gone: the page says what became of it
    screen.page.goto(confirm)
    screen.see(DONE)
    assert screen.path == redemption
    _assert_once(clinic, code)


def test_enter_twice_redeems_once_and_a_form_sent_again_shows_the_same_redemption(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_confirm(code)
    old = screen.context.new_page()
    old.goto(screen.page.url)
    screen.tap("Enter", 2)
    screen.see(DONE)
    redemption = screen.path
    second = Screen(screen.context, old, screen.site)
    second.see(BUTTON).click()  # a second tab that still shows the confirm card
    second.see(DONE)
    assert second.path == redemption
    _assert_once(clinic, code)


def test_two_tabs_that_confirm_in_the_same_moment_share_one_redemption(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_confirm(code)
    second = Screen(screen.context, screen.context.new_page(), screen.site)
    second.page.goto(screen.page.url)
    second.see(BUTTON)
    for tab in (screen, second):
        tab.page.locator(BUTTON).click(no_wait_after=True)
    for tab in (screen, second):
        tab.see(DONE)
    assert screen.path == second.path
    _assert_once(clinic, code)


def test_the_other_till_reads_who_is_redeeming_where_and_since_when(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    one = seat(clinic, clinic.hire(name="نورة"), till=1)
    two = seat(clinic, clinic.hire(name="هند"), till=2)
    one.up_to_confirm(code)
    two.up_to_confirm(code)
    clinic.twin.control.fault("delay", provider=SLUG, endpoint="redeem", code=code, seconds=3)
    one.press("Enter")
    one.see("#part [data-seconds]")
    two.press("Enter")
    _reads_the_holder(two)
    two.open()
    two.scan(code)  # and whoever scans it now
    _reads_the_holder(two)
    one.see(DONE)
    two.open()
    two.scan(code)
    assert "نورة العتيبي" in two.see(f"{REFUSED} >> xpath=..").inner_text()
    _assert_once(clinic, code)


def _reads_the_holder(screen: Screen) -> None:
    card = screen.page.locator("#part .rc.t-checking")
    expect(card.locator("#outcome-title")).to_be_focused()
    expect(card).to_contain_text("نورة العتيبي")
    expect(card).to_contain_text(re.compile("العليا"))
    expect(card.locator("time[datetime]").last).to_be_visible()
    expect(card.locator("footer a[href*='/redemptions/']")).to_be_visible()


def _assert_once(clinic: Clinic, code: str) -> None:
    assert len(writes(clinic.twin, code)) == 1
    assert len(effects(clinic.twin, code)) == 1
    assert Operation.objects.filter(branch=clinic.branch).count() == 1
