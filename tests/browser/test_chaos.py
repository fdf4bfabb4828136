"""S3, S4 and S6 under bad luck: the browser is killed, reloaded or led back at each step; tabs and tills get in each other's
way. One operation, one effect, and whoever comes back is shown what is true."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from providers.models import Operation
from tests.browser.clinic import Clinic
from tests.browser.conftest import FLAGS, Seat
from tests.browser.screen import AMOUNTS, CHECKING, CONFIRM, DONE, VERIFIED, WORK, Screen, seated
from tests.scene import SLUG, effects, eventually, writes

pytestmark = pytest.mark.usefixtures("workers")
STEPS = ("looking", "person", "amounts", "confirm", "pressed", "waiting", "result")
CARD = {"person": VERIFIED, "amounts": AMOUNTS, "confirm": CONFIRM}
SENDING, BUTTON = "#part [data-seconds]", f"{CONFIRM} button[type=submit]"


def go_to(screen: Screen, clinic: Clinic, code: str, step: str) -> None:
    """As a person at the till comes there, from the desk on."""
    slow = {"looking": "find", "waiting": "redeem"}.get(step)
    if slow:
        clinic.twin.control.fault("delay", provider=SLUG, endpoint=slow, code=code, seconds=1.5)
    if step == "looking":
        screen.open().see("#box:focus")
        screen.scan(code)
        screen.see("#part[data-state^=waiting]")
    elif step in ("person", "amounts"):
        {"person": screen.up_to_verified, "amounts": screen.up_to_amounts}[step](code)
    else:
        screen.up_to_confirm(code)
        if step != "confirm":
            screen.press("Enter")
        if step in ("waiting", "result"):
            screen.see(SENDING if step == "waiting" else DONE)


def go_on_to_the_end(screen: Screen) -> None:
    """From whatever card is shown: the remaining steps, as somebody who reads what is in front of her."""
    screen.see(", ".join((VERIFIED, DONE, CHECKING)))
    if screen.page.locator(VERIFIED).count():
        screen.choose_first()
        screen.press("Enter")
        screen.see(f"{AMOUNTS} #total:focus").fill("600")
        screen.press("Enter")
        screen.ready_to_confirm()
        screen.press("Enter")
    screen.see(DONE)


def assert_once(clinic: Clinic, code: str) -> None:
    assert len(writes(clinic.twin, code)) == len(effects(clinic.twin, code)) == 1
    assert Operation.objects.filter(branch=clinic.branch).count() == 1


# Killed ---------------------------------------------------------------------------------------------------------------


@contextmanager
def a_browser_of_its_own(browser: Browser, folder: Path) -> Iterator[tuple[Browser, subprocess.Popen[bytes]]]:
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    options = ["--headless=new", *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([path, *options], start_new_session=True, stdout=quiet, stderr=quiet)
    try:
        told = folder / "DevToolsActivePort"
        port = eventually(lambda: told.exists() and told.read_text().partition("\n")[0])
        yield browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}"), process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """With all of its own processes: no page hears of it, nothing is said goodbye to."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("step", STEPS)
def test_a_browser_that_is_killed_leaves_the_truth_on_the_desk(
    browser: Browser, address: str, clinic: Clinic, seat: Seat, tmp_path: Path, step: str
) -> None:
    code, reem = clinic.voucher(), clinic.hire()
    with a_browser_of_its_own(browser, tmp_path) as (doomed, process):
        go_to(seated(doomed, address, clinic.session(reem, 1)), clinic, code, step)
        kill(process)
    meant = Operation.objects.filter(branch=clinic.branch).exists()
    assert meant or step not in ("waiting", "result")
    assert not meant or step in ("pressed", "waiting", "result")
    elsewhere = seat(clinic, reem, till=2).open()
    elsewhere.see(WORK, 1)
    elsewhere.see(f"{WORK} [data-alt='1']").click()
    go_on_to_the_end(elsewhere)
    assert_once(clinic, code)


# Reloaded, led back ---------------------------------------------------------------------------------------------------


def test_reloading_and_going_back_at_each_step_shows_the_step_that_is_true(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire())
    page = screen.page
    go_to(screen, clinic, code, "looking")
    page.reload()
    screen.see(VERIFIED)
    for step in ("person", "amounts", "confirm"):
        screen.see(CARD[step])
        page.reload()
        screen.see(CARD[step])
        page.go_back()
        page.go_forward()
        screen.see(CARD[step])
        if step == "person":
            screen.choose_first()
            screen.press("Enter")
        elif step == "amounts":
            screen.see("#total").fill("600")
            screen.press("Enter")
    screen.ready_to_confirm()
    clinic.twin.control.fault("delay", provider=SLUG, endpoint="redeem", code=code, seconds=2)
    screen.press("Enter")
    screen.see(SENDING)
    page.reload()
    screen.see(f"{SENDING}, {DONE}")
    page.go_back()
    screen.see(f"{SENDING}, {DONE}")  # the card that asked is gone
    screen.see(DONE)
    page.reload()
    screen.see(DONE)
    assert_once(clinic, code)


# Two tabs, two tills --------------------------------------------------------------------------------------------------


def test_a_tab_that_is_behind_redeems_what_it_shows_or_nothing(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    one = seat(clinic, clinic.hire())
    one.up_to_confirm(code)
    two = Screen(one.context, one.context.new_page(), one.site)
    two.page.goto(one.page.url.replace("/confirm/", "/amounts/"))
    two.see("#total").fill("900")
    two.press("Enter")
    two.ready_to_confirm()
    one.page.bring_to_front()
    one.see(BUTTON).click()  # it still shows 600
    expect(one.page.locator(CONFIRM)).to_contain_text("900")
    assert not Operation.objects.filter(branch=clinic.branch).exists()
    one.see(BUTTON).click()
    one.see(DONE)
    two.see(BUTTON).click()
    two.see(DONE)
    assert one.path == two.path
    assert [effect.amounts["total_services_price"] for effect in effects(clinic.twin, code)] == ["900"]
    assert_once(clinic, code)


def test_another_till_that_is_as_far_is_told_who_was_first(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    first, second = (seat(clinic, clinic.hire(name=name), till=till) for till, name in ((1, "نورة"), (2, "هند")))
    go_to(second, clinic, code, "amounts")
    go_to(first, clinic, code, "result")
    second.page.reload()
    second.see("#total").fill("600")
    second.press("Enter")
    second.ready_to_confirm()
    second.press("Enter")
    expect(second.page.locator("#part .rc")).to_contain_text("نورة العتيبي")
    assert_once(clinic, code)
