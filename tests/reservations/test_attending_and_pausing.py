"""Check-in, check-out and undo (story S17); subscriptions and their pauses (story S18)."""

from __future__ import annotations

import datetime as dt

import pytest

from providers.contracts.booking_orders import Attending, Direction, Subject
from providers.models import Operation, State
from reservations import selectors, services
from reservations.effects.attending import attendance_problem
from reservations.models import Product, Reservation, Subscription
from reservations.services import CannotBook, Content
from tests.reservations.clinic import Clinic, finish, pass_review, turn
from tests.reservations.made import attendance

IN, OUT = Direction.CHECK_IN, Direction.CHECK_OUT
FIRST, UNTIL = dt.date(2027, 1, 15), dt.date(2027, 1, 25)


@pytest.fixture
def subscription(clinic: Clinic) -> Subscription:
    return clinic.known_subscription(clinic.book.add_subscription("cust-1", "2027-01-01T00:00:00Z"))


# Attendance -----------------------------------------------------------------------------------------------------------


def test_a_check_in_is_sent_once_with_what_it_is_about(clinic: Clinic, reservation: Reservation) -> None:
    assert finish(services.check_in(reservation, clinic.fresh(), now=clinic.now)).state == State.SUCCEEDED
    [(_name, sent)] = clinic.book.writes
    assert (sent.subject, sent.direction, sent.subject_id) == (Subject.RESERVATION, IN, reservation.external_id)


@pytest.mark.parametrize(
    ("accident", "state"),
    [("lost_answer", State.SUCCEEDED), ("dies", State.SUCCEEDED), ("before_effect", State.NOT_APPLIED)],
)
def test_without_an_answer_it_is_counted_and_never_sent_again(
    clinic: Clinic, reservation: Reservation, accident: str, state: str
) -> None:
    clinic.book.accidents = [accident]
    assert finish(services.check_in(reservation, clinic.fresh(), now=clinic.now)).state == state
    assert len(clinic.book.writes) == 1


def test_one_more_of_a_colleague_is_for_a_person(clinic: Clinic, reservation: Reservation) -> None:
    clinic.book.accidents = ["lost_answer"]
    act = services.check_in(reservation, clinic.fresh(), now=clinic.now)
    turn(act.operation)
    clinic.book.attendances.append(attendance(clinic.book.writes[0][1], 7))
    pass_review(act.operation)
    assert finish(act).state == State.NEEDS_REVIEW


def test_whoever_is_in_does_not_come_in_again(clinic: Clinic, reservation: Reservation) -> None:
    finish(services.check_in(reservation, clinic.fresh(), now=clinic.now))
    again = finish(services.check_in(reservation, clinic.fresh(), now=clinic.now))
    assert (again.state, again.refusal_code) == (State.REFUSED, "already_done")


def test_a_mistaken_check_in_is_undone_by_its_opposite_once(clinic: Clinic, reservation: Reservation) -> None:
    act = services.check_in(reservation, clinic.fresh(), now=clinic.now)
    with pytest.raises(CannotBook, match="nothing_to_undo"):
        services.undo_attendance(act, clinic.fresh(), now=clinic.now)
    finish(act)
    act.refresh_from_db()
    act.operation.refresh_from_db()
    undo = services.undo_attendance(act, clinic.fresh(), now=clinic.now)
    assert finish(undo).state == State.SUCCEEDED and undo.follows == act
    assert clinic.book.writes[-1][1].direction == OUT
    with pytest.raises(CannotBook, match="undone_already"):
        services.undo_attendance(act, clinic.fresh(), now=clinic.now)


def test_a_subscription_is_visited_many_times_while_they_say_that_one_is_due(subscription: Subscription) -> None:
    rows = [attendance(one(subscription, IN), n) for n in range(2)]
    assert attendance_problem(Subject.SUBSCRIPTION, IN, rows) == ""
    assert attendance_problem(Subject.RESERVATION, IN, rows) == "already_done"
    assert attendance_problem(Subject.RESERVATION, OUT, []) == "not_checked_in"


def one(row: Subscription, direction: Direction) -> Attending:
    return Attending(Subject.SUBSCRIPTION, direction, row.external_id, row.customer_id)


# Subscriptions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accident", "state"),
    [("", State.SUCCEEDED), ("lost_answer", State.SUCCEEDED), ("before_effect", State.NOT_APPLIED)],
)
def test_a_subscription_is_made_once_and_found_by_what_is_new(clinic: Clinic, accident: str, state: str) -> None:
    clinic.book.add_subscription("cust-1", "2027-01-01T00:00:00Z")
    clinic.book.accidents = [accident]
    product = Product.objects.get(external_id="care")
    contents = [Content(product, product.price_list[0])]
    act = services.subscribe_customer(clinic.customer, contents, FIRST, clinic.fresh(), now=clinic.now)
    assert finish(act).state == state
    assert len(clinic.book.writes) == 1


@pytest.mark.parametrize(("accident", "sends"), [("", 1), ("lost_answer", 1), ("before_effect", 2)])
def test_a_pause_is_set_by_a_supervisor(clinic: Clinic, subscription: Subscription, accident: str, sends: int) -> None:
    with pytest.raises(CannotBook, match="not_allowed"):
        services.pause_subscription(subscription, FIRST, UNTIL, clinic.fresh(), now=clinic.now)
    clinic.book.accidents = [accident]
    place = clinic.fresh(clinic.supervisor)
    operation = finish(services.pause_subscription(subscription, FIRST, UNTIL, place, now=clinic.now))
    assert operation.state == State.SUCCEEDED and operation.sends == sends
    row = clinic.known_subscription(subscription.external_id)
    assert row.wire_paused == "2027-01-14T21:00:00Z"  # midnight in Riyadh
    resume = services.resume_subscription(row, dt.date(2027, 1, 20), clinic.fresh(clinic.supervisor), now=clinic.now)
    assert finish(resume).state == State.SUCCEEDED
    assert not clinic.book.contracts[row.external_id].is_paused


def test_other_dates_meanwhile_are_for_a_person(clinic: Clinic, subscription: Subscription) -> None:
    clinic.book.accidents = ["before_effect"]
    place = clinic.fresh(clinic.supervisor)
    act = services.pause_subscription(subscription, FIRST, UNTIL, place, now=clinic.now)
    turn(act.operation)
    other = dt.datetime(2027, 1, 12, tzinfo=dt.UTC)
    wire = {"wire_paused": "2027-01-12T00:00:00Z", "wire_resume": "2027-01-13T00:00:00Z"}
    clinic.book.change_subscription(subscription.external_id, paused_at=other, is_paused=True, **wire)
    pass_review(act.operation)
    operation = finish(act)
    assert operation.state == State.NEEDS_REVIEW and operation.sends == 1


def test_a_pause_that_lies_ahead_is_not_shown_as_one(clinic: Clinic, subscription: Subscription) -> None:
    ahead, branch = clinic.now + dt.timedelta(days=5), clinic.place.branch
    for is_paused in (False, True):
        subscription.is_paused, subscription.paused_at, subscription.resume_at = is_paused, ahead, ahead
        days = selectors.days_of(subscription, branch, clinic.now)
        assert not days.paused and days.pause_planned == ahead
    assert days.left == 21
    later = selectors.days_of(subscription, branch, ahead + dt.timedelta(hours=1))
    assert later.paused and later.pause_planned is None


def test_wrong_days_open_nothing(clinic: Clinic, subscription: Subscription) -> None:
    place = clinic.fresh(clinic.supervisor)
    for first, until in ((dt.date(2027, 1, 9), UNTIL), (UNTIL, FIRST)):
        with pytest.raises(CannotBook, match="days_wrong"):
            services.pause_subscription(subscription, first, until, place, now=clinic.now)
    with pytest.raises(CannotBook, match="not_paused"):
        services.resume_subscription(subscription, UNTIL, place, now=clinic.now)
    assert not Operation.objects.exists()
