"""The scanner types fast and ends in Enter: it never presses a button, chooses a person or confirms. And the keys of `?`."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.clinic import Clinic
from tests.browser.conftest import Seat
from tests.browser.scanner import scan
from tests.browser.screen import AMOUNTS, CONFIRM, DONE, PERSON_1, VERIFIED, WORK, Screen
from tests.scene import writes
from vouchers.models import Lookup, Redemption

pytestmark = pytest.mark.usefixtures("workers")


def test_a_scan_on_the_confirm_card_looks_the_new_code_up_and_confirms_nothing(clinic: Clinic, seat: Seat) -> None:
    code, scanned = clinic.voucher(), clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_confirm(code)
    screen.scan(scanned)
    assert scanned in screen.text(VERIFIED)
    assert _nothing_was_sent(clinic, code, scanned)
    screen.press("Alt+1")  # the first one waits in unfinished work, as it was
    screen.see(VERIFIED)
    screen.see(f"{VERIFIED} header >> text={code}")
    expect(screen.page.locator(PERSON_1)).to_be_checked()


def test_what_is_no_code_presses_no_button_on_the_confirm_card(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_confirm(code)
    screen.scan("12")  # a torn label
    screen.see(CONFIRM)
    screen.ready_to_confirm()
    scan(screen.page, "AB C", enter=False)  # a space presses the focused button, if nobody keeps it from that
    screen.see(CONFIRM)
    expect(screen.page.locator("dialog[open]")).to_have_count(0)
    assert _nothing_was_sent(clinic, code)
    assert screen.path.endswith("/confirm/")


def test_enter_does_nothing_while_the_confirm_card_is_new(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_amounts(code)
    screen.page.keyboard.type("600")
    # Pressed by the page itself in the moment it is shown: Enter is then younger than the card on any machine.
    screen.context.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => setTimeout(() => document.querySelector('[data-confirm]') &&"
        " (window.kept = !document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        " { key: 'Enter', bubbles: true, cancelable: true })))))"
    )
    screen.press("Enter")
    screen.see(f"{CONFIRM} button:focus")
    assert screen.page.evaluate("window.kept") is True
    screen.ready_to_confirm()
    screen.page.keyboard.down("Enter")
    screen.see(DONE)
    screen.page.keyboard.up("Enter")
    assert len(writes(clinic.twin, code)) == 1


def test_a_key_held_down_since_the_card_before_does_not_confirm(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_amounts(code)
    screen.page.keyboard.type("600")
    screen.page.keyboard.down("Enter")
    screen.ready_to_confirm()
    for _ in range(3):
        screen.page.keyboard.down("Enter")  # the keyboard repeats it
    screen.page.keyboard.up("Enter")
    assert screen.see(CONFIRM)
    assert _nothing_was_sent(clinic, code)


def test_a_scan_over_the_people_chooses_nobody(clinic: Clinic, seat: Seat) -> None:
    code, scanned = clinic.voucher(), clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_verified(code)
    expect(screen.page.locator(PERSON_1)).to_be_focused()
    screen.scan("123")  # too short for a code: ignored
    screen.page.evaluate("new Promise((done) => setTimeout(done, 150))")  # longer than a choice waits
    expect(screen.page.locator(f"{VERIFIED} input:checked")).to_have_count(0)
    screen.scan(scanned)
    screen.see(f"{VERIFIED} header >> text={scanned}")
    assert set(Lookup.objects.filter(branch=clinic.branch).values_list("person", flat=True)) == {""}


def test_a_scan_on_the_result_starts_the_next_customer(clinic: Clinic, seat: Seat) -> None:
    code, scanned = clinic.voucher(), clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_confirm(code)
    screen.press("Enter")
    screen.see(DONE)
    screen.scan(scanned)
    screen.see(f"{VERIFIED} header >> text={scanned}")


def test_escape_goes_back_one_step_and_loses_no_input(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_amounts(code)
    screen.type("612")
    screen.press("Escape")
    screen.see(VERIFIED)
    expect(screen.page.locator(PERSON_1)).to_be_checked()
    screen.press("Enter")
    expect(screen.see(f"{AMOUNTS} #total:focus")).to_have_value("612")
    expect(screen.page.locator("[data-left]")).to_contain_text("412.00")
    screen.press("Enter")
    screen.ready_to_confirm()
    screen.press("Escape")
    expect(screen.see(f"{AMOUNTS} #total:focus")).to_have_value("612.00")
    screen.press("Escape")
    screen.see(VERIFIED)
    screen.press("2")  # another person, and back before it is sent
    expect(screen.page.locator(f"{VERIFIED} input[data-digit='2']")).to_be_checked()
    screen.press("Escape")
    screen.see("#box:focus")
    screen.press("Alt+1")
    expect(screen.see(f"{VERIFIED} input[data-digit='2']")).to_be_checked()
    assert _nothing_was_sent(clinic, code)


def test_the_keys_that_the_page_names_work_in_any_layout(clinic: Clinic, seat: Seat) -> None:
    screen = seat(clinic, clinic.hire())
    screen.up_to_verified(clinic.voucher())
    for slash in ("/", "ظ"):
        screen.page.locator("h1").click()
        _press_letter(screen, slash)
        screen.see("#box:focus")
    expect(screen.page.locator("#box")).to_have_value("")
    screen.page.keyboard.type("VCL1")
    screen.press("Escape")
    expect(screen.see("#box:focus")).to_have_value("")
    for question in ("?", "؟"):
        screen.page.locator("h1").click()
        _press_letter(screen, question)
        screen.see("dialog#keys[open]")
        screen.press("Escape")
        screen.see("dialog#keys[open]", 0)
        screen.see(VERIFIED)  # only the list of keys went away
    screen.press("F2")
    screen.see("#box:focus")
    assert screen.path == "/"
    screen.see(f"{WORK} a[data-alt='1']")
    screen.press("Alt+1")
    screen.see(VERIFIED)


def _press_letter(screen: Screen, letter: str) -> None:
    """As a keyboard of another script sends it, and no faster than a person's hand."""
    screen.page.evaluate(
        "key => new Promise((done) => setTimeout(done, 100)).then(() => document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })))",
        letter,
    )


def _nothing_was_sent(clinic: Clinic, *codes: str) -> bool:
    return not any(writes(clinic.twin, code) for code in codes) and not Redemption.objects.filter(
        operation__branch=clinic.branch
    )
