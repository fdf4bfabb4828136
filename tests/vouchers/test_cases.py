"""A case: who may do what about it when, what it takes back, and what nobody can change afterwards."""

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
from tests.scene import OTHER_CODE, Desk, at_once
from tests.vouchers.disputes import TO_150, close, opened, redeemed, refusal, second_line, sent
from vouchers import selectors, services
from vouchers.models import Case, CaseEvent, ContraLine, Redemption
from vouchers.selectors.cases import PAGE, Wanted, _read_cursor, cursor_of
from vouchers.services import CaseRefused, Complaint, Ruling
from vouchers.services.cases import in_dispute
from vouchers.services.rulings import accepted_amount

TODAY = "today"


def kinds(case: Case) -> list[tuple[str, User]]:
    return [(event.kind, event.by) for event in case.history.select_related("by")]


# Opening --------------------------------------------------------------------------------------------------------------


def test_a_supervisor_disputes_a_redemption_and_the_redemption_stays_as_it_is(done: Redemption, huda: User) -> None:
    before = Redemption.objects.values().get(pk=done.pk)
    case = opened(done, huda)
    assert (case.state, case.amount, case.currency, case.branch) == ("open", Decimal(200), "SAR", done.operation.branch)
    assert case.reference.startswith("WC-") and len(case.reference) == 12
    assert [entry.line for entry in case.case_lines.all()] == [done.lines.get()]
    assert kinds(case) == [("opened", huda)]
    assert selectors.disputed_redemptions([done.pk]) == {done.pk: Decimal(200)}
    assert selectors.contra_sums([done.pk]) == {}
    assert Redemption.objects.values().get(pk=done.pk) == before


def test_a_correction_disputes_the_difference(done: Redemption, huda: User) -> None:
    case = opened(done, huda, TO_150)
    assert (case.amount, case.right_amount) == (Decimal(50), Decimal(150))


@pytest.mark.parametrize(
    ("complaint", "code"),
    [
        (Complaint("", "give_back"), "no_reason"),
        (Complaint("wrong_amount", "burn it"), "no_reason"),
        (Complaint("other", "give_back", note="  "), "note_missing"),
        (Complaint("wrong_amount", "correct"), "amount_missing"),
        (Complaint("wrong_amount", "correct", Decimal(0)), "amount_missing"),
        (Complaint("wrong_amount", "correct", Decimal(200)), "amount_not_below"),
        (Complaint("wrong_amount", "credit", Decimal("200.01")), "amount_too_large"),
        (Complaint("wrong_amount", "credit", Decimal(-1)), "amount_missing"),
    ],
)
def test_what_makes_no_sense_is_refused(done: Redemption, huda: User, complaint: Complaint, code: str) -> None:
    assert refusal(partial(opened, done, huda, complaint)) == code
    assert not Case.objects.exists()


def test_only_what_has_used_a_voucher_can_be_disputed(desk: Desk, huda: User) -> None:
    waiting = Redemption.objects.get(operation=desk.redeem())
    assert refusal(partial(opened, waiting, huda)) == "not_applied"


def test_who_may_open_one(
    done: Redemption, reem: User, aziz: User, lama: User, dana: User, admin: User, nouf: User
) -> None:
    for person in (reem, aziz, lama, dana, admin):
        assert refusal(partial(opened, done, person)) == "not_allowed"
    assert opened(done, nouf)


def test_one_redemption_has_one_case_at_a_time(done: Redemption, huda: User, nouf: User) -> None:
    first = opened(done, huda)
    with pytest.raises(CaseRefused) as raised:
        opened(done, nouf)
    assert (raised.value.code, raised.value.case) == ("open_already", first)
    services.withdraw_case(first, nouf, "the customer was mistaken", now=timezone.now())
    assert opened(done, nouf) != first


def test_of_two_people_who_open_one_at_once_one_does(done: Redemption, huda: User, nouf: User) -> None:
    found = at_once([partial(opened, done, huda), partial(opened, done, nouf)] * 3)
    cases = [one for one in found if isinstance(one, Case)]
    refusals = [one.code for one in found if isinstance(one, CaseRefused)]
    assert (len(cases), refusals) == (1, ["open_already"] * 5)
    assert CaseEvent.objects.count() == 1


def test_of_several_codes_those_are_disputed_that_were_chosen(done: Redemption, huda: User) -> None:
    line = second_line(done)
    assert refusal(partial(opened, done, huda)) == "no_lines"
    assert refusal(partial(opened, done, huda, Complaint("wrong_voucher", "give_back", lines=[-1]))) == "no_lines"
    case = opened(done, huda, Complaint("wrong_voucher", "give_back", lines=[line.pk, -1]))
    assert (case.amount, [entry.line for entry in case.case_lines.all()]) == (Decimal(150), [line])


# On its way -----------------------------------------------------------------------------------------------------------


def test_a_case_is_sent_once_and_by_who_may_open_one(done: Redemption, huda: User, aziz: User, nouf: User) -> None:
    case = opened(done, huda)
    assert refusal(lambda: services.mark_sent(case, aziz, now=timezone.now())) == "not_allowed"
    services.mark_sent(case, huda, now=timezone.now())
    assert refusal(lambda: services.mark_sent(case, nouf, now=timezone.now())) == "sent_already"
    assert kinds(case) == [("opened", huda), ("sent", huda)]


def test_notes_are_added_by_who_sees_cases_even_after_the_end(
    done: Redemption, huda: User, aziz: User, reem: User
) -> None:
    case = sent(done, huda)
    assert refusal(lambda: services.note_on_case(case, reem, "seen", now=timezone.now())) == "not_allowed"
    assert refusal(lambda: services.note_on_case(case, aziz, " ", now=timezone.now())) == "note_missing"
    close(case, aziz)
    services.note_on_case(case, aziz, "paid with the statement of May", now=timezone.now())
    assert [kind for kind, _by in kinds(case)] == ["opened", "sent", "closed", "noted"]


# Closing --------------------------------------------------------------------------------------------------------------


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


# Whose turn it is -----------------------------------------------------------------------------------------------------


def test_a_case_waits_for_who_can_act(
    desk: Desk, huda: User, nouf: User, aziz: User, lama: User, reem: User, dana: User
) -> None:
    to_send, to_close = opened(redeemed(desk), huda, ago=9), sent(redeemed(desk, OTHER_CODE), huda)
    everybody = {"huda": huda, "nouf": nouf, "aziz": aziz, "lama": lama, "reem": reem, "dana": dana}
    waiting = {name: list(selectors.waiting_for(person)) for name, person in everybody.items()}
    send, end = [to_send], [to_close]
    assert waiting == {"huda": send, "nouf": send, "aziz": end, "lama": end, "reem": [], "dana": []}
    assert selectors.oldest_waiting(huda) == ([to_send], 1)
    assert selectors.oldest_waiting(reem) == ([], 0)
    assert list(selectors.cases_for(dana)) == [] and selectors.cases_for(aziz).count() == 2


def test_a_list_goes_page_by_page_the_oldest_first_and_what_is_over_the_latest_first(
    done: Redemption, huda: User, nouf: User, aziz: User
) -> None:
    for day in range(PAGE + 2):
        case = opened(done, huda, ago=60 - day // 2)
        services.withdraw_case(case, nouf, "again", now=timezone.now())
    standing = opened(done, huda)
    assert selectors.page_of_cases(aziz, Wanted()) == ([standing], "")
    first, after = selectors.page_of_cases(aziz, Wanted(state="all"))
    rest, end = selectors.page_of_cases(aziz, Wanted(state="all", after=after))
    assert (len(first), len(rest), end) == (PAGE, 3, "")
    assert [row.pk for row in first + rest] == [row.pk for row in Case.objects.order_by("-opened_at", "-id")]
    assert selectors.page_of_cases(aziz, Wanted(state="closed"))[0][0] != standing
    assert selectors.page_of_cases(aziz, Wanted(issuer="nobody")) == ([], "")
    assert selectors.page_of_cases(aziz, Wanted(branch="nakheel")) == ([], "")
    assert selectors.page_of_cases(aziz, Wanted(branch="olaya", issuer="alreaaiaa"))[0] == [standing]
    assert _read_cursor(cursor_of(standing)) == (standing.opened_at, standing.pk)


@pytest.mark.parametrize("text", ["", "x", "20260101T000000.0-", "-" * 200, "\u0660", "2026-" + "f" * 32])
def test_a_page_that_begins_nowhere_is_the_first(text: str) -> None:
    assert _read_cursor(text) is None
