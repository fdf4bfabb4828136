"""The ledger and the day close before a real browser: in three languages, on a till and on a phone, by keyboard alone."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Browser

from branches.models import User
from branches.roles import Role
from providers.alreaaiaa.sandbox_vouchers import HOSTILE_NAMES, LONGEST_NAME
from providers.models import Operation, State
from providers.sandbox.running import RunningSandbox
from tests.browser import audit
from tests.browser import clinic as clinics
from tests.browser.clinic import Clinic
from tests.browser.conftest import Power, Seat
from tests.browser.screen import Screen, seated
from tests.browser.visit import NARROWEST, PHONE, TILL
from tests.browser.words import LANGUAGES
from tests.vouchers.ledger.rows import in_part, redeemed, renamed
from tests.web.world import Corner, far_from_midnight
from tests.web.years import fill
from vouchers.models import DayClose, Lookup, Redemption
from vouchers.services import close_day

YESTERDAY = dt.timedelta(1)


class Books:
    """A clinic with a full ledger, a till whose day is open, one that was closed, and one where nothing has happened."""

    def __init__(self, twin: RunningSandbox) -> None:
        self.clinic, self.quiet = clinics.opened(twin), clinics.opened(twin)
        self.reem, self.huda = self.clinic.hire(name="ريم"), self.clinic.hire(Role.SUPERVISOR, name="هدى")
        self.nouf = self.clinic.hire(Role.MANAGER, name="نوف")
        self.majed = self.quiet.hire(Role.ACCOUNTANT, name="ماجد")
        far_from_midnight(self.clinic.branch)
        self.day = self.clinic.branch.business_date(timezone.now())
        corner = Corner(self.clinic.branch, self.clinic.account, self.reem)
        fill(corner, self.huda, 60)
        for n, row in enumerate(Operation.objects.filter(branch=self.clinic.branch).order_by("pk")):
            reference = f"W-{n % 9000:04d}-{row.pk.hex[:4].upper()}"
            Operation.objects.filter(pk=row.pk).update(
                reference=reference, created_at=F("created_at") - dt.timedelta(hours=n)
            )
        Redemption.objects.filter(operation__branch=self.clinic.branch).update(business_date=self.day - YESTERDAY)
        self.closed_day(corner)
        in_part(corner)
        for name in (LONGEST_NAME, *HOSTILE_NAMES):
            renamed(redeemed(corner), name)
        for state in (State.UNKNOWN, State.NEEDS_REVIEW, State.REFUSED):
            redeemed(corner, state)
        # No worker of a later test shall find this work.
        Operation.objects.filter(branch=self.clinic.branch).update(next_at=None)
        Lookup.objects.filter(branch=self.clinic.branch).update(next_at=None)

    def closed_day(self, corner: Corner) -> None:
        """Of the second till, today: closed with a difference, and one redemption more."""
        till = self.clinic.till(2)
        redeemed(corner, till=till)
        redeemed(corner, State.NOT_SENT, till=till)
        note, counted = "نقص عشرة، والباقي بالبطاقة", redeemed(corner, till=till).client_pays * 2 - 10
        close_day(till, self.day, self.clinic.place(self.reem, 2), counted=counted, note=note, now=timezone.now())
        redeemed(corner, till=till)

    def path(self, number: int, what: str = "") -> str:
        return f"/vouchers/ledger/tills/{self.clinic.till(number).pk}/{what}?day={self.day}"

    @property
    def pages(self) -> dict[str, tuple[Clinic, User, str]]:
        ledger, nouf = "/vouchers/ledger/", (self.clinic, self.nouf)
        return {
            "ledger": (*nouf, ledger),
            "ledger of reception": (self.clinic, self.reem, ledger),
            "ledger refused": (*nouf, f"{ledger}?since=2026-01-01&until=2026-12-31&status=x"),
            "ledger empty": (self.quiet, self.majed, ledger),
            "tills": (self.clinic, self.huda, "/vouchers/ledger/tills/"),
            "day open": (self.clinic, self.huda, self.path(1)),
            "day closed": (self.clinic, self.reem, self.path(2)),
            "day to close": (*nouf, self.path(2).replace(str(self.day), str(self.day - 2 * YESTERDAY))),
            "day slip": (self.clinic, self.reem, self.path(2, "slip/")),
        }


@pytest.fixture(scope="module")
def books(power: Power, twin_of_all: RunningSandbox) -> Books:
    power.off()
    return Books(twin_of_all)


class Screens:
    """One a person, kept open."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address, self.open = browser, address, dict[str, Screen]()

    def of(self, clinic: Clinic, user: User) -> Screen:
        if user.username not in self.open:
            cookie = clinic.session(user)
            screen = seated(self.browser, self.address, cookie, viewport=TILL, reduced_motion="reduce")
            screen.context.add_init_script(audit.WATCH_SHIFTS)
            self.open[user.username] = screen
        return self.open[user.username]


@pytest.fixture(scope="module")
def screens(browser: Browser, address: str) -> Iterator[Screens]:
    screens = Screens(browser, address)
    yield screens
    for screen in screens.open.values():
        screen.context.close()


NAMES = (
    *("ledger", "ledger of reception", "ledger refused", "ledger empty"),
    *("tills", "day open", "day closed", "day to close", "day slip"),
)


def keep_picture(screen: Screen, name: str) -> None:
    """For the eye: WASL_PICTURES=/tmp/pictures bin/test tests/browser/test_ledger.py"""
    if folder := os.environ.get("WASL_PICTURES"):
        screen.page.screenshot(path=Path(folder) / f"{name.replace(' ', '_')}.png", full_page=True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_page_is_fit_for_everybody(books: Books, screens: Screens, name: str, language: str) -> None:
    clinic, user, path = books.pages[name]
    User.objects.update(language=language)
    screen = screens.of(clinic, user).open(path)
    page, troubles = screen.page, {}
    assert audit.direction(page)[:2] == [language, "rtl" if language == "ar" else "ltr"]
    for width, size in (("1366", TILL), ("390", PHONE), ("320", NARROWEST)):
        page.set_viewport_size(size)
        troubles[width] = audit.sticks_out(page)
        if language == "ar" and width != "320":  # once: the elements are the same in every language
            troubles[width] += audit.axe_violations(page, rules=() if width == "1366" else audit.OF_SIZE)
        keep_picture(screen, f"{name}-{language}-{width}")
    page.set_viewport_size(TILL)
    assert audit.layout_shift(page) < 0.05
    if language == "ar":
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        troubles["dark"] = audit.axe_violations(page)
        keep_picture(screen, f"{name}-dark-1366")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
    troubles["said"] = [*screen.troubles]
    screen.troubles.clear()
    assert not any(troubles.values()), "\n".join(f"{where}: {what}" for where, all in troubles.items() for what in all)


# By keyboard ------------------------------------------------------------------------------------------------------------


def focus(screen: Screen, selector: str, most: int = 60) -> None:
    """Tab until it has the focus: whatever cannot be reached so is not there for many."""
    for _step in range(most):
        if screen.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        screen.page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def test_a_filter_a_page_and_a_row_without_a_mouse(books: Books, seat: Seat) -> None:
    User.objects.update(language="en")
    screen = seat(books.clinic, books.nouf).open("/vouchers/ledger/")
    focus(screen, "a[rel=next]", 200)
    screen.press("Enter")
    screen.see("footer a:has-text('Back to the newest')")
    assert "after=" in screen.page.url
    screen.open("/vouchers/ledger/")
    focus(screen, "#id_status")
    screen.page.keyboard.type("Used in part")
    screen.press("Enter") if "status=part" in screen.page.url else focus(screen, ".filter button[type=submit]")
    screen.press("Enter")
    screen.see(".ledger tbody tr", 1)
    focus(screen, ".ledger tbody a")
    screen.press("Enter")
    screen.see("#outcome-title")


def test_a_file_is_downloaded_again_and_again_from_one_page(books: Books, seat: Seat) -> None:
    User.objects.update(language="ar")
    screen = seat(books.clinic, books.nouf).open("/vouchers/ledger/")
    for button in ("csv", "csv", "xlsx"):
        with screen.page.expect_download() as waiting:
            focus(screen, f"button[value={button}]", 250)
            screen.press("Enter")
        content = Path(waiting.value.path()).read_bytes()
        assert waiting.value.suggested_filename.endswith(f".{button}")
        assert "training" in waiting.value.suggested_filename
        if button == "csv":
            rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";", strict=True))
            assert len(rows) > 60 and len({len(row) for row in rows}) == 1
        else:
            assert content.startswith(b"PK")


def test_the_reception_sees_no_button_to_take_the_ledger_away(books: Books, seat: Seat) -> None:
    screen = seat(books.clinic, books.reem).open("/vouchers/ledger/")
    screen.see(".ledger tbody tr")
    screen.see("button[value=csv]", 0)


def test_a_day_is_closed_without_a_mouse_and_stays_closed(books: Books, seat: Seat) -> None:
    User.objects.update(language="en")
    day = books.day - 3 * YESTERDAY
    path = re.sub(r"day=.*", f"day={day}", books.path(1))
    screen = seat(books.clinic, books.reem).open(path)
    focus(screen, "#id_counted")
    screen.type("abc")
    screen.press("Enter")
    screen.see(".errs a[href='#id_counted']")
    assert screen.see("#id_counted").input_value() == "abc", "what was typed is not lost"
    focus(screen, "#id_counted")
    screen.press("Control+A")
    screen.type("0")
    focus(screen, "main form.rc button[type=submit]")
    screen.press("Enter")
    screen.see(".head .t-done")
    screen.see("form.rc", 0)
    row = DayClose.objects.get(till=books.clinic.till(1), business_date=day)
    assert (row.closed_by, row.counted) == (books.reem, 0)


def test_without_javascript_the_ledger_is_searched_and_a_day_closed(books: Books, seat: Seat) -> None:
    User.objects.update(language="fr")
    screen = seat(books.clinic, books.huda, java_script_enabled=False).open("/vouchers/ledger/")
    screen.page.select_option("#id_status", "person")
    screen.page.click(".filter button[type=submit]")
    assert screen.page.locator(".ledger tbody tr").count() >= 1
    day = books.day - 4 * YESTERDAY
    screen.open(re.sub(r"day=.*", f"day={day}", books.path(1)))
    screen.page.click("main form.rc button[type=submit]")
    assert DayClose.objects.filter(till=books.clinic.till(1), business_date=day).exists()
