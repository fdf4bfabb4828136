"""S1: she scans, chooses the person, types the total and redeems, without a mouse. One effect at the issuer, and a slip."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from providers.models import Evidence, Operation
from tests.browser.clinic import FAMILY, Clinic
from tests.browser.conftest import Seat
from tests.browser.screen import AMOUNTS, CONFIRM, DONE, LEFT, VERIFIED, Screen
from tests.scene import CODE, documented_body, effects, eventually, sha256, writes

pytestmark = pytest.mark.usefixtures("workers")
AMOUNTS_SENT = {"voucher_price": "200", "total_services_price": "600", "total_client_paid_amount": "400"}


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_she_redeems_with_at_most_five_key_actions(clinic: Clinic, seat: Seat, language: str) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire(language=language))
    screen.up_to_verified(code)
    figures = _figures(language)
    assert _repeats(screen.text(VERIFIED), figures["200"], *FAMILY)
    screen.choose_first()
    screen.press("Enter")
    screen.see(f"{AMOUNTS} #total:focus")
    screen.type("600")
    assert _repeats(screen.text(LEFT), figures["400"])
    screen.press("Enter")
    screen.ready_to_confirm()
    assert _repeats(screen.text(CONFIRM), *figures.values(), FAMILY[0], "test client", code)
    assert writes(clinic.twin, code) == []
    screen.press("Enter")
    assert _repeats(screen.text(DONE), figures["400"], FAMILY[0])
    expect(screen.page.locator("#outcome-title")).to_be_focused()
    assert len(screen.keys) <= 5, screen.keys
    _assert_one_effect(clinic, code)
    _assert_slip(screen, code, language)


def test_the_code_of_the_documentation_is_sent_as_the_documentation_has_it(clinic: Clinic, seat: Seat) -> None:
    clinic.voucher(CODE)
    before = len(effects(clinic.twin, CODE))
    screen = seat(clinic, clinic.hire())
    screen.up_to_confirm(CODE)
    screen.press("Enter")
    screen.see(DONE)
    assert len(effects(clinic.twin, CODE)) == before + 1
    assert effects(clinic.twin, CODE)[-1].body_sha256 == sha256(documented_body())


def test_the_whole_path_works_without_javascript(clinic: Clinic, seat: Seat) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire(), java_script_enabled=False).open()
    screen.see("#box:focus")
    screen.scan(code)
    screen.see(VERIFIED)  # the waiting page asks again by itself
    screen.page.locator(f"{VERIFIED} input[type=radio]").first.press("Space")
    screen.press("Enter")
    screen.page.locator("#total").press_sequentially("600")
    screen.press("Enter")
    assert _repeats(screen.text(CONFIRM), *_figures("ar").values())
    screen.page.locator(f"{CONFIRM} button[type=submit]").press("Enter")
    screen.see(DONE)
    _assert_one_effect(clinic, code)
    screen.page.locator("#part a[data-key=F8]").evaluate("link => link.removeAttribute('target')")
    screen.page.locator("#part a[data-key=F8]").press("Enter")
    screen.see("article.slip")


def test_arabic_digits_are_a_total_and_a_total_below_the_voucher_is_refused_in_figures(
    clinic: Clinic, seat: Seat
) -> None:
    code = clinic.voucher()
    screen = seat(clinic, clinic.hire())
    screen.up_to_amounts(code)
    screen.type("١٥٠")
    screen.press("Enter")
    assert _repeats(screen.text("#total-error"), "150.00", "50.00")
    expect(screen.page.locator("#total")).to_be_focused()
    screen.type("٦٠٠٫٥٠")  # the refused total is selected: typing replaces it
    assert _repeats(screen.text(LEFT), "400.50")
    screen.press("Enter")
    assert _repeats(screen.text(CONFIRM), "600.50", "400.50")
    assert writes(clinic.twin, code) == []


def _figures(language: str) -> dict[str, str]:
    return {figure: f"{figure},00" if language == "fr" else f"{figure}.00" for figure in ("200", "600", "400")}


def _repeats(text: str, *parts: str) -> bool:
    missing = [part for part in parts if part not in text]
    assert not missing, f"{missing} missing in {text!r}"
    return True


def _assert_one_effect(clinic: Clinic, code: str) -> None:
    [effect] = effects(clinic.twin, code)
    assert effect.amounts == AMOUNTS_SENT
    assert effect.body_sha256 == sha256(documented_body(code))
    assert len(writes(clinic.twin, code)) == 1
    operation = Operation.objects.get(branch=clinic.branch)
    assert operation.outcome["references"]["order_id"] == effect.order_id
    answer = operation.evidence.get(source=Evidence.From.RESPONSE)
    assert {"order_id", "id", "client_id", "center_id", "voucher_id"} <= set(answer.facts["references"])


def _assert_slip(screen: Screen, code: str, language: str) -> None:
    screen.context.add_init_script("window.printed = 0; window.print = () => { window.printed += 1 }")
    with screen.context.expect_page() as opening:
        screen.page.keyboard.press("F8")
    slip: Page = opening.value
    written = slip.locator("article.slip[lang=ar][dir=rtl] bdi.code[dir=ltr]")
    expect(written).to_have_text(code)
    assert slip.locator("html").get_attribute("lang") == language
    assert slip.locator("article.slip .en[lang=en]").count() >= 8
    assert slip.locator("article.slip .en[lang=en]").first.evaluate("e => getComputedStyle(e).direction") == "ltr"
    assert slip.locator("img.qr").evaluate("image => image.complete && image.naturalWidth") >= 21
    left, right = (written.locator("span").nth(n).bounding_box() for n in (0, 2))
    assert left and right and left["x"] < right["x"], "the code reads from left to right"
    eventually(lambda: slip.evaluate("window.printed") == 1)  # one key has printed it
    slip.keyboard.press("F8")
    eventually(lambda: slip.evaluate("window.printed") == 2)
    slip.keyboard.press("Escape")
    expect(slip.locator(DONE)).to_be_visible()
    slip.close()
