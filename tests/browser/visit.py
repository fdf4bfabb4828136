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
CARDS = (
    *("waiting", "verified", "amounts", "confirm", "refused", "unseen", "malformed", "no answer"),
    *("hostile verified", "hostile confirm", "turned verified", "long verified", "long confirm"),
    *("sending", "unknown", "succeeded", "long succeeded", "hostile succeeded", "refused by them", "not applied"),
    *("needs review", "succeeded: slip", "long succeeded: slip", "hostile succeeded: slip"),
)
SALES = (
    *("sale of one", "sale", "sale of ten", "sale with troubles", "sale just begun", "sale refused"),
    *("sale confirmed owner", "sale amounts", "sale confirm", "sale of ten confirm"),
    *("sale sending", "sale unknown", "sale succeeded", "sale of one succeeded", "sale partial", "sale not applied"),
    *("sale needs review", "sale decided in part", "sale decided in part: slip"),
    *("sale refused by them", "sale succeeded: slip", "sale of one succeeded: slip", "sale partial: slip"),
)
BOOKINGS = (
    *("board on an empty day", "board of 200", "found family", "found nobody", "found too short"),
    *("customer", "customer with a long name", "customer refreshing", "reservation with an attack"),
    *("subscription paused", "subscription with a planned pause"),
)
BOOKING_WAYS = (
    *("book", "book person", "book new", "book what", "book times", "book confirm", "book no answer", "book asking"),
    *("act done", "act done: slip", "act created", "act unknown", "act needs_review", "act not_sent", "act attended"),
    *("change finish", "change cancel", "change reschedule", "move times", "move", "undo"),
)
CARD_PAGES = (
    *("cards of one", "cards of nobody", "cards of many", "cards of days ago", "cards refreshing", "card"),
    *("visit", "visit not read", "visit amount", "visit confirm", "visit discount", "visit paid in parts"),
    *("visit cancel points", "visit cancel discount", "visit referral", "visit referrer", "visit referrer unknown"),
    *("issue", "issue choose", "issue has one", "issue beside"),
    *("points created", "points unknown", "points needs_review", "points not_sent", "points clamped", "points taken"),
)
POINTS_BY_HAND = ("give", "take", "proposal of mine", "proposal declined", "proposal expired")
POINTS_OF_CHIEF = ("proposal to decide", "proposal of hers", "proposal too large")
CARDS_OF_CHIEF = ("card removal", "card removed", "card to decide")
SUBSCRIPTIONS = ("subscription pause", "subscription resume", "subscribe", "subscribe confirm")
EVIDENCE = ("needs review: evidence", "half decided: evidence", "decided: evidence", "unknown: evidence")


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


PAGES: dict[str, Open] = {
    "login": signed_out,
    "login refused": refused_login,
    "locked out": locked_out,
    "place": page("reem", "/accounts/place/"),
    "sign out": page("reem", "/accounts/logout/"),
    "new password": page("reem", "/accounts/password/"),
    "my sign-in": page("reem", "/accounts/mine/"),
    "my sign-in, protected": page("warda", "/accounts/mine/"),
    "second step demanded": demanded,
    "app on a phone": page("reem", "/accounts/mine/app/"),
    "remove the app": page("warda", "/accounts/mine/app/remove/"),
    "add a passkey": page("reem", "/accounts/mine/passkey/"),
    "recovery codes": recovery_codes,
    "recovery codes, shown before": page("warda", "/accounts/mine/codes/"),
    "new recovery codes": page("warda", "/accounts/mine/codes/new/"),
    "is it you": page("reem", "/accounts/again/?next=/"),
    "is it you, with all ways": page("warda", "/accounts/again/?next=/"),
    "it is not you": not_you,
    "second step": second_step,
    "second step refused": wrong_code,
    "desk empty": page("majed", "/"),
    "desk with work": page("reem", "/"),
    "desk while the issuer is down": page("salma", "/"),
    "desk of an accountant": page("aziz", "/"),
    "keys": keys,
    **{name: page("reem", name) for name in CARDS},
    **{name: page("amal", name) for name in SALES},
    **{name: page("hind", name) for name in BOOKING_WAYS},
    **{name: page("badr", name) for name in SUBSCRIPTIONS},
    **{name: page("lina", name) for name in CARD_PAGES},
    **{name: page("samar", name) for name in CARDS_OF_CHIEF},
    "visits": page("lina", "/loyalty/"),
    "visits on an empty day": page("lina", "/loyalty/?day=2040-01-01"),
    "amount refused": amount_refused,
    **{name: page("lina", name) for name in POINTS_BY_HAND},
    **{name: page("samar", name) for name in POINTS_OF_CHIEF},
    "give refused": points_typed("0", "#amount-error"),
    "give confirm": points_typed("20", "#part form[data-confirm]"),
    "give for a second person": points_typed("60.25", "#part form[data-confirm] .t-person"),
    "proposals": page("samar", "/loyalty/proposals/"),
    "owed": page("wijdan", "/loyalty/owed/"),
    "owed cards": page("wijdan", "/loyalty/owed/rows/"),
    "owed given": page("wijdan", "/loyalty/owed/rows/?what=given"),
    "owed by hand": page("wijdan", "owed by hand"),
    "cards to decide": page("samar", "/review/"),
    "act undecided": act_undecided,
    "act decided": page("badr", "act decided"),
    "bookings to decide": page("badr", "/review/"),
    "mirrors": page("ghada", "/sync/"),
    "sale of another": sale_of_another,
    "sale with one twice": sale_with_one_twice,
    "sale total too small": sale_total_too_small,
    "sale desk": page("amal", "/"),
    "sale unknown: evidence": page("karim", "sale unknown: evidence"),
    "sale needs review: evidence": page("karim", "sale needs review: evidence"),
    "sale decided in part: evidence": page("karim", "sale decided in part: evidence"),
    "sale half chosen": sale_half_chosen,
    "sale review": page("karim", "/review/"),
    "board": page("rana", "/reservations/"),
    "board by practitioner": page("rana", "/reservations/?by=practitioner"),
    "week": page("rana", "/reservations/week/"),
    "search": page("rana", "/customers/"),
    "desk that books": page("rana", "/"),
    **{name: page("rana", name) for name in BOOKINGS},
    "nobody chosen": nobody_chosen,
    "amounts with an error": total_too_small,
    "succeeded, with evidence": page("huda", "succeeded"),
    "review list": page("huda", "/review/"),
    "review list, empty": page("dana", "/review/"),
    **{name: page("huda", name) for name in EVIDENCE},
    "undecided": undecided,
    "cases": page("aziz", "/vouchers/cases/?state=all"),
    "cases, none": page("dana", "/vouchers/cases/"),
    "case to send": page("huda", "case to send"),
    "case to close": page("aziz", "case to close"),
    "case with an attack": page("aziz", "case with an attack"),
    "case closed": page("huda", "case closed"),
    "case of hers": page("nouf", "case of hers"),
    "new case": page("huda", "new case"),
    "case correcting": correcting,
    "case not opened": case_not_opened,
    "case not closed": case_not_closed,
    "disputed": page("huda", "disputed"),
    "corrected": page("reem", "corrected"),
    "desk of a supervisor": page("huda", "/"),
    "forbidden": page("reem", "/review/"),
    "not found": page("reem", "/nothing/"),
}
# Pages whose card or frame another page has too: not asked in English, whose texts are the shortest.
ALSO_ELSEWHERE = {
    *("recovery codes, shown before", "new recovery codes", "remove the app", "it is not you", "second step refused"),
    *("locked out", "sign out", "new password", "desk of an accountant", "keys", "review list, empty"),
    *("cases, none", "case of hers", "case closed", "case correcting", "case with an attack", "corrected"),
    *("found too short", "board on an empty day", "desk that books", "customer refreshing", "subscription paused"),
    *("unseen", "malformed", "no answer", "hostile verified", "hostile confirm", "turned verified"),
    *("sale of one", "sale just begun", "sale refused", "sale confirmed owner", "sale of ten confirm", "sale sending"),
    *("sale of one succeeded: slip", "sale unknown: evidence", "sale review", "sale with one twice"),
    *("book new", "book asking", "act created", "act not_sent", "act attended", "change reschedule", "undo", "move"),
    *("subscription resume", "subscription pause", "act decided", "bookings to decide"),
    *("cards of nobody", "cards refreshing", "visit discount", "visit cancel discount", "visit referrer unknown"),
    *("issue", "issue beside", "points created", "points not_sent", "points needs_review", "visits on an empty day"),
    *("cards to decide", "points taken", "cards of days ago"),
    *(
        "take",
        "give refused",
        "proposal declined",
        "proposal expired",
        "proposal of hers",
        "owed cards",
        "owed by hand",
    ),
    *("hostile succeeded", "hostile succeeded: slip", "refused by them", "decided: evidence", "unknown: evidence"),
}
