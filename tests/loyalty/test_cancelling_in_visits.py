"""Taking back what was paid with points in a visit, and bills that are another visit's or show nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loyalty.effects.visits import Withdraw
from loyalty.models import Ask
from loyalty.services import CannotMove
from loyalty.services.asking import READERS
from providers.errors import BrokenContract
from providers.models import Operation, State
from providers.operations import Verdict, send_operation
from tests.loyalty.at_theirs import (
    Showing,
    at_theirs,
    bill_there,
    ended,
    looked_at_for_long,
    taken_back_at_theirs,
)
from tests.loyalty.salon import Salon
from tests.loyalty.test_whose_points import request_of
from tests.reservations.clinic import finish, turn

pytestmark = pytest.mark.django_db(transaction=True)


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
