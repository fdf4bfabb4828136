"""S8: several vouchers in one sale, by keyboard alone. One burn, and for each code what really became of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from providers.models import Call, Operation
from providers.sandbox.running import RunningSandbox
from providers.sandbox.shelf import Effect
from tests.browser import audit
from tests.browser.conftest import Power, Seat
from tests.browser.screen import AMOUNTS, CHECKING, CONFIRM, DONE, LEFT, REFUSED, WORK, Screen
from tests.browser.shop import AS_SHE_SAYS_IT, KARIM, Shop, opened_shop
from tests.browser.visit import PHONE
from tests.sale import SHOP
from tests.scene import eventually
from vouchers.models import Lookup

pytestmark = pytest.mark.usefixtures("workers")
LANGUAGES = ["ar", "fr", "en"]
LIST, NEXT, OWNER = "#vouchers .sale > li", "#next:focus", "#phone:focus"
PARTLY = "#part .rc.t-plain"


@pytest.fixture
def shop(transactional_db: None, twin_of_all: RunningSandbox) -> Shop:
    return opened_shop(twin_of_all)


def burned(shop: Shop, *codes: str) -> list[Effect]:
    return [effect for effect in shop.twin.control.ledger(SHOP) if effect.code in codes]


def burns(shop: Shop) -> int:
    """Requests to burn that left for this clinic's sales."""
    return Call.objects.filter(operation__branch=shop.branch, method="POST").count()


def written(figure: str, language: str) -> str:
    return figure.replace(".", ",") if language == "fr" else figure


def scan_all(screen: Screen, *codes: str) -> None:
    """One after another, without a look at the screen."""
    screen.open().see("#box:focus")
    for n, code in enumerate(codes, 1):
        screen.scan(code)
        screen.see(LIST, n)
        screen.see(NEXT)


def up_to_amounts(screen: Screen, *codes: str, phone: str = AS_SHE_SAYS_IT) -> None:
    scan_all(screen, *codes)
    screen.see(f"{LIST}.t-now", 0)
    screen.press("Enter")
    screen.see(OWNER)
    screen.type(phone)
    screen.press("Enter")


def up_to_confirm(screen: Screen, *codes: str) -> None:
    up_to_amounts(screen, *codes)
    screen.see(f"{AMOUNTS} #total:focus")
    screen.type("200")
    screen.press("Enter")
    screen.ready_to_confirm()


def in_order(screen: Screen) -> None:
    """Whether these pages are fit for everybody is asked in the gallery."""
    assert audit.sticks_out(screen.page) == []


# All is well ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "options"),
    [("ar", {}), ("ar", {"viewport": PHONE}), ("fr", {"viewport": PHONE}), ("en", {})],
    ids=["ar-till", "ar-phone", "fr-phone", "en-till"],
)
def test_three_vouchers_are_redeemed_by_keyboard_alone(
    shop: Shop, seat: Seat, language: str, options: dict[str, object]
) -> None:
    codes = shop.three()
    screen = seat(shop, shop.hire(language=language), **options)
    scan_all(screen, *codes)
    screen.see(f"{LIST}.t-done", 3)
    expect(screen.page.locator("#vouchers .money-lg")).to_contain_text(written("43.07", language))
    expect(screen.page.locator("#vouchers .sum-up")).to_contain_text(written("47.85", language))
    in_order(screen)
    screen.press("Enter")  # in the empty box: there are no more
    screen.see(OWNER)
    screen.type(AS_SHE_SAYS_IT)
    screen.press("Enter")
    screen.see(f"{AMOUNTS} #total:focus")
    screen.type("200")
    expect(screen.page.locator(LEFT)).to_contain_text(written("156.93", language))
    in_order(screen)
    screen.press("Enter")
    screen.ready_to_confirm()
    confirmed = screen.text(CONFIRM)
    for shown in ("9.00", "22.95", "11.12", "43.07", "156.93", "25.50"):
        assert written(shown, language) in confirmed
    in_order(screen)
    assert not burned(shop, *codes)
    screen.press("Enter")
    assert written("156.93", language) in screen.text(DONE)
    expect(screen.page.locator("#outcome-title")).to_be_focused()
    in_order(screen)
    assert screen.keys == ["Enter", AS_SHE_SAYS_IT, "Enter", "200", "Enter", "Enter"]
    assert [effect.code for effect in burned(shop, *codes)] == list(codes)
    assert {effect.order_id for effect in burned(shop, *codes)} == {_operation(shop).reference}
    assert burns(shop) == 1
    assert _codes_on_the_slip(screen) == list(codes)


def test_the_whole_way_works_without_javascript(shop: Shop, seat: Seat) -> None:
    codes = shop.three()
    screen = seat(shop, shop.hire(language="fr"), java_script_enabled=False).open()
    screen.see("#box:focus")
    screen.scan(codes[0])
    for n, code in enumerate(codes[1:], 2):
        screen.see("#next").focus()
        screen.scan(code)
        screen.see(LIST, n)
    eventually(lambda: not Lookup.objects.filter(branch=shop.branch, state=Lookup.State.WAITING).exists())
    screen.see("#next").press("Enter")
    screen.see("#phone").press_sequentially(AS_SHE_SAYS_IT)
    screen.press("Enter")
    screen.see("#total").press_sequentially("200")
    screen.press("Enter")
    screen.see(f"{CONFIRM} button[type=submit]").press("Enter")
    screen.see(DONE)
    assert len(burned(shop, *codes)) == 3


def test_a_scan_while_the_list_polls_loses_no_letter(shop: Shop, seat: Seat, power: Power) -> None:
    first, second = shop.points(10), shop.points(20)
    shop.twin.control.fault("delay", provider=SHOP, endpoint="find", code=first, seconds=2)
    screen = seat(shop, shop.hire()).open()
    screen.see("#box:focus")
    screen.scan(first)
    screen.see(NEXT)
    for letter in second:  # slowly: several polls come between, and one of them changes the list
        screen.page.keyboard.type(letter, delay=350)
    expect(screen.page.locator("#next")).to_have_value(second)
    expect(screen.page.locator("#next")).to_be_focused()
    screen.see(f"{LIST}.t-done", 1)
    screen.press("Enter")
    screen.see(f"{LIST}.t-done", 2)


def test_a_scan_beside_the_box_goes_into_the_sale_too(shop: Shop, seat: Seat) -> None:
    screen = seat(shop, shop.hire())
    scan_all(screen, shop.points(10))
    screen.see(f"{LIST}.t-done", 1)
    screen.see("h1").click()
    expect(screen.page.locator("#next")).not_to_be_focused()
    screen.scan(shop.points(20))
    screen.see(f"{LIST}.t-done", 2)


def test_escape_goes_back_one_step_and_loses_no_input(shop: Shop, seat: Seat) -> None:
    screen = seat(shop, shop.hire())
    scan_all(screen, *shop.three())
    screen.press("Enter")
    screen.see(OWNER)
    screen.type("06612")
    screen.press("Escape")
    screen.see(NEXT)
    expect(screen.page.locator("#phone")).to_have_value("06612")
    screen.see("#phone").fill(AS_SHE_SAYS_IT)
    screen.press("Enter")
    screen.see(f"{AMOUNTS} #total:focus")
    screen.type("200")
    screen.press("Escape")
    screen.see(f"{LIST}.t-done", 3)
    screen.see("#phone", 0)  # she has said it
    screen.press("Enter")  # no more vouchers, and the owner is known
    expect(screen.see(f"{AMOUNTS} #total:focus")).to_have_value("200")
    screen.press("Escape")
    screen.see(NEXT)
    screen.press("Escape")
    screen.see("#box:focus")
    screen.press("Alt+1")
    screen.see(f"{LIST}.t-done", 3)


# Not all is well --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en"])
def test_somebody_elses_voucher_is_no_part_of_the_sale(shop: Shop, seat: Seat, language: str) -> None:
    hers, his = shop.points(10), shop.points(20, KARIM)
    screen = seat(shop, shop.hire(language=language))
    up_to_amounts(screen, hers, his, phone="0672345602")
    screen.see("#phone-error")  # the number of him whose voucher came second
    screen.see(OWNER)
    screen.see(f"{LIST}.t-refused", 1)
    expect(screen.page.locator("#vouchers .money-lg")).to_contain_text(written("9.00", language))
    in_order(screen)
    screen.see("#phone").fill(AS_SHE_SAYS_IT)
    screen.press("Enter")
    screen.see(f"{AMOUNTS} #total:focus")
    screen.type("200")
    screen.press("Enter")
    screen.ready_to_confirm()
    screen.press("Enter")
    screen.see(DONE)
    assert [effect.code for effect in burned(shop, hers, his)] == [hers]


@pytest.mark.parametrize("language", ["ar"])
def test_a_part_says_which_burned_and_what_to_take(shop: Shop, seat: Seat, language: str) -> None:
    codes = shop.three()
    shop.twin.control.fault("partial", provider=SHOP, endpoint="redeem", code=codes[0], count=2)
    screen = seat(shop, shop.hire(language=language))
    up_to_confirm(screen, *codes)
    screen.press("Enter")
    screen.see(PARTLY)
    assert written("168.05", language) in screen.text("#part .outcome")
    expect(screen.page.locator("#part .sale > .t-done .code")).to_have_text(list(codes[:2]))
    expect(screen.page.locator("#part .sale > .t-refused .code")).to_have_text([codes[2]])
    in_order(screen)
    assert _codes_on_the_slip(screen) == list(codes[:2])
    screen.see("#part form[action$='/again/'] button").press("Enter")
    expect(screen.page.locator(f"{LIST} .code")).to_have_text([codes[2]])
    screen.see(f"{LIST}.t-done", 1)
    assert len(burned(shop, *codes)) == 2


@pytest.mark.parametrize("language", ["fr"])
def test_a_lost_answer_is_looked_up_and_burned_no_second_time(shop: Shop, seat: Seat, language: str) -> None:
    codes = shop.three()
    control = shop.twin.control
    control.fault("drop_after", provider=SHOP, endpoint="redeem", code=codes[0])
    user = shop.hire(language=language)
    screen = seat(shop, user)
    up_to_confirm(screen, *codes)
    control.fault("status", provider=SHOP, endpoint="find", code=codes[2], status=503, skip=1, times=3)
    screen.press("Enter")
    screen.see(CHECKING)
    screen.see("#part .sale > .t-checking", 3)
    screen.press("F2")  # the next customer
    item = screen.see(WORK)
    assert codes[0] in item.inner_text().replace(" ", "")
    assert _and_two_more(language) in item.inner_text()
    screen.see(f"{WORK}.t-done")
    screen.press("Alt+1")
    screen.see(DONE)
    assert len(burned(shop, *codes)) == 3
    assert burns(shop) == 1


def test_while_the_issuer_is_down_nothing_is_used_and_the_others_wait_in_the_list(shop: Shop, seat: Seat) -> None:
    codes = shop.three()
    control = shop.twin.control
    screen = seat(shop, shop.hire(language="fr"))
    scan_all(screen, codes[0])
    screen.see(f"{LIST}.t-done", 1)
    control.fault("refuse", provider=SHOP, endpoint="find")
    screen.scan(codes[1])
    screen.see(f"{LIST}.t-refused", 1)
    in_order(screen)
    screen.scan(codes[1])  # once more, in its place
    screen.see(f"{LIST}.t-done", 2)
    control.fault("refuse", provider=SHOP, endpoint="find")
    screen.open().see("#box:focus")
    screen.scan(codes[2])
    screen.see(REFUSED)  # alone: the card with what to do and what to say
    screen.see("#part form[action$='/again/'] button").press("Enter")
    screen.see(f"{LIST}.t-done", 1)
    assert not burned(shop, *codes)


def _operation(shop: Shop) -> Operation:
    return Operation.objects.get(branch=shop.branch)


def _codes_on_the_slip(screen: Screen) -> list[str]:
    with screen.context.expect_page() as opening:
        screen.page.keyboard.press("F8")
    slip: Page = opening.value
    expect(slip.locator("article.slip")).to_be_visible()
    codes = slip.locator("article.slip bdi.code").all_text_contents()
    slip.close()
    return codes


def _and_two_more(language: str) -> str:
    return {"ar": "وقسيمتان أخريان", "fr": "et 2 autres", "en": "and 2 more"}[language]
