"""S13, S14's "find" and S21: a customer is found by an Arabic name with the keyboard, the board is read, a family is listed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from branches.roles import Role
from tests.browser.bookings import FAMILY_PHONE, connected
from tests.browser.clinic import Clinic
from tests.browser.conftest import Seat

pytestmark = pytest.mark.usefixtures("workers")
FOUND = "#part [data-focus-once='found']"


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_she_finds_somebody_by_name_and_reads_the_board_without_a_mouse(
    clinic: Clinic, seat: Seat, language: str
) -> None:
    connected(clinic)
    screen = seat(clinic, clinic.hire(language=language)).open()
    screen.see("#box:focus")
    screen.type("ساره القحطاني")  # as it is written in a hurry
    screen.press("Enter")
    expect(screen.page.locator(FOUND)).to_be_focused()
    assert re.fullmatch(r"/customers/searches/[0-9a-f-]{36}/", screen.path)
    screen.press("Enter")
    screen.see("h1 bdi:text('سارة بنت عبدالله القحطاني')")
    assert len(screen.keys) == 3
    screen.press("F3")
    screen.see(".head .asof")
    assert screen.path == "/reservations/"
    screen.press("F4")
    screen.see("#f-who:focus")


def test_a_family_is_listed_and_asked_for_and_nobody_is_chosen(clinic: Clinic, seat: Seat) -> None:
    connected(clinic)
    screen = seat(clinic, clinic.hire(Role.RECEPTIONIST, "en")).open()
    screen.see("#box:focus")
    screen.type(FAMILY_PHONE)
    screen.press("Enter")
    screen.see("#part .people li", 3)
    expect(screen.page.locator("#part [data-focus-once='family']")).to_be_focused()
    screen.see("form[action$='/ask/'] button").press("Enter")
    screen.see("#part:not([data-state]) .people li", 3)
    assert FAMILY_PHONE[1:] not in screen.page.url


def test_a_customer_is_refreshed_without_javascript(clinic: Clinic, seat: Seat) -> None:
    connected(clinic)
    screen = seat(clinic, clinic.hire(language="en"), java_script_enabled=False).open()
    screen.page.locator("#box").fill("Priya Nair")
    screen.press("Enter")
    screen.see(FOUND).click()
    screen.see("form[action$='/refresh/'] button").press("Enter")
    screen.see("#part:not([data-state]) h1 bdi:text('Priya Nair')")  # the waiting page asks again by itself
    screen.see("#part [role=alert]", 0)
