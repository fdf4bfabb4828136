"""A second step set up and used in Chromium: an app on a phone, recovery codes on paper, and a passkey in the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from branches.models import User
from branches.roles import Role
from tests.browser.clinic import PASSWORD, Clinic
from tests.browser.conftest import Seat
from tests.browser.screen import Screen, seated
from tests.web.phone import Phone, stored

INSIDE = "form[method=post] fieldset.choices"  # nobody has said yet which till this is
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def reem(clinic: Clinic) -> User:
    return clinic.hire(Role.RECEPTIONIST)


@pytest.fixture
def here(browser: Browser, address: str) -> Iterator[Screen]:
    """The site by its name: a passkey belongs to one."""
    screen = seated(browser, address.replace("127.0.0.1", "localhost"))
    yield screen
    screen.context.close()
    assert screen.troubles == []


def sign_in(screen: Screen, person: User) -> None:
    screen.open("/accounts/login/").see("#id_login:focus")
    screen.page.keyboard.type(person.username)
    screen.press("Tab")
    screen.page.keyboard.type(PASSWORD)
    screen.press("Enter")


def sign_out(screen: Screen) -> None:
    screen.open("/accounts/logout/").see("main form button").click()
    screen.see("#id_login")


def test_an_app_and_recovery_codes_from_the_keyboard_in_arabic(reem: User, seat: Seat) -> None:
    screen = seat()
    sign_in(screen, reem)
    screen.see(INSIDE)
    screen.open("/accounts/mine/app/").see("html[dir=rtl] #id_code:focus")
    screen.see("img.qr").evaluate("image => image.decode()")
    screen.see("summary").click()
    phone = Phone(screen.text("[data-secret]").replace(" ", ""), behind=1)
    screen.see("#id_code").fill(phone.look().code())
    screen.press("Enter")
    screen.see("ol.codes li", 10)
    paper = re.findall(r"\d{4} \d{4}", screen.text("ol.codes"))
    assert len(set(paper)) == 10
    phone.behind = 0

    sign_out(screen)
    sign_in(screen, reem)
    screen.see("html[dir=rtl] #id_code:focus")
    screen.page.keyboard.type("12")
    screen.press("Enter")
    screen.see(".errs[role=alert]")
    screen.see("#id_code:focus").fill(phone.look().code())
    screen.press("Enter")
    screen.see(INSIDE)

    sign_out(screen)
    sign_in(screen, reem)
    screen.see("#id_code:focus")
    screen.page.keyboard.type(paper[0])
    screen.press("Enter")
    screen.see(INSIDE)
    screen.open("/accounts/mine/")
    assert "9" in screen.text(".ways li:last-child")


def machine(screen: Screen) -> Any:
    """One that asks for a finger, and whose owner is there."""
    devtools = screen.context.new_cdp_session(screen.page)
    devtools.send("WebAuthn.enable")
    found = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return lambda verified: devtools.send(
        "WebAuthn.setUserVerified", {"authenticatorId": found["authenticatorId"], "isUserVerified": verified}
    )


def test_a_passkey_opens_and_proves(reem: User, here: Screen) -> None:
    machine(here)
    sign_in(here, reem)
    here.see(INSIDE)
    here.open("/accounts/mine/").see("a[href$='/mine/passkey/']").click()
    here.see("#id_name").fill("الصندوق 1")
    here.press("Enter")
    here.see("ol.codes li", 10)
    assert stored(reem, "webauthn").data["name"] == "الصندوق 1"

    sign_out(here)
    sign_in(here, reem)
    here.see("#id_code:focus")
    here.see("form[data-passkey] button").click()
    here.see(INSIDE)

    here.open("/accounts/again/?next=/accounts/mine/").see("form[data-passkey] button").click()
    here.see(".ways")
    assert here.path == "/accounts/mine/"


def test_a_passkey_that_does_not_answer_may_be_asked_again(reem: User, here: Screen) -> None:
    sign_in(here, reem)
    here.see(INSIDE)
    here.open("/accounts/mine/passkey/").see("#id_name")
    here.page.evaluate("() => { navigator.credentials.create = () => Promise.reject(new Error('no')) }")
    button = here.see("form[data-passkey] button")
    button.click()
    here.see("[data-failed]")
    button.click()
    here.see("[data-failed]")
    assert here.path == "/accounts/mine/passkey/"


def test_what_is_typed_can_be_looked_at(reem: User, seat: Seat) -> None:
    screen = seat().open("/accounts/login/")
    screen.see("#id_password").fill("something")
    screen.see("[data-shows]").check()
    screen.see("#id_password[type=text]")
    screen.see("[data-shows]").uncheck()
    screen.see("#id_password[type=password]")


def test_what_was_typed_on_a_card_outlives_the_session(reem: User, clinic: Clinic, seat: Seat, workers: None) -> None:
    screen = seat(clinic, reem)
    screen.up_to_amounts(clinic.voucher())
    card = screen.path
    screen.page.keyboard.type("600")
    screen.context.clear_cookies(name="sessionid")
    screen.context.add_cookies([{"name": "till", "value": str(clinic.till().pk), "url": screen.site}])
    screen.press("Enter")
    screen.see("#id_login").fill(reem.username)
    screen.see("#id_password").fill(PASSWORD)
    screen.press("Enter")
    screen.page.wait_for_url(f"**{card}")
    assert screen.see("#total").input_value() == "600"
