"""A partner redeems several vouchers of one owner in one sale, in points, known by the owner's phone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from branches.models import Branch
from providers.models import Account, Operation
from tests.partners.caller import Caller, caller, working
from tests.sale import AMINA, CODES, HERS, HIS, KARIM, SHOP, WORTH

pytestmark = pytest.mark.usefixtures("shop", "rate", "quick")
LEFT = Decimal(200) - sum(WORTH)
SALE = {
    "branch": "maarif",
    "provider": SHOP,
    "codes": list(CODES),
    "services_total": "200.00",
    "paid": str(LEFT),
    "currency": "MAD",
    "customer_phone": AMINA,
}


@pytest.fixture
def partner(maarif: Branch) -> Caller:
    return caller(maarif, partner="till-maker")


def told(answer: Any) -> list[tuple[str, str]]:
    return [(one["field"], one["code"]) for one in answer.json()["field_errors"]]


def test_all_of_them_are_used_and_each_is_named(partner: Caller, shop: Account) -> None:
    with working():
        answer = partner.post("redemptions", SALE)
    assert answer.status_code == 201, answer.content
    found = answer.json()
    assert (found["status"], found["amount"], found["currency"]) == ("succeeded", str(sum(WORTH)), "MAD")
    assert found["codes"] == [{"last4": code[-4:], "status": "used"} for code in CODES]
    assert AMINA not in answer.content.decode()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"customer_phone": KARIM}, ("customer_phone", "other_phone")),
        ({"customer_phone": "Amina"}, ("customer_phone", "phone_unreadable")),
        ({"codes": [*CODES, HIS]}, ("codes.3", "other_owner")),
        ({"paid": "100.00"}, ("paid", "does_not_add_up")),
    ],
    ids=lambda part: str(part)[:40],
)
def test_what_does_not_fit_is_named_and_nothing_is_sent(partner: Caller, change: Any, problem: Any) -> None:
    with working():
        answer = partner.post("redemptions", SALE | change)
    assert answer.status_code == 422 and told(answer) == [problem], answer.content
    assert not Operation.objects.exists()


def test_what_a_voucher_is_worth_comes_in_points_and_names_nobody(partner: Caller) -> None:
    with working():
        found = partner.post("vouchers/verify", {"branch": "maarif", "provider": SHOP, "code": HERS}).json()
    assert (found["status"], found["currency"], found["cards"]) == ("usable", "PTS", [])


def test_without_the_phone_they_are_nobodys(partner: Caller) -> None:
    with working():
        answer = partner.post("redemptions", {name: SALE[name] for name in SALE if name != "customer_phone"})
    assert answer.status_code == 422 and told(answer) == [("customer_phone", "phone_unreadable")]
