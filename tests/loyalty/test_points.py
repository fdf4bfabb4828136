"""Points by hand: how many a person may move alone and in a day, and the second person whom more of them need (S10)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from branches.models import User
from branches.roles import Role
from loyalty import services
from loyalty.models import Act, Card, Holding, Limit, Proposal
from loyalty.selectors import proposals_waiting
from loyalty.services import CannotMove, Place
from providers.models import Operation, State
from tests.conftest import Hire
from tests.loyalty.salon import MARY, OMAR, SARA, Salon
from tests.reservations.clinic import finish
from tests.scene import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def refused(salon: Salon, amount: str, **more: object) -> CannotMove:
    with pytest.raises(CannotMove) as caught:
        salon.move(amount, **more)
    return caught.value


def proposed(salon: Salon, amount: str = "60", **more: object) -> Proposal:
    found = salon.move(amount, **more)
    assert isinstance(found, Proposal)
    return found


def no_agreement(proposal: Proposal, place: Place, salon: Salon) -> str:
    with pytest.raises(CannotMove) as caught:
        services.agree(proposal, place, now=salon.now)
    return caught.value.code


def boss(salon: Salon, hire: Hire, name: str = "abeer", role: str = Role.SUPERVISOR) -> Place:
    return Place(hire(name, role, salon.place.branch), salon.place.branch)


# What is asked for ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "more", "code"),
    [
        ("0", {}, "amount_wrong"),
        ("0.005", {}, "amount_wrong"),
        ("100001", {}, "amount_wrong"),
        ("5", {"scope": "elsewhere"}, "amount_wrong"),
        ("5", {"reason": "because"}, "no_reason"),
        ("5", {"reason": "other"}, "no_note"),
        ("5", {"reason": "other", "note": " \u200e "}, "no_note"),
        ("-100.01", {}, "balance_too_small"),
    ],
)
def test_what_cannot_be_meant_is_not_opened(salon: Salon, amount: str, more: dict[str, str], code: str) -> None:
    assert refused(salon, amount, **more).code == code
    assert not Operation.objects.exists() and not Proposal.objects.exists()


def test_a_card_of_which_nobody_knows_whose_it_is_is_not_moved(salon: Salon) -> None:
    card = salon.card()
    Holding.objects.all().delete()
    with pytest.raises(CannotMove, match="holder_unknown"):
        services.move_points(card, Decimal(5), "goodwill", salon.fresh(), now=salon.now)


def test_who_may_not_use_cards_moves_none(salon: Salon, hire: Hire) -> None:
    books = Place(hire("badr", Role.ACCOUNTANT, salon.place.branch), salon.place.branch)
    assert refused(salon, "5", place=books).code == "not_allowed"


def test_another_branch_moves_no_points_of_ours(salon: Salon, dana: User, nakheel: object) -> None:
    assert refused(salon, "5", place=Place(dana, nakheel)).code == "not_here"


def test_the_same_form_gives_the_same_act(salon: Salon) -> None:
    card, place = salon.card(), salon.fresh()
    first, second = (services.move_points(card, Decimal(20), "goodwill", place, now=salon.now) for _ in range(2))
    assert isinstance(first, Act) and isinstance(second, Act)
    assert first.pk == second.pk
    assert finish(first).state == State.SUCCEEDED
    assert salon.balance() == 120


# Alone, and in a day --------------------------------------------------------------------------------------------------


def test_up_to_the_limit_a_person_is_alone_and_above_it_nothing_is_sent(salon: Salon) -> None:
    assert isinstance(salon.move("50"), Act)
    assert isinstance(salon.move("50.01", client_id=OMAR), Proposal)
    assert Operation.objects.count() == 1


def test_a_branch_says_how_much_a_role_may(salon: Salon) -> None:
    Limit.objects.create(branch=salon.place.branch, role=Role.RECEPTIONIST, alone=5, a_day=8)
    assert isinstance(salon.move("5"), Act)
    assert (refused(salon, "4", client_id=OMAR).code) == "daily_limit"
    assert isinstance(salon.move("3", client_id=OMAR), Act)


def test_given_and_taken_count_alike_in_a_day(salon: Salon) -> None:
    Limit.objects.create(branch=salon.place.branch, role=Role.RECEPTIONIST, alone=50, a_day=100)
    finish(salon.give("50"))
    finish(salon.give("-40"))
    refusal = refused(salon, "10.01")
    assert (refusal.code, refusal.figures) == ("daily_limit", {"left": Decimal(10), "limit": Decimal(100)})
    assert isinstance(salon.move("10"), Act)


def test_what_ended_without_an_effect_does_not_count(salon: Salon) -> None:
    salon.twin.control.fault("drop_before", endpoint="by_hand")
    assert finish(salon.give("50")).state == State.NOT_APPLIED
    assert services.allowance_of(salon.place.actor, salon.place.branch, salon.now).used == 0


def test_another_day_begins_with_nothing_used(salon: Salon) -> None:
    finish(salon.give("50"))
    person, branch = salon.place.actor, salon.place.branch
    assert person is not None
    assert services.allowance_of(person, branch, salon.now).left == 150
    assert services.allowance_of(person, branch, salon.now + dt.timedelta(days=1)).left == 200


def test_two_forms_at_once_stay_within_the_day(salon: Salon) -> None:
    Limit.objects.create(branch=salon.place.branch, role=Role.RECEPTIONIST, alone=50, a_day=60)
    cards = [salon.card(SARA), salon.card(OMAR), salon.card(MARY)]

    def press(card: Card) -> Act | Proposal:
        return services.move_points(card, Decimal(40), "goodwill", salon.fresh(), now=salon.now)

    ends = at_once([lambda card=card: press(card) for card in cards])
    assert sum(isinstance(end, Act) for end in ends) == 1
    assert {end.code for end in ends if isinstance(end, CannotMove)} == {"daily_limit"}
    assert Operation.objects.count() == Act.objects.count() == 1


# A second person ------------------------------------------------------------------------------------------------------


def test_another_person_agrees_and_then_it_is_sent_in_the_name_of_who_proposed(salon: Salon) -> None:
    proposal = proposed(salon, "60", note="Long wait")
    assert salon.effects() == [] and salon.balance() == 100
    act = services.agree(proposal, salon.supervisor, now=salon.now)
    assert finish(act).state == State.SUCCEEDED
    assert salon.balance() == 160
    proposal.refresh_from_db()
    assert (proposal.state, proposal.act_id, proposal.decided_by) == ("agreed", act.pk, salon.supervisor.actor)
    assert (act.operation.actor, act.note, act.requested) == (salon.place.actor, "Long wait", Decimal(60))
    assert services.allowance_of(act.operation.actor, salon.place.branch, salon.now).used == 60


def test_points_are_taken_with_two_people_too(salon: Salon) -> None:
    assert finish(services.agree(proposed(salon, "-60"), salon.supervisor, now=salon.now)).state == State.SUCCEEDED
    assert salon.balance() == 40


def test_nobody_agrees_to_their_own(salon: Salon, hire: Hire) -> None:
    manager = boss(salon, hire, "nora", Role.MANAGER)
    own = proposed(salon, "400", place=salon.supervisor)
    assert no_agreement(own, salon.fresh(salon.supervisor), salon) == "own_proposal"
    with pytest.raises(CannotMove, match="own_proposal"):
        services.decline(own, salon.fresh(salon.supervisor), now=salon.now)
    assert finish(services.agree(own, manager, now=salon.now)).state == State.SUCCEEDED


def test_who_may_not_supervise_does_not_agree(salon: Salon, hire: Hire, dana: User, nakheel: object) -> None:
    proposal = proposed(salon)
    other = Place(hire("rana", Role.RECEPTIONIST, salon.place.branch), salon.place.branch)
    assert no_agreement(proposal, other, salon) == "not_allowed"
    assert no_agreement(proposal, Place(dana, nakheel), salon) == "not_here"
    assert proposals_waiting(dana, salon.place.branch, salon.now) == []


def test_nobody_agrees_to_more_than_they_may_themselves(salon: Salon, hire: Hire) -> None:
    Limit.objects.create(branch=salon.place.branch, role=Role.RECEPTIONIST, alone=50, a_day=2000)
    assert refused(salon, "300.01").code == "nobody_may_agree"
    manager = boss(salon, hire, "nora", Role.MANAGER)
    proposal = proposed(salon, "300.01")
    assert no_agreement(proposal, salon.supervisor, salon) == "over_own_limit"
    assert finish(services.agree(proposal, manager, now=salon.now)).state == State.SUCCEEDED


def test_a_declined_proposal_is_never_sent(salon: Salon) -> None:
    proposal = services.decline(proposed(salon), salon.supervisor, now=salon.now, note="Ask the manager")
    assert (proposal.state, proposal.decision_note) == ("declined", "Ask the manager")
    assert no_agreement(proposal, salon.supervisor, salon) == "decided_already"
    assert not Operation.objects.exists()


def test_who_proposed_it_takes_it_back_and_nobody_else_does(salon: Salon) -> None:
    proposal = proposed(salon)
    with pytest.raises(CannotMove, match="not_allowed"):
        services.take_back(proposal, salon.supervisor, now=salon.now)
    assert services.take_back(proposal, salon.fresh(), now=salon.now).state == "withdrawn"
    assert no_agreement(proposal, salon.supervisor, salon) == "decided_already"


def test_a_proposal_that_nobody_decides_in_time_is_over(salon: Salon) -> None:
    proposal, later = proposed(salon), salon.now + dt.timedelta(hours=25)
    with pytest.raises(CannotMove, match="decided_already"):
        services.agree(proposal, salon.supervisor, now=later)
    assert proposals_waiting(salon.supervisor.actor, salon.place.branch, later) == []
    assert services.expire_proposals(now=later) == 1
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by) == ("expired", None)


def test_the_same_form_proposes_once(salon: Salon) -> None:
    card, place = salon.card(), salon.fresh()
    found = [services.move_points(card, Decimal(60), "goodwill", place, now=salon.now) for _ in range(2)]
    assert len({one.pk for one in found}) == Proposal.objects.count() == 1


def test_two_people_who_agree_at_once_send_it_once(salon: Salon, hire: Hire) -> None:
    proposal = proposed(salon)
    places = [salon.supervisor, boss(salon, hire)]
    rows = [Proposal.objects.get(pk=proposal.pk) for _ in places]

    def press(row: Proposal, place: Place) -> Act:
        return services.agree(row, place, now=salon.now)

    ends = at_once([lambda p=pair: press(*p) for pair in zip(rows, places, strict=True)])
    acts = {end.pk for end in ends if isinstance(end, Act)}
    assert len(acts) == Operation.objects.count() == 1
    assert all(isinstance(end, Act) or (isinstance(end, CannotMove) and end.code == "decided_already") for end in ends)
    assert finish(Act.objects.get()).state == State.SUCCEEDED
    assert salon.balance() == 160


def test_agreeing_and_declining_at_once_leaves_one_of_them(salon: Salon, hire: Hire) -> None:
    proposal = proposed(salon)
    yes, no = (Proposal.objects.get(pk=proposal.pk) for _ in range(2))
    other = boss(salon, hire)
    at_once(
        [
            lambda: services.agree(yes, salon.supervisor, now=salon.now),
            lambda: services.decline(no, other, now=salon.now),
        ]
    )
    proposal.refresh_from_db()
    assert (proposal.state == "agreed") == Operation.objects.exists() == bool(proposal.act_id)


def test_the_days_limit_of_who_proposed_holds_when_it_is_agreed_to(salon: Salon) -> None:
    first, second = proposed(salon, "120"), proposed(salon, "90", client_id=OMAR)
    assert finish(services.agree(first, salon.supervisor, now=salon.now)).state == State.SUCCEEDED
    assert no_agreement(second, salon.fresh(salon.supervisor), salon) == "daily_limit"
    second.refresh_from_db()
    assert second.state == "waiting"
    assert Operation.objects.count() == 1


def test_what_the_card_has_meanwhile_counts_when_it_is_agreed_to(salon: Salon) -> None:
    proposal = proposed(salon, "-90")
    finish(salon.give("-20"))
    salon.card()
    assert no_agreement(proposal, salon.supervisor, salon) == "balance_too_small"


def test_while_the_card_is_in_use_a_proposal_goes_on_waiting(salon: Salon) -> None:
    proposal = proposed(salon)
    other = salon.give("5")
    assert no_agreement(proposal, salon.supervisor, salon) == "in_use_here"
    finish(other)
    assert finish(services.agree(proposal, salon.supervisor, now=salon.now)).state == State.SUCCEEDED


def test_a_card_that_is_gone_is_not_agreed_to(salon: Salon) -> None:
    proposal = proposed(salon)
    Card.objects.update(gone_at=salon.now)
    assert no_agreement(proposal, salon.supervisor, salon) == "card_gone"


def test_a_partner_has_a_limit_and_no_second_person(salon: Salon) -> None:
    partner = dataclasses.replace(salon.place, actor=None, till=None, source="partner")
    with pytest.raises(CannotMove, match="too_many_at_once"):
        salon.move("51", place=partner)
    assert finish(salon.give("50", place=partner)).state == State.SUCCEEDED
    assert salon.balance() == 150
