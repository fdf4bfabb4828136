"""Points, discounts and referrals in a visit against Altegio's twin, by the real client and the real workers: what is said of
them when they take less, when somebody else was there first, and when the answer is lost meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from loyalty import services
from loyalty.effects.visits import Withdraw
from loyalty.models import Act, Ask, Visit
from loyalty.outcomes import clamped, figures_of
from loyalty.services import CannotMove
from loyalty.services.asking import READERS
from providers.contracts.loyalty import LoyaltyProvider
from providers.contracts.loyalty_movements import VisitLoyaltyRecord
from providers.contracts.loyalty_orders import CardWithdrawal, ManualTransaction, Movement, WithdrawalCancellation
from providers.errors import BrokenContract
from providers.models import Operation, State
from providers.operations import Verdict, send_operation
from tests.loyalty.salon import FAHD, MARY, NOURA, OMAR, SARA, TEN_PERCENT, Salon
from tests.loyalty.test_whose_points import request_of
from tests.reservations.clinic import finish, pass_review, turn

pytestmark = pytest.mark.django_db(transaction=True)


def ended(act: Act) -> Act:
    finish(act)
    return Act.objects.select_related("operation__account").get(pk=act.pk)


def looked_at_for_long(act: Act) -> Operation:
    """A look, and then another when a machine should not go on alone."""
    operation = Operation.objects.get(pk=act.operation_id)
    turn(operation)
    pass_review(operation)
    turn(operation)
    return operation


def at_theirs(salon: Salon, amount: str, client_id: str = SARA) -> None:
    """A colleague does it on their own screen."""
    visit, card = salon.visit(client_id), salon.card(client_id)
    salon.client.withdraw(CardWithdrawal(card.external_id, visit.record_id, visit.external_id, Decimal(amount)))


def taken_back_at_theirs(salon: Salon, client_id: str = SARA) -> None:
    visit, card = salon.visit(client_id), salon.card(client_id)
    salon.client.cancel_withdrawal(WithdrawalCancellation(card.external_id, visit.record_id, visit.external_id))


def told(act: Act) -> str:
    return figures_of(act).translate({0x2068: None, 0x2069: None})


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


# Cancelling -----------------------------------------------------------------------------------------------------------


def test_a_cancel_stops_where_others_stand_there_now(salon: Salon) -> None:
    ended(salon.withdraw("60"))
    act = salon.cancel()
    taken_back_at_theirs(salon)
    at_theirs(salon, "30")
    before = len(salon.effects())
    operation = finish(act)
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "changed_meanwhile")
    assert len(salon.effects()) == before, "what a colleague has just applied stays"
    assert salon.balance() == 70


def test_a_cancel_whose_answer_is_lost_is_a_persons_where_others_stand_there_afterwards(salon: Salon) -> None:
    ended(salon.withdraw("60"))
    act = salon.cancel()
    salon.twin.control.fault("drop_after", endpoint="cancel_withdrawal")
    assert send_operation(act.operation_id) == State.UNKNOWN
    at_theirs(salon, "30")
    operation = looked_at_for_long(act)
    assert operation.state == State.NEEDS_REVIEW
    assert "changed_by_another" in operation.evidence.values_list("code", flat=True)


def test_a_cancel_of_what_is_gone_already_is_said_to_be_so(salon: Salon) -> None:
    ended(salon.withdraw("60"))
    act = salon.cancel()
    taken_back_at_theirs(salon)
    before = len(salon.effects())
    operation = finish(act)
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "already_done")
    assert len(salon.effects()) == before


@pytest.mark.parametrize("looks", [1, 3])
def test_a_bill_about_another_visit_does_not_say_that_a_withdrawal_is_cancelled(salon: Salon, looks: int) -> None:
    """Lost before it was done: their next answers have nothing standing on them, and it stands."""
    ended(salon.withdraw("60"))
    act = salon.cancel()
    salon.twin.control.fault("drop_before", endpoint="cancel_withdrawal")
    assert send_operation(act.operation_id) == State.UNKNOWN
    salon.twin.control.fault("wrong_code", endpoint="details", times=looks)
    operation = Operation.objects.get(pk=act.operation_id)
    for _ in range(looks):
        turn(operation)
    assert operation.state == State.UNKNOWN
    assert "other_record" in operation.evidence.values_list("code", flat=True)
    assert finish(act).state == State.SUCCEEDED  # sent again: a cancel is a setting
    assert salon.balance() == 100


@dataclass
class Showing:
    """The clinic's client, with a bill that it shows in place of theirs."""

    real: LoyaltyProvider
    bill: VisitLoyaltyRecord

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def visit_loyalty(self, *_where: str) -> VisitLoyaltyRecord:
        return self.bill


def bill_there(salon: Salon) -> VisitLoyaltyRecord:
    visit = salon.visit()
    bill = salon.client.visit_loyalty(visit.external_id, visit.record_id, "")
    assert bill is not None
    return bill


@pytest.mark.parametrize(("fault", "verdict"), [("drop_after", Verdict.APPLIED), ("drop_before", Verdict.UNCLEAR)])
def test_what_a_bill_without_items_shows_is_ours_and_what_it_does_not_show_is_no_proof(
    salon: Salon, fault: str, verdict: Verdict
) -> None:
    """Their reception emptied the bill meanwhile: what stands there stands there."""
    act = salon.withdraw("60")
    salon.twin.control.fault(fault, endpoint="withdraw")
    assert send_operation(act.operation_id) == State.UNKNOWN
    client: Any = Showing(salon.client, replace(bill_there(salon), items=()))
    operation = Operation.objects.get(pk=act.operation_id)
    assert Withdraw().look_since(client, request_of(operation), operation).verdict is verdict


def test_a_bill_that_stays_about_another_visit_goes_to_a_person(salon: Salon) -> None:
    ended(salon.withdraw("60"))
    act = salon.cancel()
    salon.twin.control.fault("drop_before", endpoint="cancel_withdrawal")
    assert send_operation(act.operation_id) == State.UNKNOWN
    salon.twin.control.fault("wrong_code", endpoint="details", times=2)
    operation = looked_at_for_long(act)
    assert operation.state == State.NEEDS_REVIEW
    assert "other_record" in operation.evidence.values_list("code", flat=True)


def test_another_visits_bill_is_not_kept_as_ours(salon: Salon) -> None:
    client: Any = Showing(salon.client, bill_there(salon))
    with pytest.raises(BrokenContract):
        READERS[Ask.Kind.VISIT](client, {"visit_id": "1", "record_id": "2", "place_id": "", "client_id": ""})


def test_a_bill_about_another_visit_before_anything_is_sent_is_no_refusal(salon: Salon) -> None:
    act = salon.withdraw("60")
    salon.twin.control.fault("wrong_code", endpoint="details")
    operation = finish(act)
    assert (operation.state, operation.refusal_code) == (State.NOT_SENT, "other_record")
    assert salon.balance() == 100


def test_a_list_without_the_card_is_asked_for_once_more(salon: Salon) -> None:
    act = salon.withdraw("60")
    salon.twin.control.fault("wrong_code", endpoint="cards_of_client")
    assert finish(act).state == State.SUCCEEDED
    assert salon.balance() == 40


def test_there_is_nothing_to_cancel_where_nothing_stands(salon: Salon) -> None:
    with pytest.raises(CannotMove) as refusal:
        salon.cancel()
    assert refusal.value.code == "nothing_to_cancel"


def test_a_lost_answer_with_more_new_than_was_asked_for_is_a_persons(salon: Salon) -> None:
    """Ours did not happen or did: a colleague took more meanwhile, and nobody can tell them apart."""
    act = salon.withdraw("20")
    salon.twin.control.fault("drop_before", endpoint="withdraw")
    assert send_operation(act.operation_id) == State.UNKNOWN
    at_theirs(salon, "50")
    operation = looked_at_for_long(act)
    assert operation.state == State.NEEDS_REVIEW
    assert "several" in operation.evidence.values_list("code", flat=True)


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
