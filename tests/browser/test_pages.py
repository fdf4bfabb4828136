"""Every page in every state: in three languages, at a till and on a phone, in light and dark."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Response

from providers.sandbox.running import RunningSandbox
from tests.browser import audit
from tests.browser.conftest import Power, Seat
from tests.browser.gallery import Gallery
from tests.browser.pages import ALSO_ELSEWHERE, PAGES
from tests.browser.screen import AMOUNTS, REFUSED, Screen
from tests.browser.visit import NARROWEST, PHONE, TILL, Visit
from tests.browser.words import LANGUAGES

# Arabic turns the page round and French is the longest: all pages in both. English, the shortest, in some of each kind.
IN_ENGLISH = [name for name in PAGES if name not in ALSO_ELSEWHERE][::3]
SHOWN = [(language, name) for language in LANGUAGES for name in PAGES if language != "en" or name in IN_ENGLISH]
IN_THE_DARK = (
    *("my sign-in, protected", "app on a phone", "recovery codes", "is it you, with all ways", "second step refused"),
    *("login", "desk with work", "desk while the issuer is down", "verified", "amounts with an error", "confirm"),
    *("sale with troubles", "sale confirm", "sale partial", "sale of another", "sale succeeded: slip", "sale desk"),
    *("refused", "succeeded", "unknown", "needs review", "review list", "half decided: evidence"),
    *("cases", "case to close", "case not opened", "disputed"),
    *("board", "board of 200", "customer", "reservation with an attack"),
    *(
        "book what",
        "book times",
        "book confirm",
        "book confirm of three",
        "act done",
        "act done: slip",
        "change cancel",
        "subscribe confirm",
    ),
    *("act undecided", "mirrors"),
    *(
        "visits",
        "cards of one",
        "card",
        "visit",
        "visit amount",
        "visit discount",
        "visit confirm",
        "visit cancel points",
    ),
    *("issue choose", "issue has one", "card removal", "card to decide", "points clamped", "points unknown"),
    *(
        "give refused",
        "give confirm",
        "give for a second person",
        "proposals",
        "proposal to decide",
        "proposal expired",
    ),
    *("owed", "owed by hand", "visit referrer"),
)


@pytest.fixture(scope="module")
def gallery(power: Power, twin_of_all: RunningSandbox) -> Gallery:
    power.off()  # nothing may move while we look at it
    return Gallery(twin_of_all)


@pytest.fixture(scope="module")
def visit(gallery: Gallery, browser: Browser, address: str) -> Iterator[Visit]:
    visit = Visit(gallery, browser, address)
    yield visit
    visit.leave()


@pytest.fixture(scope="module")
def language(request: pytest.FixtureRequest, visit: Visit) -> str:
    visit.speak(request.param)
    return str(request.param)


@pytest.mark.parametrize(("language", "name"), SHOWN, indirect=["language"])
def test_a_page_is_fit_for_everybody(visit: Visit, language: str, name: str) -> None:
    screen = PAGES[name](visit)
    page = screen.page
    examined = language == "ar"  # once: the elements are the same in every language
    at_a_till = audit.sticks_out(page) + (audit.axe_violations(page, whole=name == "desk empty") if examined else [])
    assert audit.direction(page) == [language, *(["rtl", "rtl"] if language == "ar" else ["ltr", "ltr"])]
    assert audit.layout_shift(page) < 0.05
    _keep_picture(screen, f"{name}-{language}-1366")
    page.set_viewport_size(PHONE)
    on_a_phone = audit.sticks_out(page) + (audit.axe_violations(page, rules=audit.OF_SIZE) if examined else [])
    _keep_picture(screen, f"{name}-{language}-390")
    page.set_viewport_size(NARROWEST)
    troubles = {"till": at_a_till, "phone": on_a_phone, "narrow": audit.sticks_out(page), "said": [*screen.troubles]}
    for where, size in (("narrow", NARROWEST), ("phone", PHONE), ("till", TILL)):
        page.set_viewport_size(size)
        troubles[f"{where} tomorrow"] = audit.sticks_out_tomorrow(page)
    screen.troubles.clear()
    assert not any(troubles.values()), "\n".join(f"{where}: {what}" for where, all in troubles.items() for what in all)


@pytest.mark.parametrize(("language", "name"), [("ar", name) for name in IN_THE_DARK], indirect=["language"])
def test_a_page_is_readable_in_the_dark(visit: Visit, language: str, name: str) -> None:
    screen = PAGES[name](visit)
    screen.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert audit.axe_violations(screen.page) == []
    _keep_picture(screen, f"{name}-dark-1366")
    screen.page.emulate_media(color_scheme="light", reduced_motion="reduce")


def _keep_picture(screen: Screen, name: str) -> None:
    """For the eye: WASL_PICTURES=/tmp/pictures bin/test tests/browser/test_pages.py"""
    if folder := os.environ.get("WASL_PICTURES"):
        screen.page.screenshot(path=Path(folder) / f"{re.sub(r'[^a-z0-9-]+', '_', name)}.png", full_page=True)


# What the pages must not do, and what they weigh -------------------------------------------------------------------------


def test_names_that_attack_are_shown_as_text(visit: Visit) -> None:
    for name in ("hostile verified", "hostile confirm", "hostile succeeded", "hostile succeeded: slip"):
        screen = PAGES[name](visit)
        assert re.search(r"<img src=x onerror=alert\(1\)>|<svg/onload=alert\(1\)>", screen.text("#main"))
        screen.see("img[src=x], [onerror], [onload]", 0)
    turned = PAGES["turned verified"](visit)
    outside = turned.page.evaluate(
        "[...document.querySelectorAll('#main *')].filter((e) => !e.closest('bdi') && [...e.childNodes].some("
        "(n) => n.nodeType === 3 && /[\\u202a-\\u202e\\u2066-\\u2069]/.test(n.data))).map((e) => e.outerHTML)"
    )
    assert outside == [], "what turns the reading direction stays inside its own isolate"
    assert turned.troubles == []


def test_the_first_paint_of_the_desk_weighs_at_most_100_kb(visit: Visit) -> None:
    answers: list[Response] = []
    screen = visit.by("reem")
    screen.page.on("response", lambda answer: answers.append(answer))
    screen.open()
    first_paint = [answer for answer in answers if answer.request.resource_type in ("document", "stylesheet", "script")]
    weights = {urlsplit(answer.url).path: len(gzip.compress(answer.body(), 6)) for answer in first_paint}
    assert len(weights) >= 5, weights
    assert sum(weights.values()) <= 100 * 1024, weights


def test_the_page_that_waits_swaps_only_what_is_new(visit: Visit) -> None:
    """Focus and open details outlive the polling: nothing is replaced by the same thing."""
    screen = PAGES["sending"](visit)
    details = screen.see("#part details summary")
    details.click()
    details.focus()
    with screen.page.expect_response(re.compile("/redemptions/")):
        pass
    with screen.page.expect_response(re.compile("/redemptions/")):
        pass
    assert screen.see("#part details[open] summary").evaluate("summary => summary === document.activeElement")


def test_a_page_that_polls_shows_the_sign_in_when_the_session_has_ended(gallery: Gallery, seat: Seat) -> None:
    screen = seat(gallery.clinic, gallery.people["reem"][1]).open(gallery.paths["sending"])
    screen.context.clear_cookies()
    screen.see("main.door #id_login")  # the whole page, never the sign-in inside a card


def test_on_a_phone_one_can_still_change_the_till_and_sign_out(visit: Visit) -> None:
    screen = visit.by("majed")
    screen.page.set_viewport_size(PHONE)
    screen.open().see(f".where a[href='{reverse('branches:place')}']")
    screen.see(f".where form[action='{reverse('account_logout')}'] button")
    screen.page.set_viewport_size(TILL)


def test_amounts_and_refusals_are_linked_to_their_field(visit: Visit) -> None:
    screen = PAGES["amounts with an error"](visit)
    assert screen.see(f"{AMOUNTS} #total").get_attribute("aria-describedby") == "total-error"
    assert PAGES["refused"](visit).see(REFUSED).get_attribute("role") == "alert"
