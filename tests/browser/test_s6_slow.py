"""S6: the issuer is slow. A counter, no second call; past the limit it is being checked, and the result comes as a notice."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.conftest import Seat
from tests.browser.screen import CHECKING, DONE, VERIFIED, WORK
from tests.scene import SLUG, effects, eventually, writes

pytestmark = pytest.mark.usefixtures("workers")
COUNTER = "#part [data-seconds]"


def test_a_counter_counts_while_the_issuer_takes_its_time(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    clinic.twin.control.fault("delay", provider=SLUG, endpoint="redeem", code=code, seconds=3)
    screen = seat(clinic, clinic.hire())
    screen.up_to_confirm(code)
    screen.press("Enter")
    counter = screen.see(COUNTER)
    first = int(counter.inner_text())
    eventually(lambda: int(counter.inner_text()) >= first + 2)
    expect(screen.page.locator("#outcome-title")).to_be_focused()
    screen.see(DONE)  # by itself
    screen.see(COUNTER, 0)
    assert len(writes(clinic.twin, code)) == 1


def test_past_the_limit_she_serves_the_next_customer_and_the_result_comes_as_a_notice(
    clinic: Clinic, seat: Seat
) -> None:
    code, next_code = clinic.voucher(), clinic.voucher()
    twin = clinic.twin.control
    twin.fault("hang_after", provider=SLUG, endpoint="redeem", code=code, seconds=20)
    screen = seat(clinic, clinic.hire())
    screen.up_to_confirm(code)
    screen.press("Enter")
    screen.see(COUNTER)
    eventually(lambda: writes(clinic.twin, code))
    twin.fault("status", provider=SLUG, endpoint="find", code=code, status=503, times=3)
    screen.see(CHECKING)
    screen.see("#part form[action$='/check/']")
    screen.press("F2")
    screen.see("#box:focus")
    waiting = screen.see(f"{WORK}.t-checking")
    expect(waiting.locator("[data-seconds]")).to_be_visible()
    screen.scan(next_code)
    screen.see(VERIFIED)
    address = screen.page.url
    screen.see(f"{WORK}.t-done a[data-alt='1']")  # the notice, on the page where she works for somebody else
    assert screen.page.url == address
    assert len(writes(clinic.twin, code)) == len(effects(clinic.twin, code)) == 1
    screen.press("Alt+1")
    screen.see(DONE)
    screen.see("#part a[data-key=F8]")


def test_an_answer_that_is_lost_is_found_by_looking(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    clinic.twin.control.fault("drop_after", provider=SLUG, endpoint="redeem", code=code)
    screen = seat(clinic, clinic.hire())
    screen.up_to_confirm(code)
    screen.press("Enter")
    assert screen.see(DONE)
    assert len(writes(clinic.twin, code)) == len(effects(clinic.twin, code)) == 1
