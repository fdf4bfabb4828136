"""Creating a customer there, and asking who has a phone (stories S13, S14)."""

from __future__ import annotations

import pytest

from customers.models import ProviderCustomer
from providers.models import Claim, Operation, State
from reservations import services
from reservations.models import Act, Ask
from reservations.services import CannotBook, NewPerson
from tests.reservations.clinic import Clinic, finish, pass_review, turn

NOURA = NewPerson("نورة", "0500000009")


def create(clinic: Clinic, person: NewPerson = NOURA) -> Act:
    return services.create_customer(person, clinic.account, clinic.fresh(), now=clinic.now)


@pytest.mark.parametrize(
    ("accident", "state"),
    [("", State.SUCCEEDED), ("lost_answer", State.SUCCEEDED), ("before_effect", State.NOT_APPLIED)],
)
def test_a_customer_is_created_once(clinic: Clinic, accident: str, state: str) -> None:
    clinic.book.accidents = [accident]
    act = create(clinic)
    assert finish(act).state == state
    assert len(clinic.book.writes) == 1
    act.refresh_from_db()
    assert act.made_ids == [row.external_id for row in clinic.book.customers.values() if row.phone == "+966500000009"]


def test_whoever_has_the_phone_already_is_offered_and_nobody_is_chosen(clinic: Clinic) -> None:
    for name in ("أحمد", "ليلى"):
        clinic.book.add_customer(name, "+966500000001")
    ask = services.ask_customers(clinic.account, "050 000 0001", clinic.place, now=clinic.now)
    assert services.answer_ask(ask.pk) == Ask.State.ANSWERED
    with pytest.raises(CannotBook, match="customer_exists") as refused:
        create(clinic, NewPerson("سارة", "0500000001"))
    assert len(refused.value.customers) == 3
    assert not Operation.objects.exists()


def test_what_the_mirror_does_not_know_yet_the_look_before_sending_finds(clinic: Clinic) -> None:
    clinic.book.add_customer("نورة", "+966500000009")
    operation = finish(create(clinic))
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "customer_exists")
    assert ProviderCustomer.objects.filter(phone="+966500000009").exists() and not clinic.book.writes


def test_two_new_ones_with_that_phone_are_for_a_person(clinic: Clinic) -> None:
    clinic.book.accidents = ["lost_answer"]
    act = create(clinic)
    turn(act.operation)
    clinic.book.add_customer("نورة", "+966500000009")
    pass_review(act.operation)
    assert finish(act).state == State.NEEDS_REVIEW


def test_the_phone_is_in_no_clear_column_of_ours(clinic: Clinic) -> None:
    act = create(clinic)
    assert "500000009" not in Claim.objects.get().resource and "500000009" not in str(act.asked)
    finish(act)
    operation = Operation.objects.get()
    kept = str([operation.snapshot, operation.outcome, list(operation.evidence.values_list("facts", flat=True))])
    assert "500000009" not in kept
    assert b"500000009" not in b"".join(bytes(ask.sealed_given) for ask in Ask.objects.all())


@pytest.mark.parametrize(
    ("person", "code"), [(NewPerson("x", "12"), "phone_unreadable"), (NewPerson(" ", "0500000009"), "name_missing")]
)
def test_who_has_no_name_or_no_phone_is_not_created(clinic: Clinic, person: NewPerson, code: str) -> None:
    with pytest.raises(CannotBook, match=code):
        create(clinic, person)
