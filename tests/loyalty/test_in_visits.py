"""Points, discounts and referrals in a visit against Altegio's twin, by the real client and the real workers: what is said of
them when they take less, when somebody else was there first, and why they are refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from loyalty import services
from loyalty.models import Visit
from loyalty.outcomes import clamped
from loyalty.services import CannotMove
from providers.contracts.loyalty_orders import ManualTransaction, Movement
from providers.models import State
from tests.loyalty.at_theirs import (
    at_theirs,
    ended,
    told,
)
from tests.loyalty.salon import FAHD, MARY, NOURA, OMAR, SARA, TEN_PERCENT, Salon
from tests.reservations.clinic import finish

pytestmark = pytest.mark.django_db(transaction=True)


# Clamps ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["", "drop_after"])
def test_no_more_is_taken_than_is_on_the_card_and_both_figures_are_kept(salon: Salon, fault: str) -> None:
    before = salon.visit().left_to_pay
    if fault:
        salon.twin.control.fault(fault, endpoint="withdraw")
    act = ended(salon.withdraw("160"))
    assert (act.requested, act.applied) == (160, 100)
    assert act.left_to_pay == before - 100 == salon.visit().left_to_pay
    assert clamped(act) and salon.balance() == 0


def test_no_more_is_taken_than_is_left_to_pay(salon: Salon) -> None:
    left = salon.visit(OMAR).left_to_pay
    salon.client.transact(ManualTransaction(salon.card(OMAR).external_id, Decimal(5000), "more than the bill"))
    act = ended(salon.withdraw("5100", OMAR))
    assert (act.requested, act.applied, act.left_to_pay) == (5100, left, 0)
    assert salon.visit(OMAR).left_to_pay == 0


def test_a_clamp_is_said_in_figures(salon: Salon) -> None:
    act = ended(salon.withdraw("160"))
    with translation.override("en"):
        assert told(act).startswith("100.00 taken of 160.00 asked for.") and told(act).endswith("SAR left to pay.")


def test_what_is_cancelled_comes_back_whole_and_names_what_it_was(salon: Salon) -> None:
    made = ended(salon.withdraw("60"))
    before = salon.visit().left_to_pay
    act = ended(salon.cancel())
    assert act.requested == act.applied == 60 and act.follows == made
    assert set(act.asked["cancels"]) == set(made.transaction_ids)
    assert act.left_to_pay == before + 60
    assert salon.balance() == 100


# A second one ---------------------------------------------------------------------------------------------------------


def test_a_second_application_is_refused_while_one_stands(salon: Salon) -> None:
    ended(salon.withdraw("60"))
    with pytest.raises(CannotMove) as refusal:
        salon.withdraw("10")
    assert refusal.value.code == "applied_already"


def test_a_second_application_is_refused_while_one_is_open_and_the_holder_is_named(salon: Salon) -> None:
    first = salon.withdraw("60")
    with pytest.raises(CannotMove) as refusal:
        salon.withdraw("10")
    assert refusal.value.code == "in_use_here" and refusal.value.holder == first.operation


def test_one_that_a_colleague_made_meanwhile_is_seen_before_anything_is_sent(salon: Salon) -> None:
    act = salon.withdraw("60")
    at_theirs(salon, "10")
    before = len(salon.effects())
    operation = finish(act)
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "applied_already")
    assert len(salon.effects()) == before and operation.sends == 0


def test_the_same_discount_is_not_applied_twice(salon: Salon) -> None:
    ended(salon.apply_program())
    with pytest.raises(CannotMove) as refusal:
        salon.apply_program()
    assert refusal.value.code == "applied_already"


# Why not --------------------------------------------------------------------------------------------------------------


def refused(salon: Salon, service: Any, *about: Any) -> str:
    with pytest.raises(CannotMove) as refusal:
        service(*about, salon.fresh(), now=salon.now)
    return refusal.value.code


def test_an_empty_card_pays_nothing(salon: Salon) -> None:
    assert refused(salon, services.withdraw_points, salon.visit(NOURA), salon.card(NOURA), Decimal(5)) == "card_empty"


@pytest.mark.parametrize("amount", ["0", "-5", "1.005"])
def test_an_amount_that_is_none_is_not_sent(salon: Salon, amount: str) -> None:
    visit, card = salon.visit(), salon.card()
    assert refused(salon, services.withdraw_points, visit, card, Decimal(amount)) == "amount_wrong"


def test_a_paid_bill_takes_no_points_and_no_discount(salon: Salon) -> None:
    visit, card = salon.visit(MARY), salon.card(MARY)
    visit.left_to_pay = Decimal(0)
    assert refused(salon, services.withdraw_points, visit, card, Decimal(5)) == "nothing_to_pay"
    assert refused(salon, services.apply_program, visit, card, TEN_PERCENT) == "nothing_to_pay"


def test_a_discount_that_the_card_has_not_is_not_applied(salon: Salon) -> None:
    assert refused(salon, services.apply_program, salon.visit(MARY), salon.card(MARY), "77") == "not_on_card"


def test_a_card_whose_holder_nobody_knows_pays_nothing(salon: Salon) -> None:
    visit, card = salon.visit(), salon.card()
    card.external_id = "1"
    assert refused(salon, services.withdraw_points, visit, card, Decimal(5)) == "holder_unknown"


def test_a_number_that_is_none_brings_nobody(salon: Salon) -> None:
    assert refused(salon, services.apply_referral, salon.visit(), SARA, "12") == "phone_unreadable"


def test_a_referral_stands_once(salon: Salon) -> None:
    ended(salon.refer())
    visit = salon.visit()
    assert services.standing(visit, Movement.DISCOUNT, "")
    phone = salon.customer(FAHD).phone
    assert refused(salon, services.apply_referral, visit, SARA, phone) == "applied_already"


def test_a_visit_that_is_gone_there_is_said_before_anything_is_sent(salon: Salon) -> None:
    visit, card = salon.visit(), salon.card()
    Visit.objects.filter(pk=visit.pk).update(external_id="999999999", record_id="999999999")
    gone = Visit.objects.get(pk=visit.pk)
    act = services.withdraw_points(gone, card, Decimal(5), salon.fresh(), now=salon.now)
    operation = finish(act)
    assert (operation.state, operation.sends) == (State.REFUSED, 0)
