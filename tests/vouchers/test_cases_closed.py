"""The end of a case: who decides it when, what is taken back, and that nobody can change it afterwards."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from branches.models import Branch, User
from branches.roles import Role
from tests.conftest import Hire
from tests.scene import at_once
from tests.vouchers.disputes import TO_150, close, opened, refusal, second_line, sent
from vouchers import selectors, services
from vouchers.models import Case, ContraLine, Redemption
from vouchers.services import CaseRefused, Complaint, Ruling
from vouchers.services.cases import in_dispute
from vouchers.services.rulings import accepted_amount


def test_what_the_issuer_accepts_is_taken_back_on_the_day_it_is_entered(
    done: Redemption, huda: User, aziz: User, olaya: Branch
) -> None:
    Branch.objects.filter(pk=olaya.pk).update(day_ends_at=dt.time(5))
    case = sent(done, huda)
    night = dt.datetime.now(olaya.zone).replace(hour=2) + dt.timedelta(1)
    said = Ruling("accepted", "CN-77", case.business_date)
    closed = services.close_case(case, aziz, said, now=night)
    assert (closed.state, closed.outcome, closed.accepted_amount) == ("closed", "accepted", Decimal(200))
    [contra] = ContraLine.objects.all()
    assert (contra.amount, contra.currency, contra.line) == (Decimal(-200), "SAR", done.lines.get())
    assert contra.business_date == night.date() - dt.timedelta(1), "the trading day goes on until five"
    assert (contra.redemption, contra.by) == (done, aziz)
    assert selectors.disputed_redemptions([done.pk]) == {}
    assert selectors.contra_sums([done.pk]) == {done.pk: Decimal(-200)}


@pytest.mark.parametrize(("outcome", "accepted", "taken"), [("partly", "30.50", "-30.50"), ("refused", None, None)])
def test_a_part_is_taken_back_and_of_a_refusal_nothing(
    done: Redemption, huda: User, lama: User, outcome: str, accepted: str | None, taken: str | None
) -> None:
    closed = close(sent(done, huda), lama, outcome, accepted)
    assert (closed.issuer_reference, closed.closed_by) == ("CN-77/2026", lama)
    assert [str(row.amount) for row in ContraLine.objects.all()] == ([taken] if taken else [])


def test_nobody_closes_or_withdraws_a_case_of_their_own(done: Redemption, hire: Hire, olaya: Branch) -> None:
    both = hire("both", Role.SUPERVISOR, olaya)
    case = sent(done, both)
    both.memberships.update(role=Role.ACCOUNTANT)
    assert refusal(partial(close, case, both)) == "own_case"
    assert refusal(lambda: services.withdraw_case(case, both, "why", now=timezone.now())) == "own_case"
    with pytest.raises(IntegrityError, match="case_takes_two_people"):
        Case.objects.filter(pk=case.pk).update(
            state="closed", outcome="withdrawn", closed_by=both, closed_at=timezone.now()
        )


def test_who_may_close_one(done: Redemption, huda: User, nouf: User, reem: User, dana: User, aziz: User) -> None:
    case = opened(done, huda)
    assert refusal(partial(close, case, aziz)) == "not_sent"
    services.mark_sent(case, huda, now=timezone.now())
    for person in (nouf, reem, dana):
        assert refusal(partial(close, case, person)) == "not_allowed"
    for person in (reem, dana):
        assert refusal(partial(services.withdraw_case, case, person, "why", now=timezone.now())) == "not_allowed"
    assert close(case, aziz).is_closed


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"outcome": "withdrawn"}, "no_outcome"),
        ({"reference": "  "}, "reference_missing"),
        ({"decided_on": dt.date(2020, 1, 1)}, "decided_another_day"),
        ({"decided_on": dt.date(2120, 1, 1)}, "decided_another_day"),
        ({"outcome": "partly"}, "not_a_part"),
        ({"outcome": "partly", "accepted": Decimal(200)}, "not_a_part"),
        ({"outcome": "partly", "accepted": Decimal(0)}, "not_a_part"),
    ],
)
def test_a_decision_must_be_whole(done: Redemption, huda: User, aziz: User, changes: dict[str, Any], code: str) -> None:
    case = sent(done, huda)
    assert refusal(lambda: close(case, aziz, **changes)) == code
    case.refresh_from_db()
    assert case.state == "sent" and not ContraLine.objects.exists()


def test_of_two_people_who_close_it_at_once_one_does(done: Redemption, huda: User, aziz: User, lama: User) -> None:
    case = sent(done, huda)
    found = at_once([partial(close, case, aziz), partial(close, case, lama, "partly", "10")] * 2)
    assert sum(isinstance(one, Case) for one in found) == 1
    assert {one.code for one in found if isinstance(one, CaseRefused)} == {"closed_already"}
    assert ContraLine.objects.count() == 1
    assert [event.kind for event in case.history.all()].count("closed") == 1


def test_closing_and_withdrawing_at_once_leave_one_outcome(
    done: Redemption, huda: User, aziz: User, nouf: User
) -> None:
    case = sent(done, huda)
    withdraw = partial(services.withdraw_case, case, nouf, "a mistake", now=timezone.now())
    found = at_once([partial(close, case, aziz), withdraw])
    assert sum(isinstance(one, Case) for one in found) == 1
    case.refresh_from_db()
    assert ContraLine.objects.count() == (1 if case.outcome == "accepted" else 0)


def test_no_more_is_taken_back_than_was_used(done: Redemption, huda: User, aziz: User) -> None:
    close(sent(done, huda, TO_150), aziz)
    again = sent(done, huda)
    assert again.amount == Decimal(150)
    close(again, aziz)
    assert selectors.contra_sums([done.pk]) == {done.pk: Decimal(-200)}
    assert refusal(partial(opened, done, huda)) == "nothing_left"


def test_several_codes_are_taken_back_each_where_they_go_as_a_whole(done: Redemption, huda: User, aziz: User) -> None:
    keys = [done.lines.get().pk, second_line(done).pk]
    close(sent(done, huda, Complaint("used_twice", "give_back", lines=keys)), aziz, "partly", "100")
    [whole] = ContraLine.objects.all()
    assert (whole.line, whole.amount) == (None, Decimal(-100))
    close(sent(done, huda, Complaint("used_twice", "give_back", lines=keys[1:])), aziz)
    assert selectors.contra_sums([done.pk]) == {done.pk: Decimal(-250)}
    assert refusal(partial(opened, done, huda, Complaint("used_twice", "give_back", lines=keys[1:]))) == "nothing_left"
    assert opened(done, huda, Complaint("used_twice", "give_back", lines=keys[:1])).amount == Decimal(100)


def test_codes_that_are_accepted_as_a_whole_have_a_contra_line_each(done: Redemption, huda: User, aziz: User) -> None:
    lines = [done.lines.get(), second_line(done)]
    close(sent(done, huda, Complaint("wrong_person", "give_back", lines=[line.pk for line in lines])), aziz)
    assert [(row.line, row.amount) for row in ContraLine.objects.all()] == [(line, -line.value) for line in lines]


AMOUNTS = st.decimals("0", "9999999999.99", places=2)


@given(ask=st.sampled_from(Case.Ask.values), worth=AMOUNTS, amount=st.none() | AMOUNTS)
def test_a_dispute_is_something_and_never_more_than_what_counts(ask: str, worth: Decimal, amount: Decimal) -> None:
    try:
        disputed = in_dispute(ask, worth, amount)
    except CaseRefused:
        return
    assert 0 < disputed <= worth
    if ask == Case.Ask.CORRECT:
        assert disputed + amount == worth


@given(outcome=st.sampled_from(["accepted", "partly", "refused"]), disputed=AMOUNTS, accepted=st.none() | AMOUNTS)
def test_an_issuer_accepts_no_more_than_was_disputed(outcome: str, disputed: Decimal, accepted: Decimal) -> None:
    try:
        taken = accepted_amount(Ruling(outcome, "x", dt.date(2026, 1, 1), accepted), disputed)
    except CaseRefused:
        assert outcome == "partly"
        return
    assert 0 <= taken <= disputed
    assert (taken == 0) >= (outcome == "refused") and (taken in (0, disputed)) >= (outcome != "partly")
