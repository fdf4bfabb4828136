"""A case about a sale that used a part of its vouchers: it is about that part, from its form to its contra lines."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from branches.models import Branch, User
from branches.roles import Permission, Role
from providers.sandbox.running import RunningSandbox
from tests.conftest import Hire
from tests.sale import CODES, SaleDesk
from tests.scene import finish
from tests.vouchers.disputes import BACK, close, opened, refusal, sent
from tests.vouchers.pdf import text_of
from tests.vouchers.test_sales import WORTH
from vouchers import cards, casework, selectors
from vouchers.letters import case_letter
from vouchers.models import Case, ContraLine, Redemption, RedemptionLine
from vouchers.services import Complaint


@pytest.fixture
def part(counter: SaleDesk, twin: RunningSandbox) -> Redemption:
    """Of three vouchers the first two are used: 9.00 and 22.95 of 43.07 MAD."""
    twin.control.fault("partial", endpoint="redeem", count=2)
    operation = finish(counter.sell())
    assert operation.state == "partial"
    return selectors.redemptions_for(counter.place.actor).get()


@pytest.fixture
def chief(hire: Hire, maarif: Branch) -> User:
    return hire("chief", Role.SUPERVISOR, maarif)


@pytest.fixture
def office(hire: Hire, maarif: Branch) -> User:
    return hire("office", Role.ACCOUNTANT, maarif)


def lines(row: Redemption) -> list[RedemptionLine]:
    return list(row.lines.all())


def about(*chosen: RedemptionLine, ask: str = "give_back", amount: str | None = None) -> Complaint:
    return Complaint("wrong_voucher", ask, Decimal(amount) if amount else None, lines=[line.pk for line in chosen])


def test_its_form_offers_what_was_used_and_what_that_counts_for(part: Redemption) -> None:
    form = casework.new_case(part)
    assert [line.code_last4 for line in form["lines"]] == [code[-4:] for code in CODES[:2]]
    assert form["worth"] == WORTH[0] + WORTH[1]


def test_what_was_not_used_cannot_be_disputed(part: Redemption, chief: User) -> None:
    assert refusal(lambda: opened(part, chief, about(lines(part)[2]))) == "no_lines"
    case = opened(part, chief, about(*lines(part)))
    assert (case.amount, case.lines.count()) == (WORTH[0] + WORTH[1], 2)


def test_a_sum_above_what_was_used_is_refused(part: Redemption, chief: User) -> None:
    assert refusal(lambda: opened(part, chief, about(*lines(part), ask="credit", amount="31.96"))) == "amount_too_large"
    assert opened(part, chief, about(*lines(part), ask="credit", amount="31.95")).amount == Decimal("31.95")


def test_where_one_was_used_there_is_nothing_to_choose(counter: SaleDesk, twin: RunningSandbox, chief: User) -> None:
    twin.control.fault("partial", endpoint="redeem", count=1)
    row = Redemption.objects.get(operation=finish(counter.sell()))
    case = opened(row, chief, BACK)
    assert (case.amount, [line.code_last4 for line in case.lines.all()]) == (WORTH[0], [CODES[0][-4:]])


def test_the_letter_names_the_used_codes_alone(part: Redemption, chief: User) -> None:
    case = Case.objects.get(pk=opened(part, chief, about(*lines(part))).pk)
    text = text_of(case_letter(case, "fr", now=timezone.now()))
    assert [code[-4:] in text for code in CODES] == [True, True, False]
    assert "31,95" in text or "31.95" in text


def test_no_more_is_taken_back_than_was_used(part: Redemption, chief: User, office: User) -> None:
    close(sent(part, chief, about(*lines(part))), office)
    assert [(row.line, row.amount) for row in ContraLine.objects.order_by("line__position")] == [
        (line, -line.value) for line in lines(part)[:2]
    ]
    assert selectors.contra_sums([part.pk]) == {part.pk: -cards.taken_off(part)}
    assert selectors.uncorrected(part, lines(part)[:2]) == 0
    assert refusal(lambda: opened(part, chief, about(*lines(part)))) == "nothing_left"


def test_a_part_that_is_taken_back_whole_offers_no_case_any_more(part: Redemption, chief: User, office: User) -> None:
    """What the unused voucher would have been worth is not left to dispute."""
    rights = frozenset({Permission.CASES, Permission.CASES_OPEN})
    assert cards.corrections(part, rights)["may_open_case"]
    close(sent(part, chief, about(*lines(part))), office)
    assert not cards.corrections(part, rights)["may_open_case"]
