"""A card for a client, and its removal, against Altegio's twin."""

from __future__ import annotations

from typing import cast

import pytest

from loyalty import services
from loyalty.effects.cards import IssueCard
from loyalty.models import Act, Ask, Card, Holding
from loyalty.outcomes import figures_of
from loyalty.selectors import asks_due, candidates_of
from loyalty.services import CannotMove
from providers.contracts import Receipt
from providers.contracts.loyalty import LoyaltyProvider
from providers.contracts.loyalty_orders import CardIssue, CardRemoval
from providers.errors import OutcomeUnknown
from providers.models import Evidence, Operation, State
from providers.operations import ReviewRefused, decide, send_operation
from providers.operations.life import move
from providers.registry import TooLate
from tests.loyalty.salon import CASHBACK, FIXED, HIND, OMAR, SARA, Salon
from tests.loyalty.test_whose_points import request_of
from tests.reservations.clinic import finish, pass_review, turn

pytestmark = pytest.mark.django_db(transaction=True)


def code_of(refusal: pytest.ExceptionInfo[CannotMove]) -> str:
    return refusal.value.code


def test_whoever_has_a_card_is_asked_about_it_first(salon: Salon) -> None:
    salon.card(SARA)
    with pytest.raises(CannotMove) as refusal:
        salon.issue(SARA, FIXED)
    assert code_of(refusal) == "has_card" and [row.type_id for row in refusal.value.rows] == [CASHBACK]


def test_another_one_beside_it_is_issued_when_it_is_wanted(salon: Salon) -> None:
    salon.card(SARA)
    act = salon.issue(SARA, FIXED, beside=True)
    assert finish(act).state == State.SUCCEEDED
    assert len(salon.client.cards_of_client(SARA)) == 2


def test_of_a_type_that_they_have_there_is_no_second_one(salon: Salon) -> None:
    salon.card(SARA)
    with pytest.raises(CannotMove) as refusal:
        salon.issue(SARA, CASHBACK, beside=True)
    assert code_of(refusal) == "has_card"


def test_one_that_a_colleague_issued_meanwhile_is_seen_before_anything_is_sent(salon: Salon) -> None:
    act = salon.issue()
    salon.client.issue_card(CardIssue(CASHBACK, salon.customer(HIND).phone))
    operation = finish(act)
    assert (operation.state, operation.refusal_code, operation.sends) == (State.REFUSED, "has_card", 0)


class Paused:
    """The clinic's client, on a machine that stands still as soon as their yes has come."""

    def __init__(self, real: LoyaltyProvider) -> None:
        self.real = real

    def issue_card(self, order: CardIssue) -> Receipt:
        return self.real.issue_card(order)

    def cards_of_client(self, client_id: str) -> None:
        raise TooLate


def test_a_machine_that_was_paused_before_it_could_look_has_asked_for_the_card(salon: Salon) -> None:
    """The window closes on the look after it: that is not a window closed on the write."""
    act, client = salon.issue(), cast(LoyaltyProvider, Paused(salon.client))
    with pytest.raises(OutcomeUnknown):
        IssueCard().send(client, request_of(Operation.objects.get(pk=act.operation_id)))
    assert len(salon.client.cards_of_client(HIND)) == 1


def test_after_their_yes_no_list_says_that_there_is_no_card(salon: Salon) -> None:
    """They said yes, and what they show does not have it: a person decides, and nobody is told that there is none."""
    act = salon.issue()
    salon.twin.control.fault("wrong_code", endpoint="issue")
    assert send_operation(act.operation_id) == State.UNKNOWN
    [made] = salon.client.cards_of_client(HIND)
    salon.client.remove_card(CardRemoval(made.external_id))
    operation = Operation.objects.get(pk=act.operation_id)
    pass_review(operation)
    assert finish(act).state == State.NEEDS_REVIEW, "no look counted as one that shows nothing"
    [answer] = Evidence.objects.filter(operation=operation, code="card_not_seen", source=Evidence.From.RESPONSE)
    assert answer.facts["detail"].startswith("card ")


def of_a_type(salon: Salon, client_id: str) -> set[str]:
    return {card.external_id for card in salon.client.cards_of_client(client_id) if card.type_id == FIXED}


def test_another_card_than_the_one_that_they_named_is_not_taken_for_ours(salon: Salon) -> None:
    """Who made it nobody knows: their reception, perhaps, while their list does not show ours yet."""
    act = salon.issue(SARA, FIXED, beside=True)
    salon.twin.control.fault("wrong_code", endpoint="issue")
    assert send_operation(act.operation_id) == State.UNKNOWN
    pass_review(act.operation)
    assert finish(act).state == State.NEEDS_REVIEW
    person, [shown] = salon.supervisor.actor, of_a_type(salon, SARA)
    assert person is not None
    why = {"reason": "issuer_portal"}
    assert decide(act.operation, person, applied=True, named=[shown], **why).state == State.RESOLVED_APPLIED
    assert Act.objects.get(pk=act.pk).made_id == shown


def test_of_two_new_cards_the_one_that_they_named_is_ours(salon: Salon) -> None:
    act = salon.issue(SARA, FIXED, beside=True)
    salon.twin.control.fault("garbage", endpoint="cards_of_client", skip=1)
    assert send_operation(act.operation_id) == State.UNKNOWN
    [ours] = of_a_type(salon, SARA)
    salon.twin.control.rules("altegio", second_use="accepted")
    salon.client.issue_card(CardIssue(FIXED, salon.customer(SARA).phone))
    assert finish(act).state == State.SUCCEEDED
    assert Act.objects.get(pk=act.pk).made_id == ours


def test_a_list_that_lacks_what_was_there_is_not_believed_at_once(salon: Salon) -> None:
    """A flawless list of another client: the new card in it is not ours."""
    act = salon.issue(SARA, FIXED, beside=True)
    salon.twin.control.fault("drop_after", endpoint="issue")
    assert send_operation(act.operation_id) == State.UNKNOWN
    salon.twin.control.fault("wrong_code", endpoint="cards_of_client", times=1)
    assert finish(act).state == State.SUCCEEDED
    assert {Act.objects.get(pk=act.pk).made_id} == of_a_type(salon, SARA)


def test_one_list_without_a_card_says_of_no_other_that_it_is_gone(salon: Salon) -> None:
    card = salon.card(SARA)
    act = salon.issue(SARA, FIXED, beside=True)
    salon.twin.control.fault("wrong_code", endpoint="cards_of_client", times=1)
    finish(act)
    assert Card.objects.get(pk=card.pk).gone_at is None
    assert Holding.objects.filter(client_id=SARA, card_id=card.external_id).exists()


def test_the_act_says_which_card_it_made(salon: Salon) -> None:
    act = salon.issue(number="12345678")
    finish(act)
    [made] = salon.client.cards_of_client(HIND)
    assert Act.objects.get(pk=act.pk).made_id == made.external_id
    assert made.number.lstrip("0").endswith("12345678")


def test_the_new_card_is_read_into_the_mirror_by_itself(salon: Salon) -> None:
    act = salon.issue()
    finish(act)
    for ask in asks_due():
        assert services.answer_ask(ask) == Ask.State.ANSWERED
    assert Card.objects.filter(external_id=Act.objects.get(pk=act.pk).made_id, gone_at__isnull=True).exists()


@pytest.mark.parametrize("number", ["12", "abc", "1" * 25])
def test_a_number_that_is_none_is_not_sent(salon: Salon, number: str) -> None:
    with pytest.raises(CannotMove) as refusal:
        salon.issue(number=number)
    assert code_of(refusal) == "number_wrong"


def test_a_client_without_a_phone_gets_no_card(salon: Salon) -> None:
    row = salon.customer(HIND)
    row.phone = ""
    with pytest.raises(CannotMove) as refusal:
        services.issue_card(row, salon.card_type(CASHBACK), salon.fresh(), now=salon.now)
    assert code_of(refusal) == "no_phone"


def test_who_decides_about_a_card_names_it_of_those_that_the_looks_have_shown(salon: Salon) -> None:
    """Nothing else can be named, and where one is there it has to be."""
    act = salon.issue()
    salon.twin.control.fault("drop_after", endpoint="issue")
    assert send_operation(act.operation_id) == State.UNKNOWN
    [made] = salon.client.cards_of_client(HIND)
    operation = act.operation
    operation.refresh_from_db()
    Evidence.objects.create(
        operation=operation,
        source="read",
        verdict="unclear",
        code="several",
        at=salon.now,
        facts={"new": [made.external_id]},
    )
    move(operation, State.NEEDS_REVIEW, now=salon.now, by="test", next_at=None)
    row, boss = Act.objects.select_related("operation__branch").get(pk=act.pk), salon.supervisor.actor
    assert boss and [one.external_id for one in candidates_of(row)] == [made.external_id]
    for named, code in ((None, "not_named"), (["nobody"], "not_a_candidate")):
        with pytest.raises(ReviewRefused) as refusal:
            decide(row.operation, boss, applied=True, reason="issuer_portal", named=named)
        assert refusal.value.code == code
    decide(row.operation, boss, applied=True, reason="issuer_portal", named=[made.external_id])
    assert Act.objects.get(pk=act.pk).made_id == made.external_id


# Removal --------------------------------------------------------------------------------------------------------------


def test_only_a_supervisor_removes_a_card_and_only_for_a_reason(salon: Salon) -> None:
    card = salon.card(OMAR)
    with pytest.raises(CannotMove) as refusal:
        services.remove_card(card, "Lost", salon.fresh(), now=salon.now)
    assert code_of(refusal) == "not_allowed"
    with pytest.raises(CannotMove) as refusal:
        services.remove_card(card, "  ", salon.fresh(salon.supervisor), now=salon.now)
    assert code_of(refusal) == "no_reason"


def test_what_was_on_the_card_is_said_to_be_lost(salon: Salon) -> None:
    act = salon.remove(OMAR)
    finish(act)
    row = Act.objects.select_related("operation").get(pk=act.pk)
    assert str(row.balance_before) == "250.75" and row.note == "Lost"
    assert "250" in figures_of(row)


def test_a_list_about_somebody_else_does_not_say_that_a_card_is_removed(salon: Salon) -> None:
    """Lost before it was done: their next answer has another card on it, and ours is still there."""
    act = salon.remove()
    salon.twin.control.fault("drop_before", endpoint="remove")
    assert send_operation(act.operation_id) == State.UNKNOWN
    salon.twin.control.fault("wrong_code", endpoint="cards_of_client")
    operation = Operation.objects.get(pk=act.operation_id)
    turn(operation)
    assert operation.state == State.UNKNOWN
    assert len(salon.client.cards_of_client(SARA)) == 1
    assert finish(act).state == State.SUCCEEDED
    assert salon.client.cards_of_client(SARA) == []


def test_one_look_that_does_not_see_the_card_does_not_say_that_it_is_removed(salon: Salon) -> None:
    """Lost before it was done, and their list lags: both readings of one look show somebody else's cards."""
    act = salon.remove()
    salon.twin.control.fault("drop_before", endpoint="remove")
    assert send_operation(act.operation_id) == State.UNKNOWN
    salon.twin.control.fault("wrong_code", endpoint="cards_of_client", times=2)
    operation = Operation.objects.get(pk=act.operation_id)
    turn(operation)
    assert operation.state == State.UNKNOWN
    assert "card_missing" in operation.evidence.values_list("code", flat=True)
    assert len(salon.client.cards_of_client(SARA)) == 1
    assert finish(act).state == State.SUCCEEDED
    assert salon.client.cards_of_client(SARA) == []


def test_a_card_that_a_colleague_removed_meanwhile_is_said_to_be_gone(salon: Salon) -> None:
    act, card = salon.remove(OMAR), salon.card(OMAR)
    salon.client.remove_card(CardRemoval(card.external_id))
    operation = finish(act)
    assert (operation.state, operation.refusal_code, operation.sends) == (State.REFUSED, "already_done", 0)
