"""A case: who may open and send one, what it takes back, and whose turn it is."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from branches.models import User
from tests.scene import OTHER_CODE, Desk, at_once
from tests.vouchers.disputes import TO_150, close, opened, redeemed, refusal, second_line, sent
from vouchers import selectors, services
from vouchers.models import Case, CaseEvent, Redemption
from vouchers.selectors.cases import PAGE, Wanted, _read_cursor, cursor_of
from vouchers.services import CaseRefused, Complaint


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
