"""A balance that its movements do not explain is told to a person: once, and not before a second night says so too."""

from __future__ import annotations

from decimal import Decimal

import pytest

from loyalty.models import Card, LoyaltyTransaction, Reckoning
from providers.models import Discrepancy
from providers.sandbox.running import RunningSandbox
from providers.timeline import discrepancy_told
from tests.loyalty.nights import SLUG, Nights
from tests.loyalty.test_nights import OMARS, SARAS, earn

pytestmark = pytest.mark.django_db(transaction=True)


def listed() -> list[Discrepancy]:
    return list(Discrepancy.objects.filter(kind=Discrepancy.Kind.BALANCE).order_by("at"))


def lose_a_movement(twin: RunningSandbox, nights: Nights) -> None:
    """As if they had moved points and listed nothing: what we knew of it is of another card."""
    earn(twin, SARAS, "30.00")
    nights.read("transactions")
    LoyaltyTransaction.objects.filter(card_id=SARAS, amount=Decimal("30.00")).update(amount=Decimal("10.00"))


def test_what_adds_up_is_not_listed_however_it_moves(nights: Nights, twin: RunningSandbox) -> None:
    nights.read()
    for amount in ("5.00", "0.66", "99.34"):
        earn(twin, SARAS, amount)
        twin.control.fault("human", provider=SLUG, endpoint="by_hand")
        nights.pass_a_day()
        nights.read()
    assert listed() == [] and not Reckoning.objects.filter(off_since__isnull=False).exists()
    assert Card.objects.get(external_id=SARAS).balance == Decimal("205.00")


def test_a_difference_is_listed_by_the_second_night_and_never_again(nights: Nights, twin: RunningSandbox) -> None:
    nights.read()
    nights.pass_a_day()
    lose_a_movement(twin, nights)
    nights.read("cards")
    assert listed() == []
    assert Reckoning.objects.get(card_id=SARAS).off_by == Decimal("20.00")
    nights.pass_a_day()
    assert nights.read("transactions", "cards")["cards"].requests == 1  # whoever has it is asked about again
    (row,) = listed()
    assert row.facts == {"card": SARAS, "expected": "110.00", "found": "130.00", "difference": "+20.00"}
    assert row.branch.code == "olaya"
    title, facts = discrepancy_told(row)
    assert title and [value for _label, value in facts] == [SARAS, "130.00", "110.00", "+20.00"]
    for _night in range(2):
        nights.pass_a_day()
        nights.read()
    assert listed() == [row]


def test_what_adds_up_again_by_itself_is_forgotten(nights: Nights, twin: RunningSandbox) -> None:
    """A movement that came between the two readings of a night: the next one has it."""
    nights.read()
    nights.pass_a_day()
    lose_a_movement(twin, nights)
    nights.read("cards")
    LoyaltyTransaction.objects.filter(card_id=SARAS, amount=Decimal("10.00")).update(amount=Decimal("30.00"))
    nights.pass_a_day()
    nights.read("transactions", "cards")
    assert listed() == [] and Reckoning.objects.get(card_id=SARAS).off_since is None


def test_without_the_movements_of_the_night_nothing_is_compared(nights: Nights, twin: RunningSandbox) -> None:
    nights.read("clients", "cards")
    assert not Reckoning.objects.exists()
    nights.read()
    earn(twin, OMARS)
    for _night in range(3):
        nights.pass_a_day()
        nights.pass_a_day()
        nights.read("cards")
    assert listed() == []
