"""Several of theirs could be what we asked for: the person who decides that it happened says which of them was ours."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from branches.models import User
from providers.models import Decision, Operation, State
from providers.operations import ReviewRefused, decide
from reservations import selectors
from reservations.models import Act, Ask
from reservations.services import NewPerson, create_customer
from tests.reservations.clinic import Clinic, finish, pass_review, turn
from tests.reservations.made import hours
from tests.scene import at_once

WHY = {"reason": "issuer_portal"}


def doubtful(clinic: Clinic, *also: int, hour: int = 6) -> Act:
    """Our answer was lost, and meanwhile somebody booked the same for the same customer."""
    clinic.book.accidents = ["lost_answer"]
    act = clinic.order(hour, again=True)
    turn(act.operation)
    for one in also or (hour,):
        clinic.book.add_booking("cust-1", *hours(one))
    pass_review(act.operation)
    assert finish(act).state == State.NEEDS_REVIEW
    return Act.objects.select_related("operation__branch").get(pk=act.pk)


def offered(act: Act) -> list[str]:
    return [one.external_id for one in selectors.candidates_of(act) if one.may_be_ours]


def say(act: Act, person: User, named: list[str] | None, **more: Any) -> Operation:
    return decide(act.operation, person, **{"applied": True, "named": named} | WHY | more)


def refused(act: Act, person: User, named: list[str] | None) -> str:
    with pytest.raises(ReviewRefused) as caught:
        say(act, person, named)
    assert not Decision.objects.filter(operation=act.operation).exists()
    return caught.value.code


def test_what_fits_is_offered_with_what_tells_it_apart(clinic: Clinic) -> None:
    act = doubtful(clinic)
    found = selectors.candidates_of(act)
    assert [(one.fits, one.may_be_ours) for one in found] == [(True, True)] * 2
    assert {one.external_id for one in found} == set(clinic.book.bookings)
    assert {(one.who, one.source, one.starts_at) for one in found} == {
        ("Dr Salma", "Internal", dt.datetime.fromisoformat(hours(6)[0]))
    }


def test_the_chosen_one_is_kept_as_what_we_made(clinic: Clinic, huda: User) -> None:
    act = doubtful(clinic)
    second = offered(act)[0]
    assert say(act, huda, [second]).state == State.RESOLVED_APPLIED
    act.refresh_from_db()
    assert act.made_ids == [second]
    assert Decision.objects.get().named == [second]
    ask = Ask.objects.latest("created_at")
    assert (ask.kind, ask.given) == (Ask.Kind.RESERVATION, {"ids": [second]})


def test_none_of_them_is_an_answer_too(clinic: Clinic, huda: User) -> None:
    act = doubtful(clinic)
    assert say(act, huda, []).state == State.RESOLVED_APPLIED
    act.refresh_from_db()
    assert act.made_ids == [] and Decision.objects.get().named == []
    ask = Ask.objects.latest("created_at")  # whichever it was, their book is read again
    assert (ask.kind, ask.given) == (Ask.Kind.CUSTOMER, {"ids": ["cust-1"]})


def test_that_it_did_not_happen_names_nothing(clinic: Clinic, huda: User) -> None:
    act = doubtful(clinic)
    assert say(act, huda, None, applied=False).state == State.RESOLVED_NOT_APPLIED
    act.refresh_from_db()
    assert act.made_ids == [] and Decision.objects.get().named is None


def test_nobody_says_that_it_happened_without_saying_which(clinic: Clinic, huda: User) -> None:
    act = doubtful(clinic)
    assert refused(act, huda, None) == "not_named"


def test_no_more_than_was_asked_for_and_only_what_stands_there(clinic: Clinic, huda: User) -> None:
    act = doubtful(clinic)
    assert refused(act, huda, offered(act)) == "too_many_named"
    assert refused(act, huda, ["res-of-nobody"]) == "not_a_candidate"


def test_of_two_items_two_may_be_named(clinic: Clinic, huda: User) -> None:
    clinic.book.accidents = ["lost_answer"]
    act = clinic.order(6, 7)
    turn(act.operation)
    clinic.book.add_booking("cust-1", *hours(6))
    pass_review(act.operation)
    finish(act)
    act = Act.objects.select_related("operation__branch").get(pk=act.pk)
    assert len(offered(act)) == 3
    say(act, huda, ["res-3", "res-4"])
    act.refresh_from_db()
    assert act.made_ids == ["res-3", "res-4"]


def test_what_was_there_before_and_what_another_of_ours_made_is_not_offered(clinic: Clinic, huda: User) -> None:
    before = clinic.book.add_booking("cust-1", *hours(6))
    clinic.known(before)
    act = doubtful(clinic, 6)
    other = clinic.order(9)
    assert finish(other).state == State.SUCCEEDED
    other.refresh_from_db()
    clinic.known(other.made_ids[0])
    assert before not in offered(act) and not set(other.made_ids) & set(offered(act))
    assert refused(act, huda, other.made_ids) == "not_a_candidate"


def two_doubtful(clinic: Clinic) -> tuple[Act, Act, str]:
    """And one of somebody else's that either could have made."""
    acts = []
    for hour in (6, 7):
        clinic.book.accidents = ["lost_answer"]
        acts.append(clinic.order(hour))
        turn(acts[-1].operation)
    theirs = [clinic.book.add_booking("cust-1", *hours(hour)) for hour in (6, 7)]
    for act in acts:
        pass_review(act.operation)
        assert finish(act).state == State.NEEDS_REVIEW
    first, second = (Act.objects.select_related("operation__branch").get(pk=act.pk) for act in acts)
    return first, second, theirs[0]


def test_two_doubtful_ones_are_never_given_the_same(clinic: Clinic, huda: User) -> None:
    first, second, one = two_doubtful(clinic)
    assert one in offered(first) and one in offered(second)
    say(first, huda, [one])
    assert one not in offered(second)
    assert refused(second, huda, [one]) == "not_a_candidate"


def test_two_people_at_once_do_not_give_the_same_one_twice(clinic: Clinic, huda: User, nouf: User) -> None:
    first, second, one = two_doubtful(clinic)
    at_once([lambda: say(first, huda, [one]), lambda: say(second, nouf, [one])])
    assert list(Act.objects.filter(made_ids__contains=[one]).values_list("made_ids", flat=True)) == [[one]]


def test_what_fits_by_another_clock_is_offered_as_such(clinic: Clinic, huda: User) -> None:
    clinic.book.zone_shift = dt.timedelta(hours=3)
    clinic.book.accidents = ["lost_answer"]
    act = clinic.order(6)
    turn(act.operation)
    pass_review(act.operation)
    assert finish(act).state == State.NEEDS_REVIEW
    act = Act.objects.select_related("operation__branch").get(pk=act.pk)
    [one] = selectors.candidates_of(act)
    assert (one.fits, one.otherwise, one.may_be_ours) == (False, True, True)
    assert say(act, huda, [one.external_id]).state == State.RESOLVED_APPLIED


def test_of_two_new_customers_with_that_phone_one_is_chosen(clinic: Clinic, huda: User) -> None:
    clinic.book.accidents = ["lost_answer"]
    person = NewPerson("نورة", "0500000009")
    act = create_customer(person, clinic.account, clinic.fresh(), now=clinic.now)
    turn(act.operation)
    other = clinic.book.add_customer("نورة", "+966500000009")
    pass_review(act.operation)
    finish(act)
    act = Act.objects.select_related("operation__branch").get(pk=act.pk)
    assert len(offered(act)) == 2
    say(act, huda, [other])
    act.refresh_from_db()
    assert act.made_ids == [other]


def test_where_nothing_stands_there_nobody_is_asked_which(clinic: Clinic, huda: User) -> None:
    act = doubtful(clinic)
    Act.objects.filter(pk=act.pk).update(customer_id="cust-2")  # nothing of hers is new
    act = Act.objects.select_related("operation__branch").get(pk=act.pk)
    assert offered(act) == []
    assert say(act, huda, None).state == State.RESOLVED_APPLIED
    assert Decision.objects.get().named is None


def test_two_people_agree_on_the_same_one(clinic: Clinic, huda: User, nouf: User, lama: User) -> None:
    act = doubtful(clinic)
    Operation.objects.filter(pk=act.operation_id).update(amount=act.operation.branch.two_person_limit + 1)
    one, other = offered(act)
    assert say(act, huda, [one]).state == State.NEEDS_REVIEW
    assert say(act, nouf, [other]).state == State.NEEDS_REVIEW  # they differ: the next round begins
    assert say(act, huda, [other]).state == State.NEEDS_REVIEW
    assert say(act, lama, [other]).state == State.RESOLVED_APPLIED
    act.refresh_from_db()
    assert act.made_ids == [other]
