"""S11: a card is issued, by the types that this phone may have; one that is there comes first. A supervisor removes one."""

from __future__ import annotations

import pytest

from branches.roles import Role
from loyalty.models import Act, Card, CardType
from providers.models import State
from providers.sandbox.running import RunningSandbox
from tests.browser import audit
from tests.browser.card_desk import CASHBACK, CONFIRM, DONE, FAHD, HIND, SARA, CardClinic, calm, opened_salon
from tests.browser.conftest import Seat
from tests.browser.screen import Screen
from tests.browser.visit import PHONE
from tests.scene import eventually

pytestmark = pytest.mark.usefixtures("workers")
TYPES = "#part input[name=type]"


@pytest.fixture
def salon(transactional_db: None, twin_of_all: RunningSandbox) -> CardClinic:
    return opened_salon(twin_of_all)


def in_order(screen: Screen) -> None:
    assert audit.sticks_out(screen.page) == []


def up_to_types(screen: Screen, salon: CardClinic, client: str) -> None:
    screen.open(f"/loyalty/customers/{salon.customer(client).pk}/")
    screen.see("#part form[action$='/issue/'] button").press("Enter")


@pytest.mark.parametrize(
    ("language", "options"),
    [("ar", {}), ("fr", {"viewport": PHONE}), ("en", {})],
    ids=["ar-till", "fr-phone", "en-till"],
)
def test_a_card_is_issued_by_a_type_that_is_offered_and_removed_with_a_reason(
    salon: CardClinic, seat: Seat, language: str, options: dict[str, object]
) -> None:
    screen = seat(salon, salon.hire(role=Role.SUPERVISOR, language=language), **options)
    up_to_types(screen, salon, HIND)
    screen.see(f"{TYPES}:focus")
    in_order(screen)
    kind = salon.client().card_types_for("+966501234572", "")
    assert screen.page.locator(TYPES).count() == len(kind)
    screen.see(f"{TYPES}[data-digit='1']").check()
    calm(screen)
    screen.see("#part .rc footer button[type=submit]").press("Enter")
    screen.see(DONE)
    in_order(screen)
    act = eventually(
        Act.objects.filter(operation__branch=salon.branch, operation__kind="loyalty.issue_card")
        .exclude(made_id="")
        .first
    )
    card = eventually(Card.objects.filter(account=salon.account, external_id=act.made_id).first)
    screen.open(f"/loyalty/cards/{card.pk}/remove/").see("#part input[name=reason]:focus")
    in_order(screen)
    screen.see("#part input[name=reason][value=lost]").check()
    calm(screen)
    screen.see("#part .rc footer button[type=submit]").press("Enter")
    screen.see(DONE)
    eventually(lambda: not salon.client().cards_of_client(HIND))


def test_a_card_that_is_there_comes_first_and_no_type_is_shown_before_another_is_wanted(
    salon: CardClinic, seat: Seat
) -> None:
    salon.card(SARA)
    screen = seat(salon, salon.hire(language="en"))
    up_to_types(screen, salon, SARA)
    screen.see("[data-focus-once=stops]")
    screen.see(TYPES, 0)
    assert "This customer has a card already." in screen.text("#part .rc")
    calm(screen)
    screen.see("#part a[href$='?beside=yes']").press("Enter")
    screen.see(TYPES)
    screen.see(f"{TYPES}[value='{salon_type(salon)}']", 0)  # of what they have there is no second one


def salon_type(salon: CardClinic) -> int:
    return CardType.objects.get(account=salon.account, external_id=CASHBACK).pk


def test_a_scanned_number_fills_the_field_and_issues_nothing_by_itself(salon: CardClinic, seat: Seat) -> None:
    screen = seat(salon, salon.hire(language="ar"))
    up_to_types(screen, salon, HIND)
    screen.see(f"{TYPES}[data-digit='1']").check()
    screen.see("#number").focus()
    screen.scan("7400223188901234")
    assert screen.see("#number").input_value() == "7400223188901234"
    screen.see(CONFIRM)
    assert not salon.acts("loyalty.issue_card")


def test_a_receptionist_is_not_shown_how_to_remove_a_card(salon: CardClinic, seat: Seat) -> None:
    card = salon.card(FAHD)
    screen = seat(salon, salon.hire(language="ar"))
    screen.open(f"/loyalty/cards/{card.pk}/").see("#part h1")
    screen.see("#part a[href$='/remove/']", 0)


def test_the_types_are_read_without_javascript(salon: CardClinic, seat: Seat) -> None:
    screen = seat(salon, salon.hire(language="fr"), java_script_enabled=False)
    up_to_types(screen, salon, HIND)
    screen.see(TYPES)
    assert not Act.objects.filter(operation__branch=salon.branch, operation__state=State.CREATED).exists()
