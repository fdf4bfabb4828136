"""How one comes to every page of the gallery: who opens it, and what she presses there."""

from __future__ import annotations

from collections.abc import Callable

from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Browser

from tests.browser import audit
from tests.browser.clinic import PASSWORD
from tests.browser.gallery import LOCKED_OUT, Gallery
from tests.browser.screen import VERIFIED, Screen, seated

TILL, PHONE, NARROWEST = {"width": 1366, "height": 768}, {"width": 390, "height": 844}, {"width": 320, "height": 640}


class Visit:
    """The people of the gallery, each before a screen that stays open."""

    def __init__(self, gallery: Gallery, browser: Browser, address: str) -> None:
        self.gallery, self.address = gallery, address
        self._browser = browser
        self._screens: dict[str, Screen] = {}

    def by(self, name: str) -> Screen:
        if name not in self._screens:
            cookie = self.gallery.session(name)
            self._screens[name] = seated(self._browser, self.address, cookie, viewport=TILL, reduced_motion="reduce")
            self._screens[name].context.add_init_script(audit.WATCH_SHIFTS)
        return self._screens[name]

    def speak(self, language: str) -> None:
        self.gallery.speak(language)
        wish = {"name": "django_language", "value": language, "url": self.address}
        self.by("nobody").context.add_cookies([wish])

    def leave(self) -> None:
        for screen in self._screens.values():
            screen.context.close()


Open = Callable[[Visit], Screen]


def page(person: str, path: str) -> Open:
    return lambda visit: visit.by(person).open(visit.gallery.paths.get(path, path))


def signed_out(visit: Visit) -> Screen:
    screen = visit.by("nobody")
    screen.context.clear_cookies(name="sessionid")  # of somebody who is half in
    return screen.open(reverse("account_login"))


def refused_login(visit: Visit) -> Screen:
    screen = signed_out(visit)
    screen.see("#id_login").fill("nobody at all")
    screen.see("#id_password").fill("wrong")
    screen.page.keyboard.press("Enter")
    screen.see(".errs[role=alert]")
    return screen


def locked_out(visit: Visit) -> Screen:
    screen = signed_out(visit)
    screen.see("#id_login").fill(LOCKED_OUT)
    screen.see("#id_password").fill("wrong")
    screen.page.keyboard.press("Enter")
    screen.see(".errs[role=alert] .i-lock")
    return screen


def nobody_chosen(visit: Visit) -> Screen:
    screen = page("reem", "verified")(visit)
    screen.see(f"{VERIFIED} button[type=submit]").click()
    screen.see("#who-error")
    return screen


def total_too_small(visit: Visit) -> Screen:
    screen = page("reem", "amounts refused")(visit)
    screen.see("#total").fill("150")
    screen.page.keyboard.press("Enter")
    screen.see("#total-error")
    return screen


def sale_of_another(visit: Visit) -> Screen:
    screen = page("amal", "sale")(visit)
    screen.see("#phone").fill("0672345602")
    screen.see("#phone").press("Enter")
    screen.see("#phone-error")
    return screen


def sale_with_one_twice(visit: Visit) -> Screen:
    screen = page("amal", "sale")(visit)
    screen.see("#next").fill(screen.see("#vouchers .code").inner_text())
    screen.see("#next").press("Enter")
    screen.see("#next-error")
    return screen


def sale_total_too_small(visit: Visit) -> Screen:
    screen = page("amal", "sale amounts refused")(visit)
    screen.see("#total").fill("40")
    screen.page.keyboard.press("Enter")
    screen.see("#total-error")
    return screen


def undecided(visit: Visit) -> Screen:
    screen = page("huda", "needs review: evidence")(visit)
    screen.see("form[action$='/decide/'] button[type=submit]").click()
    screen.see("form[action$='/decide/'] [role=alert]")
    return screen


def sale_half_chosen(visit: Visit) -> Screen:
    """Some of them: the codes are shown, and one is asked for."""
    screen = page("karim", "sale needs review: evidence")(visit)
    screen.see("[name=applied][value=part]").check()
    screen.see("#f-codes [name=codes]")
    screen.see("form[action$='/decide/'] button[type=submit]").click()
    screen.see("form[action$='/decide/'] [role=alert]")
    return screen


def amount_refused(visit: Visit) -> Screen:
    screen = page("lina", "visit amount")(visit)
    screen.see("#amount").fill("-5")
    screen.see("#amount").press("Enter")
    screen.see("#amount-error")
    return screen


def points_typed(amount: str, ready: str) -> Open:
    def opened(visit: Visit) -> Screen:
        screen = page("lina", "give")(visit)
        screen.see("#amount").fill(amount)
        screen.see("input[name=reason][value=goodwill]").check()
        screen.see("#part footer button[type=submit]").press("Enter")
        screen.see(ready)
        return screen

    return opened


def act_undecided(visit: Visit) -> Screen:
    """It was made: which of them it was is asked for, and missing."""
    screen = page("badr", "act to decide")(visit)
    screen.see("[name=applied][value=yes]").check()
    screen.see("#f-made [value=none]")
    screen.see("form[action$='/decide/'] button[type=submit]").click()
    screen.see("form[action$='/decide/'] [role=alert]")
    return screen


def case_not_opened(visit: Visit) -> Screen:
    screen = page("huda", "new case")(visit)
    screen.see("form.rc button[type=submit]").click()
    screen.see(".errs[role=alert]")
    return screen


def correcting(visit: Visit) -> Screen:
    screen = page("huda", "new case")(visit)
    screen.see("[name=ask][value=correct]").check()
    screen.see("#f-right_amount")
    return screen


def case_not_closed(visit: Visit) -> Screen:
    screen = page("aziz", "case to close")(visit)
    screen.see("#ruling [value=partly]").check()
    screen.see("#ruling button[type=submit]").click()
    screen.see(".errs[role=alert]")
    return screen


def keys(visit: Visit) -> Screen:
    screen = page("majed", "/")(visit)
    screen.see("h1").click()
    screen.page.keyboard.press("?")
    screen.see("dialog#keys[open]")
    return screen


def not_you(visit: Visit) -> Screen:
    screen = page("reem", "/accounts/again/?next=/")(visit)
    screen.see("#id_password").fill("wrong")
    screen.page.keyboard.press("Enter")
    screen.see(".errs[role=alert]")
    return screen


def second_step(visit: Visit) -> Screen:
    """Half in: the password was right."""
    screen = signed_out(visit)
    screen.see("#id_login").fill(visit.gallery.people["warda"][1].username)
    screen.see("#id_password").fill(PASSWORD)
    screen.page.keyboard.press("Enter")
    screen.see("#id_code:focus")
    return screen


def wrong_code(visit: Visit) -> Screen:
    screen = second_step(visit)
    screen.see("#id_code").fill("12")
    screen.page.keyboard.press("Enter")
    screen.see(".errs[role=alert]")
    return screen


def recovery_codes(visit: Visit) -> Screen:
    visit.gallery.with_factors(visit.gallery.people["warda"][1])
    screen = page("warda", "/accounts/mine/codes/")(visit)
    screen.see(".codes li", 10)
    return screen


def demanded(visit: Visit) -> Screen:
    with override_settings(MFA_ROLES=["receptionist"]):
        return page("majed", "/")(visit)
