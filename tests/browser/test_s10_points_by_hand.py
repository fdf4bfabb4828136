"""S10: points given by hand, and more of them with a second person: proposed at one till, agreed to at another."""

from __future__ import annotations

import pytest

from branches.roles import Role
from loyalty.models import Act, Proposal
from providers.models import State
from providers.sandbox.running import RunningSandbox
from tests.browser import audit
from tests.browser.card_desk import CONFIRM, DONE, FAHD, NOURA, SARA, CardClinic, calm, opened_salon, ready
from tests.browser.conftest import Seat
from tests.browser.screen import Screen
from tests.browser.visit import PHONE
from tests.scene import eventually

pytestmark = pytest.mark.usefixtures("workers")
PROPOSED = "#part .rc.t-person"


@pytest.fixture
def salon(transactional_db: None, twin_of_all: RunningSandbox) -> CardClinic:
    return opened_salon(twin_of_all)


def in_order(screen: Screen) -> None:
    assert audit.sticks_out(screen.page) == []


def typed(screen: Screen, amount: str) -> None:
    """With the keyboard: the amount, the first reason, Enter."""
    screen.see("#amount:focus")
    in_order(screen)
    screen.type(amount)
    screen.see("input[name=reason][data-digit='1']").check()
    screen.see("#part footer button[type=submit]").press("Enter")
    ready(screen)
    in_order(screen)


def points(salon: CardClinic) -> list[Act]:
    return [act for act in salon.acts("loyalty.points") if act.operation.state == State.SUCCEEDED]


@pytest.mark.parametrize(
    ("language", "client", "options"),
    [("ar", SARA, {}), ("fr", FAHD, {"viewport": PHONE}), ("en", NOURA, {})],
    ids=["ar-till", "fr-phone", "en-till"],
)
def test_a_few_are_given_at_once_and_more_when_somebody_else_agrees(
    salon: CardClinic, seat: Seat, language: str, client: str, options: dict[str, object]
) -> None:
    before, card = salon.balance(client), salon.card(client)
    clerk, chief = salon.hire(language=language), salon.hire(role=Role.SUPERVISOR, language=language)
    screen = seat(salon, clerk, **options).open(f"/loyalty/cards/{card.pk}/")
    screen.see("#part a[href$='/give/']").press("Enter")
    typed(screen, "20")
    screen.press("Enter")
    screen.see(DONE)
    in_order(screen)
    assert salon.balance(client) == before + 20
    screen.open(f"/loyalty/cards/{card.pk}/give/")
    typed(screen, "60")
    screen.see(f"{CONFIRM} .t-person")  # somebody else must agree, it says before anything is sent
    screen.press("Enter")
    screen.see(PROPOSED)
    in_order(screen)
    screen.see("#part form[action$='/agree/']", 0)
    proposal = Proposal.objects.get(branch=salon.branch)
    assert salon.balance(client) == before + 20
    other = seat(salon, chief, till=2, **options).open("/loyalty/proposals/")
    in_order(other)
    other.see("#part tbody a").press("Enter")
    other.see("#part form[action$='/agree/']")
    in_order(other)
    calm(other)
    other.see("#part form[action$='/agree/'] button").press("Enter")
    other.see(DONE)
    screen.see(f"{DONE} a[href='/loyalty/acts/{_act(proposal)}/']")  # the page has heard of it
    in_order(screen)
    assert salon.balance(client) == before + 80
    assert {act.operation.actor_id for act in points(salon)} == {clerk.pk}


def _act(proposal: Proposal) -> object:
    eventually(Proposal.objects.filter(pk=proposal.pk, state="agreed").first)
    proposal.refresh_from_db()
    return proposal.act_id


def test_it_is_done_without_javascript(salon: CardClinic, seat: Seat) -> None:
    before, card = salon.balance(FAHD), salon.card(FAHD)
    screen = seat(salon, salon.hire(language="en"), java_script_enabled=False)
    screen.open(f"/loyalty/cards/{card.pk}/give/")
    screen.page.locator("#amount").fill("5")
    screen.page.locator("input[name=reason][value=goodwill]").check()
    screen.page.locator("#part footer button[type=submit]").click()
    screen.page.locator("button[name=yes]").click()
    eventually(lambda: salon.balance(FAHD) == before + 5)
