"""S9: points, discounts and who brought them, in a visit. The screen says what was really taken and what is left to pay."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loyalty.models import Act
from providers.contracts.loyalty_orders import CardWithdrawal, WithdrawalCancellation
from providers.models import State
from providers.sandbox.running import RunningSandbox
from tests.browser import audit
from tests.browser.card_desk import (
    CONFIRM,
    DONE,
    MARY,
    OMAR,
    PART,
    SARA,
    TEN_PERCENT,
    CardClinic,
    opened_salon,
    ready,
)
from tests.browser.conftest import Seat
from tests.browser.screen import Screen
from tests.browser.visit import PHONE
from tests.scene import eventually

pytestmark = pytest.mark.usefixtures("workers")
LEFT = "#part [data-left-to-pay]"


@pytest.fixture
def salon(transactional_db: None, twin_of_all: RunningSandbox) -> CardClinic:
    return opened_salon(twin_of_all)


def in_order(screen: Screen) -> None:
    assert audit.sticks_out(screen.page) == []


def ended(salon: CardClinic, kind: str) -> Act:
    rows = Act.objects.filter(operation__branch=salon.branch, operation__kind=kind)
    found = rows.filter(operation__state=State.SUCCEEDED).select_related("operation").order_by("-operation__created_at")
    return eventually(found.first)


@pytest.mark.parametrize(
    ("language", "options"),
    [("ar", {}), ("fr", {"viewport": PHONE}), ("en", {})],
    ids=["ar-till", "fr-phone", "en-till"],
)
def test_more_is_asked_for_than_is_there_and_it_comes_back_by_a_cancel(
    salon: CardClinic, seat: Seat, language: str, options: dict[str, object]
) -> None:
    client = {"ar": SARA, "fr": OMAR, "en": MARY}[language]
    balance, before = salon.balance(client), salon.bill(client).left_to_pay
    screen = seat(salon, salon.hire(language=language), **options)
    row = salon.appointment(client)
    screen.open(f"/loyalty/visits/{row.pk}/").see("#part a.btn-primary:focus")
    in_order(screen)
    screen.press("Enter")
    screen.see("#amount:focus")
    screen.page.keyboard.press("Control+a")
    screen.type(str(balance + 40))
    screen.press("Enter")
    ready(screen)
    screen.see(f"{CONFIRM} .t-checking")  # no more can be taken than is on the card
    in_order(screen)
    screen.press("Enter")
    screen.see(PART)
    in_order(screen)
    act = ended(salon, "loyalty.withdraw")
    assert (act.requested, act.applied, act.left_to_pay) == (balance + 40, balance, before - balance)
    screen.press("Escape")
    screen.see(LEFT)
    eventually(lambda: screen.page.locator("#part[data-state]").count() == 0)
    screen.see("#part a[href$='/cancel/']").press("Enter")
    ready(screen)
    screen.press("Enter")
    screen.see(DONE)
    assert ended(salon, "loyalty.cancel_withdrawal").applied == balance
    assert salon.balance(client) == balance
    assert salon.bill(client).left_to_pay == before


def test_a_second_application_is_refused_while_one_stands(salon: CardClinic, seat: Seat) -> None:
    """A colleague has applied one on their own screen: nothing is sent, and it is said."""
    visit, card = salon.bill(SARA), salon.card(SARA)
    screen = seat(salon, salon.hire(language="en"))
    path = f"/loyalty/visits/{salon.appointment(SARA).pk}/points/{card.pk}/"
    screen.open(path).see("#amount:focus")
    screen.press("Enter")
    ready(screen)
    salon.client().withdraw(CardWithdrawal(card.external_id, visit.record_id, visit.external_id, Decimal(10)))
    screen.press("Enter")
    screen.see("#part .rc.t-checking")
    assert "on the bill already" in screen.text("#outcome-title")
    [act] = salon.acts("loyalty.withdraw")
    eventually(lambda: Act.objects.filter(pk=act.pk, operation__state=State.REFUSED).exists())
    salon.client().cancel_withdrawal(cancellation(salon, SARA))


def cancellation(salon: CardClinic, client: str) -> WithdrawalCancellation:
    visit, card = salon.bill(client), salon.card(client)
    return WithdrawalCancellation(card.external_id, visit.record_id, visit.external_id)


def test_a_discount_is_applied_and_taken_back_the_same_way(salon: CardClinic, seat: Seat) -> None:
    before, card = salon.bill(MARY).left_to_pay, salon.card(MARY)
    screen = seat(salon, salon.hire(language="ar"))
    row = salon.appointment(MARY)
    screen.open(f"/loyalty/visits/{row.pk}/").see(f"#part a[href$='/discounts/{card.pk}/{TEN_PERCENT}/']").press(
        "Enter"
    )
    ready(screen)
    screen.press("Enter")
    screen.see(DONE)
    act = ended(salon, "loyalty.apply_program")
    assert act.left_to_pay is not None and act.left_to_pay < before
    screen.press("Escape")
    screen.see(f"#part a[href$='/{TEN_PERCENT}/cancel/']").press("Enter")
    ready(screen)
    screen.press("Enter")
    screen.see(DONE)
    assert ended(salon, "loyalty.cancel_program").left_to_pay == before


def test_whoever_brought_them_is_named_before_it_is_applied_for_good(salon: CardClinic, seat: Seat) -> None:
    """And it works without JavaScript. No address has the number."""
    salon.bill(SARA)
    screen = seat(salon, salon.hire(language="fr"), java_script_enabled=False)
    row = salon.appointment(SARA)
    screen.open(f"/loyalty/visits/{row.pk}/referral/").see("#phone").press_sequentially("0501234570")
    screen.press("Enter")
    screen.see(f"{CONFIRM} button[type=submit]")
    assert "Fahd Alghamdi" in screen.text(CONFIRM) and "501234570" not in screen.page.url
    screen.see(f"{CONFIRM} button[type=submit]").press("Enter")
    screen.see(DONE)
    assert ended(salon, "loyalty.referral").applied


def test_the_confirmation_survives_reload_and_a_second_tab_and_is_sent_once(salon: CardClinic, seat: Seat) -> None:
    salon.bill(OMAR)
    card, before = salon.card(OMAR), len(salon.effects())
    screen = seat(salon, salon.hire(language="en"))
    screen.open(f"/loyalty/visits/{salon.appointment(OMAR).pk}/points/{card.pk}/").see("#amount:focus")
    screen.page.keyboard.press("Control+a")
    screen.type("7")
    screen.press("Enter")
    ready(screen)
    address = screen.page.url
    screen.page.reload()
    ready(screen)
    second = Screen(screen.context, screen.context.new_page(), screen.site)
    second.page.goto(address)
    ready(second)
    screen.press("Enter")
    screen.see(DONE)
    second.see(f"{CONFIRM} button").click()
    second.see(DONE)
    assert second.path == screen.path
    assert len(salon.effects()) == before + 1
    salon.client().cancel_withdrawal(cancellation(salon, OMAR))
