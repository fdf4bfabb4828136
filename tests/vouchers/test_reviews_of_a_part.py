"""Of a sale of several vouchers people say which ones were used, and agree on the same ones; only these count."""

from __future__ import annotations

import dataclasses
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from django.utils.html import strip_tags

from branches.models import Branch, User
from branches.roles import Role
from providers.models import Claim, Operation
from providers.operations import ReviewRefused, decide
from providers.operations.review import current_round
from providers.sandbox.running import RunningSandbox
from tests.conftest import Hire
from tests.sale import CODES, SHOP, SaleDesk
from tests.scene import QUICK, finish, turn
from tests.signed_in import sign_in
from tests.vouchers.test_sales import WORTH
from vouchers import cards, selectors, services
from vouchers.effects import lines_used, resource, used_in
from vouchers.models import Redemption
from vouchers.selectors.ledger import LedgerFilter, ledger_rows, ledger_totals

FIRST, LAST = resource(CODES[0]), resource(CODES[2])


@pytest.fixture
def doubtful(counter: SaleDesk, twin: RunningSandbox, settings: Any) -> Operation:
    """Three vouchers, sent without an answer; since then the issuer shows all of them canceled. One person is enough."""
    settings.WINDOWS = dataclasses.replace(QUICK, review=0)
    Branch.objects.update(two_person_limit=1000)
    operation = counter.sell()
    twin.control.fault("drop_before", endpoint="redeem")
    turn(operation)
    twin.control.put_vouchers(SHOP, *[{"code": code, "status": "canceled"} for code in CODES])
    operation = finish(operation)
    assert operation.state == "needs_review"
    return operation


@pytest.fixture
def chief(hire: Hire, doubtful: Operation) -> User:
    return hire("chief", Role.SUPERVISOR, doubtful.branch)


@pytest.fixture
def second(hire: Hire, doubtful: Operation) -> User:
    return hire("second", Role.SUPERVISOR, doubtful.branch)


def said(operation: Operation, person: User, *used: str, **given: Any) -> Operation:
    return decide(operation, person, **{"applied": True, "reason": "issuer_portal", "part": used, **given})


def row_of(operation: Operation) -> Redemption:
    return selectors.redemptions_for(operation.actor).get(operation=operation)


def wanted(operation: Operation, **asked: Any) -> LedgerFilter:
    day = operation.redemption.business_date
    return LedgerFilter((operation.branch,), day, day, **asked)


def test_only_what_was_used_counts_and_stays_ours(doubtful: Operation, chief: User) -> None:
    operation = said(doubtful, chief, LAST, FIRST)
    row, used = row_of(operation), WORTH[0] + WORTH[2]
    assert (operation.state, operation.evidence_level) == ("resolved_applied", "person")
    assert used_in(operation) == {FIRST, LAST}
    assert {claim.resource for claim in Claim.objects.filter(operation=operation, open=True)} == {FIRST, LAST}
    assert [line.position for line in lines_used(row)] == [1, 3]
    assert (cards.taken_off(row), cards.to_pay(row)) == (used, 200 - used)
    assert [one["tone"] for one in cards.lines_of(row)] == ["done", "refused", "done"]


def test_its_page_its_slip_and_the_ledger_say_a_part(doubtful: Operation, chief: User) -> None:
    operation = said(doubtful, chief, FIRST)
    row = row_of(operation)
    with translation.override("en"):
        shown, slip = cards.result(row, chief, now=timezone.now()), cards.slip(row)
        assert shown["say"]["headline"].startswith("1 of 3") and str(shown["short"]) == "Used in part"
    assert "Decided by a person" in shown["say"]["what"]
    assert shown["retry"], "the others are the customer's, and can be redeemed"
    assert slip and [one["line"].position for one in slip["codes"]] == [1]
    [total] = ledger_totals(wanted(operation))
    assert (total.used, total.value, total.left) == (1, WORTH[0], 200 - WORTH[0])
    assert ledger_rows(wanted(operation, status="part")).exists()
    assert not ledger_rows(wanted(operation, status="done")).exists()


def test_all_of_them_is_no_part(doubtful: Operation, chief: User) -> None:
    operation = said(doubtful, chief, *map(resource, CODES))
    assert (operation.state, operation.in_part, "applied" in operation.outcome) == ("resolved_applied", False, False)
    assert cards.taken_off(row_of(operation)) == sum(WORTH)
    assert ledger_rows(wanted(operation, status="done")).exists()


@pytest.mark.parametrize("named", [(), (resource("Other000"),), (FIRST, resource("Other000"))])
def test_nothing_and_what_is_of_another_sale_is_refused(
    doubtful: Operation, chief: User, named: tuple[str, ...]
) -> None:
    with pytest.raises(ReviewRefused) as raised:
        said(doubtful, chief, *named)
    assert raised.value.code == "no_part"
    assert not doubtful.decisions.exists()


def test_two_people_must_name_the_same_ones(doubtful: Operation, chief: User, second: User, hire: Hire) -> None:
    Branch.objects.update(two_person_limit=0)
    said(doubtful, chief, FIRST)
    assert said(doubtful, second, FIRST, LAST).state == "needs_review"
    assert current_round(doubtful) == [], "they disagree: the next round begins with nobody's word"
    said(doubtful, chief, LAST, FIRST)
    assert said(doubtful, second, part=None).state == "needs_review", "a part is not the whole"
    said(doubtful, chief, LAST, FIRST)
    operation = said(doubtful, second, FIRST, LAST)
    assert (operation.state, used_in(operation)) == ("resolved_applied", {FIRST, LAST})


def test_what_was_not_used_can_be_redeemed_again(doubtful: Operation, chief: User, twin: RunningSandbox) -> None:
    operation = said(doubtful, chief, FIRST)
    assert services.lookup._codes_left(operation.redemption.lookup) == list(CODES[1:])  # type: ignore[attr-defined]  # its own module


# The page ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk_of_chief(chief: User) -> Client:
    User.objects.filter(pk=chief.pk).update(language="en")
    return sign_in(Client(), chief)


def plain(response: Any) -> str:
    return re.sub(r"\s+", " ", strip_tags(response.content.decode()))


def test_the_page_shows_each_code_and_takes_a_word_about_some(doubtful: Operation, desk_of_chief: Client) -> None:
    row = row_of(doubtful)
    path = f"/review/{row.pk}/"
    page = desk_of_chief.get(path)
    text = plain(page)
    assert "Code by code" in text and "Some of them were us" in text
    rows = {
        code: next(row for row in page.content.decode().split("<tr>")[1:] if f"••••{code[-4:]}" in row)
        for code in CODES
    }
    for code, worth in zip(CODES, WORTH, strict=True):
        assert str(worth) in rows[code] and "Usable" in rows[code] and "Canceled" in rows[code]
        assert code not in page.content.decode()
    answers = {"applied": "part", "reason": "issuer_portal"}
    empty = desk_of_chief.post(f"{path}decide/", answers)
    assert empty.status_code == 422 and "Choose the codes that were used." in plain(empty)
    foreign = desk_of_chief.post(f"{path}decide/", answers | {"codes": ["999999"]})
    assert foreign.status_code == 422
    lines = list(row.lines.all())
    assert desk_of_chief.post(f"{path}decide/", answers | {"codes": [lines[1].pk]}).status_code == 302
    doubtful.refresh_from_db()
    assert (doubtful.state, used_in(doubtful)) == ("resolved_applied", {resource(CODES[1])})
    assert f"Some of them were us ••••{CODES[1][-4:]}" in plain(desk_of_chief.get(path))


def test_one_voucher_is_asked_about_as_before(
    counter: SaleDesk, twin: RunningSandbox, settings: Any, hire: Hire
) -> None:
    settings.WINDOWS = dataclasses.replace(QUICK, review=0)
    operation = counter.sell(CODES[0])
    twin.control.fault("drop_before", endpoint="redeem")
    turn(operation)
    twin.control.put_vouchers(SHOP, {"code": CODES[0], "status": "canceled"})
    operation = finish(operation)
    page = sign_in(Client(), hire("chief", Role.SUPERVISOR, operation.branch)).get(f"/review/{row_of(operation).pk}/")
    assert 'value="part"' not in page.content.decode() and Decimal(operation.amount) == WORTH[0]
