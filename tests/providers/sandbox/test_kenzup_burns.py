"""The twin of Kenz'up where their page is silent: several vouchers in one burn, orders sent again, faults in the middle."""

from __future__ import annotations

from typing import Any

import pytest

from providers.afriquia_gaz.sandbox_vouchers import AMINA
from providers.sandbox.running import RunningSandbox
from tests.providers.sandbox.kenzup import CODES, SLUG, Till, burned

# What nobody knows


@pytest.mark.parametrize("status", ["422", "400", "404"])
@pytest.mark.parametrize(
    ("sale", "error"),
    [
        ({"vouchers": ["abcd0001", "nobody99"]}, "voucher_not_found"),
        ({"vouchers": ["Wt4xNc8C"]}, "voucher_burned"),
        ({"vouchers": ["Wt4xNc8D"]}, "voucher_canceled"),
        ({"vouchers": ["Hs9vLd3D"]}, "voucher_not_available"),
        ({"customer": AMINA}, "wrong_customer"),
    ],
)
def test_all_or_nothing_burns_nothing_when_one_cannot_be(
    box: RunningSandbox, till: Till, sale: dict[str, Any], error: str, status: str
) -> None:
    box.control.rules(SLUG, refusal=status)
    reply = till.burn(**sale)
    assert (reply.status, reply.json["error"]) == (int(status), error)
    assert burned(box) == []


@pytest.mark.parametrize("answer", ["500", "200", "422"])
def test_a_partial_twin_burns_what_it_can_and_says_what_it_was_told_to(
    box: RunningSandbox, till: Till, answer: str
) -> None:
    box.control.rules(SLUG, burn="partial", partial_answer=answer)
    reply = till.burn(vouchers=["abcd0001", "nobody99", "abcd0003"])
    assert reply.status == int(answer)
    assert burned(box) == [("abcd0001", "TX_123456789"), ("abcd0003", "TX_123456789")]


def test_a_partial_twin_that_can_burn_nothing_refuses(box: RunningSandbox, till: Till) -> None:
    box.control.rules(SLUG, burn="partial", partial_answer="200")
    assert till.burn(vouchers=["nobody99"]).status == 422


def test_it_need_not_ask_whose_voucher_it_is(box: RunningSandbox, till: Till) -> None:
    box.control.rules(SLUG, owner_checked="no")
    assert till.burn(customer=AMINA).status == 200


def test_it_may_mind_vouchers_that_are_worth_more_than_the_sale(box: RunningSandbox, till: Till) -> None:
    box.control.rules(SLUG, sum_checked="yes")
    assert till.burn(amount=99.99).json["error"] == "amount_too_small"
    assert till.burn(amount=100).status == 200


def test_the_same_sale_again_is_the_same_answer_and_no_new_effect(box: RunningSandbox, till: Till) -> None:
    assert [till.burn().json for _ in range(2)] == [{"order_id": "TX_123456789"}] * 2
    assert len(burned(box)) == 3
    box.control.rules(SLUG, order_replay="refused")
    assert till.burn().status == 409


@pytest.mark.parametrize("status", ["409", "422"])
@pytest.mark.parametrize("other", [{"amount": 99}, {"customer": AMINA}, {"vouchers": ["abcd0001"]}])
def test_the_same_order_with_other_data_is_a_conflict(
    box: RunningSandbox, till: Till, other: dict[str, Any], status: str
) -> None:
    box.control.rules(SLUG, order_conflict=status)
    till.burn()
    assert till.burn(**other).status == int(status)
    assert len(burned(box)) == 3


def test_a_burned_voucher_is_refused_in_another_sale(box: RunningSandbox, till: Till) -> None:
    till.burn()
    assert till.burn(order_id="TX_2").json["error"] == "voucher_burned"
    assert len(burned(box)) == 3


def test_a_twin_that_doubles_does_so_for_the_same_order_too(box: RunningSandbox, till: Till) -> None:
    box.control.rules(SLUG, second_use="accepted")
    assert [till.burn().status for _ in range(2)] == [200, 200]
    assert len(burned(box)) == 6


# Several vouchers and faults


@pytest.mark.parametrize("how", ["500", "rst", "close"])
@pytest.mark.parametrize(("count", "left"), [(1, 2), (2, 1), (3, 1)])
def test_it_can_die_in_the_middle_of_a_burn(box: RunningSandbox, till: Till, how: str, count: int, left: int) -> None:
    box.control.fault("partial", provider=SLUG, count=count, how=how)
    reply = till.burn()
    assert (reply.status if how == "500" else reply.ending) == {"500": 500, "rst": "reset", "close": "closed"}[how]
    assert [code for code, _ in burned(box)] == CODES[: 3 - left]
    assert [till.status_of(code) for code in CODES] == ["burned"] * (3 - left) + ["available"] * left


def test_what_died_in_the_middle_is_no_sale_yet(box: RunningSandbox, till: Till) -> None:
    box.control.fault("partial", provider=SLUG)
    till.burn()
    assert till.burn().json["error"] == "voucher_burned"
    assert till.burn(vouchers=CODES[1:]).status == 200


def test_one_voucher_cannot_be_burned_in_part(box: RunningSandbox, till: Till) -> None:
    box.control.fault("partial", provider=SLUG)
    assert till.burn(vouchers=["abcd0001"]).status == 500
    assert burned(box) == []


@pytest.mark.parametrize("code", CODES)
def test_a_fault_for_one_of_its_vouchers_meets_the_whole_burn(box: RunningSandbox, till: Till, code: str) -> None:
    number = box.control.fault("status", endpoint="redeem", code=code, status=503)
    assert till.burn(order_id="TX_9", vouchers=["Kz7mPq2A"], customer=AMINA).status == 200
    assert till.burn().status == 503
    seen = box.control.requests(SLUG)[-1]
    assert (seen.code, seen.codes, seen.fault_id) == ("abcd0001", CODES, number)


@pytest.mark.parametrize(("fault_for", "taken"), [("", "abcd0001"), ("abcd0002", "abcd0002")])
def test_another_till_can_burn_one_of_them_first(box: RunningSandbox, till: Till, fault_for: str, taken: str) -> None:
    box.control.fault("human", endpoint="redeem", code=fault_for)
    assert till.burn().json["error"] == "voucher_burned"
    (effect,) = box.control.ledger(SLUG)
    assert (effect.code, effect.actor, effect.fault) == (taken, "portal", "human")


def test_an_answer_about_another_order_or_voucher(box: RunningSandbox, till: Till) -> None:
    box.control.fault("wrong_code", provider=SLUG, times=2)
    assert till.status("dF54GFd7").json[0]["code"] != "dF54GFd7"
    assert till.burn().json == {"order_id": "TX_123456789-X"}


@pytest.mark.parametrize("kind", ["nan", "unseen_status", "duplicate_keys"])
def test_an_answer_with_nothing_to_spoil_is_a_true_one(box: RunningSandbox, till: Till, kind: str) -> None:
    """A burn's answer has no number and no status: a flawless answer that was not true would be nobody's fault but ours."""
    box.control.fault(kind, provider=SLUG, after=False)
    reply = till.burn()
    flawless = reply.body == b'{"order_id":"TX_123456789"}'
    assert flawless is (kind != "duplicate_keys")
    assert len(burned(box)) == (3 if flawless else 0)


def test_a_list_can_be_spoiled_too(box: RunningSandbox, till: Till) -> None:
    box.control.fault("duplicate_keys", endpoint="find")
    assert till.status("dF54GFd7").body.startswith(b'[{"status":null,"code":null,')
    box.control.fault("unseen_status", endpoint="find")
    assert till.status_of("dF54GFd7") == "frozen"
