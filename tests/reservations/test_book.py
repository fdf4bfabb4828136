"""A booking that got no answer, and one that got one (stories S14, S15)."""

from __future__ import annotations

import dataclasses

import pytest

from providers.badges import SHORT
from providers.models import Claim, Discrepancy, Operation, State
from reservations import services
from reservations.cards.acts import result
from reservations.models import Act, Ask
from reservations.outcomes import STATES
from reservations.services import CannotBook
from tests.reservations.clinic import Clinic, finish, pass_review, turn
from tests.reservations.shelf import NAKHEEL


def test_a_booking_is_made_by_the_customers_id_and_the_slot_goes_back_verbatim(clinic: Clinic) -> None:
    operation = finish(clinic.order(6))
    assert (operation.state, operation.evidence_level) == (State.SUCCEEDED, "response")
    [(_name, order)] = clinic.book.writes
    assert order.customer_id == "cust-1" and (order.items[0].wire_from, order.items[0].wire_to) == clinic.nine
    act = Act.objects.get(operation=operation)
    assert act.made_ids == list(clinic.book.bookings)
    assert operation.amount == 0 and operation.currency == "SAR"


def test_its_claims_end_with_it_so_that_the_same_customer_may_book_again(clinic: Clinic) -> None:
    first = clinic.order(6)
    with pytest.raises(CannotBook, match="in_use_here") as refused:
        clinic.order(6)
    assert refused.value.holder == first.operation
    finish(first)
    assert not Claim.objects.filter(operation=first.operation, open=True).exists()
    assert finish(clinic.order(6, again=True)).state == State.SUCCEEDED


def test_the_same_form_twice_is_one_booking(clinic: Clinic) -> None:
    acts = [
        services.book_reservation(clinic.customer, [clinic.choice()], clinic.place, now=clinic.now) for _ in range(2)
    ]
    assert acts[0] == acts[1]
    finish(acts[0])
    assert len(clinic.book.bookings) == 1


def test_an_answer_that_was_lost_is_found_by_what_is_new(clinic: Clinic) -> None:
    clinic.book.add_booking("cust-1", *clinic.nine)  # the same time was booked before by somebody else
    clinic.book.accidents = ["lost_answer"]
    act = clinic.order(6, again=True)
    operation = finish(act)
    assert (operation.state, operation.evidence_level) == (State.SUCCEEDED, "inferred")
    act.refresh_from_db()
    assert act.made_ids == [list(clinic.book.bookings)[-1]]
    assert len(clinic.book.writes) == 1


def test_what_did_not_happen_is_seen_twice_and_is_never_sent_again_by_a_machine(clinic: Clinic) -> None:
    clinic.book.accidents = ["before_effect"]
    operation = finish(clinic.order(6))
    assert operation.state == State.NOT_APPLIED and operation.clear_looks == 1
    assert len(clinic.book.writes) == 1 and not clinic.book.bookings
    assert not operation.claims.filter(open=True).exists()


def test_only_when_no_byte_left_it_is_sent_once_more(clinic: Clinic) -> None:
    clinic.book.accidents = ["unsent"]
    act = clinic.order(6)
    turn(act.operation)
    assert act.operation.state == State.CREATED and not clinic.book.writes
    Operation.objects.filter(pk=act.operation_id).update(next_at=act.operation.created_at)
    assert finish(act).state == State.SUCCEEDED
    assert len(clinic.book.writes) == 1


def test_a_worker_that_died_with_it_is_followed_by_looks_only(clinic: Clinic) -> None:
    for accident, state in (("dies", State.SUCCEEDED), ("dies_before", State.NOT_APPLIED)):
        clinic.book.accidents = [accident]
        clinic.book.writes.clear()
        act = clinic.order(7 if accident == "dies" else 8)
        assert finish(act).state == state
        assert len(clinic.book.writes) == 1


def test_an_effect_that_lands_late_is_found_by_the_watch(clinic: Clinic) -> None:
    clinic.book.accidents = ["delayed"]
    operation = finish(clinic.order(6))
    assert operation.state == State.NOT_APPLIED
    clinic.book.land()
    turn(operation)
    assert operation.state == State.NOT_APPLIED
    assert Discrepancy.objects.filter(operation=operation, kind=Discrepancy.Kind.LATE_EFFECT).exists()


def test_the_next_booking_is_not_taken_for_the_late_effect_of_the_one_before(clinic: Clinic) -> None:
    clinic.book.accidents = ["before_effect"]
    first = clinic.order(6)
    finish(first)
    second = clinic.order(6, follows=first)
    assert finish(second).state == State.SUCCEEDED
    operation = first.operation
    operation.refresh_from_db()
    turn(operation)
    assert not Discrepancy.objects.exists()


def test_of_several_items_a_part_may_be_there(clinic: Clinic) -> None:
    clinic.book.accidents = ["lost_answer"]
    act = clinic.order(6, 7)
    turn(act.operation)
    assert act.operation.state == State.UNKNOWN
    del clinic.book.bookings[list(clinic.book.bookings)[-1]]
    operation = finish(act)
    assert operation.state == State.PARTIAL and operation.outcome["applied"] == ["item:0"]
    act.refresh_from_db()
    assert act.made_ids == list(clinic.book.bookings)
    assert not operation.claims.filter(open=True).exists()


def test_two_new_ones_that_both_fit_are_for_a_person(clinic: Clinic) -> None:
    clinic.book.accidents = ["lost_answer"]
    act = clinic.order(6)
    turn(act.operation)
    clinic.book.add_booking("cust-1", *clinic.nine)
    pass_review(act.operation)
    operation = finish(act)
    assert operation.state == State.NEEDS_REVIEW
    assert operation.evidence.filter(code="several").exists()


def test_our_reference_in_a_field_of_the_clinic_tells_them_apart(clinic: Clinic) -> None:
    clinic.account.settings = {"reference_field": "ref-field"}
    clinic.account.save()
    clinic.book.accidents = ["lost_answer"]
    act = clinic.order(6)
    turn(act.operation)
    ours = next(iter(clinic.book.bookings))
    clinic.book.add_booking("cust-1", *clinic.nine)
    assert finish(act).state == State.SUCCEEDED
    act.refresh_from_db()
    assert act.made_ids == [ours]


@pytest.mark.parametrize("other", [{"quantity": 2}, {"place_id": NAKHEEL}, {"product_name": "Peel", "price_name": "X"}])
def test_what_differs_in_one_part_is_not_ours(clinic: Clinic, other: dict[str, object]) -> None:
    clinic.book.accidents = ["before_effect"]
    act = clinic.order(6)
    turn(act.operation)
    clinic.book.add_booking("cust-1", *clinic.nine, **other)
    assert finish(act).state == State.NOT_APPLIED


def test_a_time_that_fits_only_if_their_clock_is_read_otherwise_is_for_a_person(clinic: Clinic) -> None:
    clinic.book.zone_shift = (
        clinic.place.branch.zone.utcoffset(clinic.now.replace(tzinfo=None)) or clinic.book.zone_shift
    )
    clinic.book.accidents = ["lost_answer"]
    act = clinic.order(6)
    turn(act.operation)
    pass_review(act.operation)
    operation = finish(act)
    assert operation.state == State.NEEDS_REVIEW
    assert operation.evidence.filter(code="time_read_otherwise").exists()


def test_a_slot_that_was_taken_meanwhile_is_refused_before_anything_is_sent(clinic: Clinic) -> None:
    clinic.book.capacity = 0
    operation = finish(clinic.order(6))
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "slot_taken")
    assert not clinic.book.writes


def test_a_refusal_is_believed(clinic: Clinic) -> None:
    clinic.book.accidents = ["refusal"]
    act = clinic.order(6)
    assert finish(act).state == State.REFUSED
    told = result(Act.objects.get(pk=act.pk), None, frozenset(), now=clinic.now)
    assert (told["tone"], told["icon"], told["short"]) == ("refused", "refused", SHORT["refused"])
    assert told["words"].what == STATES["booking.book"][State.REFUSED].what


def test_whoever_is_booked_at_that_time_already_is_booked_again_only_knowingly(clinic: Clinic) -> None:
    clinic.known(clinic.book.add_booking("cust-1", *clinic.nine))
    with pytest.raises(CannotBook, match="booked_already"):
        clinic.order(6)
    assert finish(clinic.order(6, again=True)).state == State.SUCCEEDED


@pytest.mark.parametrize(
    ("more", "code"),
    [({"quantity": 0}, "quantity_wrong"), ({"slot": "past"}, "slot_past"), ({"discount": "x"}, "not_allowed")],
)
def test_what_cannot_be_booked_opens_nothing(clinic: Clinic, more: dict[str, object], code: str) -> None:
    choice = clinic.choice()
    if more.get("slot"):
        more = {"slot": dataclasses.replace(choice.slot, starts_at=clinic.now)}
    with pytest.raises(CannotBook, match=code):
        services.book_reservation(
            clinic.customer, [dataclasses.replace(choice, **more)], clinic.fresh(), now=clinic.now
        )
    assert not Operation.objects.exists()


def test_after_a_success_a_worker_reads_it_into_the_mirror(clinic: Clinic) -> None:
    act = clinic.order(6)
    finish(act)
    ask = Ask.objects.get(kind=Ask.Kind.RESERVATION)
    assert services.answer_ask(ask.pk) == Ask.State.ANSWERED
    row = clinic.account.reservation_set.get()
    assert row.external_id == next(iter(clinic.book.bookings)) and row.wire_starts == clinic.nine[0]


def test_no_read_or_write_happens_inside_a_transaction(clinic: Clinic) -> None:
    clinic.book.accidents = ["lost_answer"]
    finish(clinic.order(6))
    assert not clinic.book.seen_in_transaction


def test_what_another_till_booked_a_moment_ago_is_not_booked_again(clinic: Clinic) -> None:
    clinic.book.add_booking("cust-1", *clinic.nine)  # our mirror does not know of it yet
    operation = finish(clinic.order(6))
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "booked_already")
    assert finish(clinic.order(6, again=True)).state == State.SUCCEEDED
