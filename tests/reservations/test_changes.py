"""Moving, confirming, cancelling, ending (story S16): what each look decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from providers.badges import SHORT
from providers.contracts.bookings import ReservationStatus
from providers.models import Claim, State
from reservations import services
from reservations.models import Act, Reservation
from reservations.outcomes import ONLY_WHO, kind_of, words_for
from reservations.reading.words import act_badge
from reservations.services import CannotBook
from reservations.sync import store_seen
from tests.reservations.clinic import Clinic, finish, pass_review, turn
from tests.reservations.made import OMAR, SALMA, hours

S = ReservationStatus
Doing = Callable[[Clinic, Reservation], Act]
HOUR = dt.timedelta(hours=1)


def standing(clinic: Clinic, row: Reservation) -> str:
    return clinic.book.bookings[row.external_id].wire_starts


# Moving ---------------------------------------------------------------------------------------------------------------


def test_a_move_names_both_ends_and_the_practitioners(clinic: Clinic, reservation: Reservation) -> None:
    operation = finish(clinic.move(reservation, 8))
    assert operation.state == State.SUCCEEDED
    [(_name, move)] = clinic.book.writes
    assert (move.wire_starts, move.wire_ends, move.practitioner_ids) == (*hours(8), ("dr-salma",))


def test_its_length_stays_when_only_the_start_moves(clinic: Clinic) -> None:
    row = clinic.known(clinic.book.add_booking("cust-1", "2027-01-10T06:00:00Z", "2027-01-10T06:30:00Z"))
    finish(clinic.move(row, 8))
    assert clinic.book.bookings[row.external_id].wire_ends == "2027-01-10T08:30:00Z"


def test_a_lost_answer_is_found_at_the_target(clinic: Clinic, reservation: Reservation) -> None:
    clinic.book.accidents = ["lost_answer"]
    operation = finish(clinic.move(reservation))
    assert (operation.state, operation.evidence_level) == (State.SUCCEEDED, "inferred")
    assert len(clinic.book.writes) == 1


def test_what_still_stands_at_the_old_time_is_sent_again(clinic: Clinic, reservation: Reservation) -> None:
    clinic.book.accidents = ["before_effect"]
    operation = finish(clinic.move(reservation))
    assert operation.state == State.SUCCEEDED and operation.sends == 2
    assert standing(clinic, reservation) == hours(8)[0]


def test_after_three_sends_it_was_not_done(clinic: Clinic, reservation: Reservation) -> None:
    clinic.book.accidents = ["before_effect"] * 3
    operation = finish(clinic.move(reservation))
    assert operation.state == State.NOT_APPLIED and operation.sends == 3


@pytest.mark.parametrize("accident", ["before_effect", "lost_answer", "delayed"])
def test_a_change_of_somebody_else_is_never_overwritten(
    clinic: Clinic, reservation: Reservation, accident: str
) -> None:
    clinic.book.accidents = [accident]
    act = clinic.move(reservation, 8)
    turn(act.operation)
    wire_from, wire_to = hours(10)
    clinic.book.change(reservation.external_id, wire_starts=wire_from, wire_ends=wire_to)
    pass_review(act.operation)
    operation = finish(act)
    assert operation.state == State.NEEDS_REVIEW and operation.sends == 1
    assert operation.evidence.filter(code="changed_by_another").exists()
    assert standing(clinic, reservation) == wire_from


def test_the_moved_time_read_with_the_other_clock_is_for_a_person(clinic: Clinic, reservation: Reservation) -> None:
    clinic.book.accidents = ["before_effect"]
    act = clinic.move(reservation, 8)
    turn(act.operation)
    wire_from, wire_to = hours(11)  # 8 in UTC is 11 in Riyadh
    clinic.book.change(reservation.external_id, wire_starts=wire_from, wire_ends=wire_to)
    pass_review(act.operation)
    operation = finish(act)
    assert operation.state == State.NEEDS_REVIEW
    assert operation.evidence.filter(code="time_read_otherwise").exists()


def test_what_moved_before_we_sent_is_refused(clinic: Clinic, reservation: Reservation) -> None:
    wire_from, wire_to = hours(10)
    clinic.book.change(reservation.external_id, wire_starts=wire_from, wire_ends=wire_to)
    operation = finish(clinic.move(reservation, 8))
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "changed_meanwhile")
    assert not clinic.book.writes
    badge = act_badge(Act.objects.get(operation=operation), clinic.now)
    assert badge.text == SHORT["refused"], "nobody is at it any more"


def test_a_taken_time_is_refused_and_the_mirror_learns_of_it(clinic: Clinic, reservation: Reservation) -> None:
    clinic.book.capacity = 0
    operation = finish(clinic.move(reservation, 8))
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "slot_taken")


def test_one_change_at_a_time_to_one_reservation(clinic: Clinic, reservation: Reservation) -> None:
    act = clinic.move(reservation)
    with pytest.raises(CannotBook, match="in_use_here") as refused:
        services.confirm_reservation(reservation, clinic.fresh(), now=clinic.now)
    assert refused.value.holder == act.operation
    finish(act)
    assert not Claim.objects.filter(open=True).exists()
    assert finish(services.confirm_reservation(reservation, clinic.fresh(), now=clinic.now)).state == State.SUCCEEDED


# Another practitioner --------------------------------------------------------------------------------------------------


@pytest.fixture
def two(clinic: Clinic) -> Clinic:
    """A clinic in which Dr Omar gives what Dr Salma gives."""
    clinic.book.staff = [SALMA, OMAR]
    store_seen(clinic.account, [*clinic.book.practitioners(), *clinic.book.products()], clinic.now + HOUR)
    return clinic


def to_omar(clinic: Clinic, row: Reservation, hour: int = 6) -> Act:
    return clinic.move(row, hour, practitioner_ids=("dr-omar",))


def who(clinic: Clinic, row: Reservation) -> list[str]:
    return [one.name for one in clinic.book.bookings[row.external_id].practitioners]


@pytest.mark.parametrize("hour", [6, 8])
@pytest.mark.parametrize("accident", ["", "lost_answer", "before_effect"])
def test_another_practitioner_is_set_with_or_without_another_time(
    two: Clinic, reservation: Reservation, hour: int, accident: str
) -> None:
    two.book.accidents = [accident]
    operation = finish(to_omar(two, reservation, hour))
    assert operation.state == State.SUCCEEDED and operation.sends == (2 if accident == "before_effect" else 1)
    assert (who(two, reservation), standing(two, reservation)) == (["Dr Omar"], hours(hour)[0])
    move = two.book.writes[-1][1]
    assert (move.wire_starts, move.wire_ends, move.practitioner_ids) == (*hours(hour), ("dr-omar",))


@pytest.mark.parametrize("accident", ["lost_answer", "before_effect"])
def test_where_they_tell_names_alone_the_name_decides(two: Clinic, reservation: Reservation, accident: str) -> None:
    two.book.tells_ids = False
    two.book.accidents = [accident]
    operation = finish(to_omar(two, reservation))
    assert operation.state == State.SUCCEEDED and who(two, reservation) == ["Dr Omar"]
    assert len(two.book.effects) == 1


def test_where_they_tell_nothing_of_practitioners_a_person_decides(two: Clinic, reservation: Reservation) -> None:
    two.book.tells_ids = None
    two.book.accidents = ["lost_answer"]
    act = to_omar(two, reservation)
    turn(act.operation)
    pass_review(act.operation)
    operation = finish(act)
    assert operation.state == State.NEEDS_REVIEW and operation.sends == 1
    assert operation.evidence.filter(code="practitioner_not_told").exists()


def test_where_they_tell_nothing_of_practitioners_their_answer_is_enough(two: Clinic, reservation: Reservation) -> None:
    two.book.tells_ids = None
    operation = finish(to_omar(two, reservation))
    assert (operation.state, operation.evidence_level) == (State.SUCCEEDED, "response")


def test_who_is_changed_by_somebody_else_meanwhile_is_for_a_person(two: Clinic, reservation: Reservation) -> None:
    two.book.accidents = ["before_effect"]
    act = two.move(reservation, 8)
    turn(act.operation)
    two.book.change(reservation.external_id, practitioners=(OMAR,))
    pass_review(act.operation)
    operation = finish(act)
    assert operation.state == State.NEEDS_REVIEW and who(two, reservation) == ["Dr Omar"]


def test_whoever_has_it_already_is_left_alone(two: Clinic, reservation: Reservation) -> None:
    two.book.change(reservation.external_id, practitioners=(OMAR,))
    operation = finish(to_omar(two, reservation))
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "already_done") and not two.book.writes


@pytest.mark.parametrize("ids", [(), ("dr-nobody",)])
def test_nobody_is_chosen_who_does_not_give_the_service(
    two: Clinic, reservation: Reservation, ids: tuple[str, ...]
) -> None:
    with pytest.raises(CannotBook, match="practitioner_wrong"):
        two.move(reservation, 8, practitioner_ids=ids)


def test_it_is_told_in_words_of_its_own(two: Clinic, reservation: Reservation) -> None:
    act = to_omar(two, reservation)
    assert kind_of(act.operation) is ONLY_WHO
    assert (act.asked["with_names"], act.asked["were_with"]) == (["Dr Omar"], ["Dr Salma"])
    for state in State:
        act.operation.state = state
        assert "moved" not in str(words_for(act.operation, slow=False).headline)
    finish(act)
    moved = two.move(two.known(reservation.external_id), 8)
    assert kind_of(moved.operation) is not ONLY_WHO


# Statuses -------------------------------------------------------------------------------------------------------------


def confirm(clinic: Clinic, row: Reservation) -> Act:
    return services.confirm_reservation(row, clinic.fresh(), now=clinic.now)


def cancel(clinic: Clinic, row: Reservation) -> Act:
    place = clinic.fresh(clinic.supervisor)
    return services.cancel_reservation(row, "ill", place, notify=True, now=clinic.now)


def end(clinic: Clinic, row: Reservation) -> Act:
    return services.finish_reservation(row, clinic.fresh(), now=clinic.now)


EACH = [(confirm, S.CONFIRMED), (cancel, S.CANCELLED), (end, S.DONE)]


@pytest.mark.parametrize(("act", "wanted"), EACH)
@pytest.mark.parametrize(("accident", "sends"), [("", 1), ("lost_answer", 1), ("dies", 1), ("before_effect", 2)])
def test_each_status_is_set_whatever_happens_on_the_way(
    clinic: Clinic,
    reservation: Reservation,
    act: Doing,
    wanted: S,
    accident: str,
    sends: int,
) -> None:
    clinic.book.accidents = [accident]
    operation = finish(act(clinic, reservation))
    assert operation.state == State.SUCCEEDED and operation.sends == sends
    assert clinic.book.bookings[reservation.external_id].status == wanted


@pytest.mark.parametrize(("act", "wanted"), EACH)
def test_what_has_it_already_is_left_alone(clinic: Clinic, reservation: Reservation, act: Doing, wanted: S) -> None:
    clinic.book.change(reservation.external_id, status=wanted)
    operation = finish(act(clinic, reservation))
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "already_done")
    assert not clinic.book.writes


@pytest.mark.parametrize(
    ("act", "other"), [(confirm, S.CANCELLED), (confirm, S.DONE), (cancel, S.DONE), (end, S.CANCELLED)]
)
def test_another_status_meanwhile_is_for_a_person(
    clinic: Clinic, reservation: Reservation, act: Doing, other: S
) -> None:
    clinic.book.accidents = ["before_effect"]
    made = act(clinic, reservation)
    turn(made.operation)
    clinic.book.change(reservation.external_id, status=other)
    pass_review(made.operation)
    operation = finish(made)
    assert operation.state == State.NEEDS_REVIEW and operation.sends == 1


def test_a_word_that_nobody_has_documented_blocks_and_alerts(clinic: Clinic, reservation: Reservation) -> None:
    clinic.book.change(reservation.external_id, status=S.UNSEEN, raw_status="Frozen")
    operation = finish(confirm(clinic, reservation))
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "unseen_status")
    assert operation.discrepancies.exists()


def test_a_second_cancellation_sends_no_second_message(clinic: Clinic, reservation: Reservation) -> None:
    clinic.book.accidents = ["before_effect"]
    operation = finish(cancel(clinic, reservation))
    assert operation.sends == 2 and clinic.book.messages == [reservation.external_id]
    assert [given.notify for _name, given in clinic.book.writes] == [True, False]


def test_a_cancellation_wants_a_reason_and_a_message_a_supervisor(clinic: Clinic, reservation: Reservation) -> None:
    with pytest.raises(CannotBook, match="no_reason"):
        services.cancel_reservation(reservation, " ", clinic.fresh(), notify=False, now=clinic.now)
    with pytest.raises(CannotBook, match="not_allowed"):
        services.cancel_reservation(reservation, "ill", clinic.fresh(), notify=True, now=clinic.now)
    act = services.cancel_reservation(reservation, "ill", clinic.fresh(), notify=False, now=clinic.now)
    assert finish(act).state == State.SUCCEEDED and not clinic.book.messages
