"""One browser window at one till: what a person presses and sees, and everything that must never happen meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Request, expect

from tests.browser.scanner import scan
from tests.scene import eventually

PATIENCE = 30.0  # seconds: the machine may be busy
VERIFIED, AMOUNTS, CONFIRM = "#part form[action$='/person/']", "#part form[data-amounts]", "#part form[data-confirm]"
DONE, REFUSED, CHECKING = "#part .rc.t-done", "#part .rc [role=alert]", "#part .rc.t-checking"
PERSON_1 = f"{VERIFIED} input[data-digit='1']"
LEFT = f"{AMOUNTS} [data-left]"
WORK = "#work .work > li"
# Milliseconds since this page was shown. By polling: the page's own policy forbids Playwright's wait_for_function.
ON_SCREEN = """(([shown]) => shown.loadEventEnd && performance.now() - shown.loadEventEnd)(
    performance.getEntriesByType('navigation'))"""
# Chromium's own line for every answer of 4xx: the pages that refuse something are such answers.
EXPECTED = "Failed to load resource: the server responded with a status of 4"


@dataclass
class Screen:
    context: BrowserContext
    page: Page
    site: str
    troubles: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)  # every key action since the last scan

    def __post_init__(self) -> None:
        self.context.on("request", self._asked)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.troubles.append(f"error: {error.error}"))
        self.context.on("dialog", self._dialog)

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(self.site + "/"):
            self.troubles.append(f"another host: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(EXPECTED):
            self.troubles.append(f"console: {message.text}")

    def _dialog(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    # Where she is ---------------------------------------------------------------------------------------------------

    def open(self, path: str = "/") -> Screen:
        self.page.goto(self.site + path)
        return self

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def see(self, selector: str, count: int | None = None) -> Locator:
        found = self.page.locator(selector)
        if count is None:
            expect(found.first).to_be_visible()
            return found.first
        expect(found).to_have_count(count)
        return found

    def text(self, selector: str) -> str:
        return self.see(selector).inner_text()

    # What she presses -----------------------------------------------------------------------------------------------

    def hears(self) -> None:
        """A page can be seen before its scripts are there: a key pressed then is lost, and no person is that fast."""
        self.page.wait_for_load_state("domcontentloaded")

    def scan(self, code: str) -> None:
        """Wherever the focus is."""
        self.hears()
        scan(self.page, code)
        self.keys.clear()

    def press(self, key: str) -> None:
        self.hears()
        self.page.keyboard.press(key)
        self.keys.append(key)

    def type(self, text: str) -> None:
        self.hears()
        self.page.keyboard.type(text, delay=70)  # a person's hand: no scanner is as slow
        self.keys.append(text)

    def tap(self, key: str, count: int) -> None:
        for _ in range(count):
            self.page.keyboard.press(key)

    # A whole redemption, as far as it is not the point of the test -----------------------------------------------------

    def up_to_verified(self, code: str) -> None:
        self.open().see("#box:focus")
        self.scan(code)
        self.see(VERIFIED)

    def up_to_amounts(self, code: str) -> None:
        self.up_to_verified(code)
        self.choose_first()
        self.press("Enter")
        self.see(f"{AMOUNTS} #total:focus")

    def up_to_confirm(self, code: str, total: str = "600") -> None:
        self.up_to_amounts(code)
        self.page.keyboard.type(total)
        self.press("Enter")
        self.ready_to_confirm()

    def choose_first(self) -> None:
        self.press("1")
        expect(self.page.locator(PERSON_1)).to_be_checked()

    def ready_to_confirm(self) -> None:
        """The card has been on the screen for a moment: only now does Enter count."""
        self.see(f"{CONFIRM} button:focus")
        eventually(lambda: self.page.evaluate(ON_SCREEN) > 450)


def seated(browser: Browser, site: str, session: str = "", **options: Any) -> Screen:
    """A window of its own, as another machine would have it; with somebody signed in if there is a session."""
    context = browser.new_context(**{"viewport": {"width": 1366, "height": 768}, "locale": "en-GB"} | options)
    context.set_default_timeout(PATIENCE * 1000)
    if session:
        context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    return Screen(context, context.new_page(), site)
