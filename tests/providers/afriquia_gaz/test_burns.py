"""A burn of three vouchers through the operations engine: lost answers, half a burn, another till, a refused group."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from branches.models import Branch, User
from branches.roles import Role
from providers.accounts import connect_account
from providers.models import Account, Environment, Operation, Source, State
from providers.operations import Intent, open_operation
from providers.operations.claim import new_reference
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from tests.conftest import Hire
from tests.scene import finish
from vouchers.effects import KIND, resource

SLUG = "afriquia_gaz"
CODES = ["abcd0001", "abcd0002", "abcd0003"]
OWNER = "+212611223344"


@pytest.fixture
def shop(maarif: Branch, twin: RunningSandbox, quick: None) -> Account:
    where = {"base_url": twin.base_url(SLUG), "environment": Environment.SANDBOX}
    return connect_account(provider=SLUG, branch=maarif, values=all_twins()[SLUG].login(), **where).account


@pytest.fixture
def salma(hire: Hire, maarif: Branch) -> User:
    return hire("salma", Role.RECEPTIONIST, maarif)


def burning(shop: Account, branch: Branch, person: User, **changes: Any) -> Operation:
    """The intent to burn the three vouchers of the documentation for a bill of 200 MAD."""
    reference = new_reference()
    request = {
        "order_ref": reference,
        "codes": CODES,
        "values": ["25.5", "30", "44.5"],
        "services_total": "200",
        "client_pays": "100",
        "currency": "MAD",
        "customer_phone": OWNER,
        "at": timezone.now().astimezone(branch.zone).isoformat(timespec="seconds"),
        **changes,
    }
    intent = Intent(
        kind=KIND,
        account=shop,
        branch=branch,
        till=None,
        actor=person,
        source=Source.STAFF,
        request=json.dumps(request, sort_keys=True, separators=(",", ":")),
        resources=[resource(code) for code in request["codes"]],
        amount=Decimal(100),
        currency="MAD",
        form_token=uuid.uuid4(),
        reference=reference,
        snapshot={},
    )
    return open_operation(intent)


def burned(twin: RunningSandbox) -> list[str]:
    return [effect.code for effect in twin.control.ledger(SLUG) if effect.actor == "api"]


def sends(twin: RunningSandbox) -> list[str]:
    return [seen.body_sha256 for seen in twin.control.requests(SLUG) if seen.endpoint == "redeem"]


def test_three_are_burned_by_one_request_that_names_our_order(
    shop: Account, maarif: Branch, salma: User, twin: RunningSandbox
) -> None:
    operation = finish(burning(shop, maarif, salma))
    assert (operation.state, operation.evidence_level) == (State.SUCCEEDED, "response")
    assert operation.outcome["references"] == {"order_id": operation.reference}
    assert burned(twin) == CODES
    assert {effect.order_id for effect in twin.control.ledger(SLUG)} == {operation.reference}


def test_a_lost_answer_is_found_by_looking_and_nothing_is_sent_again(
    shop: Account, maarif: Branch, salma: User, twin: RunningSandbox
) -> None:
    twin.control.fault("drop_after", provider=SLUG, endpoint="redeem", code=CODES[1])
    operation = finish(burning(shop, maarif, salma))
    assert (operation.state, operation.evidence_level) == (State.SUCCEEDED, "inferred")
    assert (burned(twin), len(sends(twin))) == (CODES, 1)


@pytest.mark.parametrize("how", ["500", "rst"])
def test_half_a_burn_is_told_code_by_code(
    shop: Account, maarif: Branch, salma: User, twin: RunningSandbox, how: str
) -> None:
    """F13."""
    twin.control.fault("partial", provider=SLUG, endpoint="redeem", count=2, how=how)
    operation = finish(burning(shop, maarif, salma))
    assert operation.state == State.PARTIAL
    assert operation.outcome["applied"] == sorted(resource(code) for code in CODES[:2])
    assert (burned(twin), len(sends(twin))) == (CODES[:2], 1)


def test_a_burn_that_was_lost_before_it_is_sent_again_with_the_same_bytes(
    shop: Account, maarif: Branch, salma: User, twin: RunningSandbox
) -> None:
    twin.control.fault("drop_before", provider=SLUG, endpoint="redeem")
    operation = finish(burning(shop, maarif, salma))
    assert operation.state == State.SUCCEEDED
    assert burned(twin) == CODES
    first, second = sends(twin)
    assert first == second


def test_a_group_that_is_refused_is_judged_by_looking_and_not_by_their_word(
    shop: Account, maarif: Branch, salma: User, twin: RunningSandbox
) -> None:
    """Their 422 came after two were burned: a client that believed it would tell the customer that nothing happened."""
    twin.control.rules(SLUG, burn="partial", partial_answer="422", export="silent")
    twin.control.fault("human", provider=SLUG, endpoint="redeem", code=CODES[2])  # F15
    operation = finish(burning(shop, maarif, salma))
    assert burned(twin) == CODES[:2]
    assert operation.state != State.REFUSED


def test_a_single_voucher_that_is_refused_is_refused_at_once(
    shop: Account, maarif: Branch, salma: User, twin: RunningSandbox
) -> None:
    wrong_owner = {"codes": CODES[:1], "values": ["25.5"], "customer_phone": "+212661234501"}
    operation = finish(burning(shop, maarif, salma, **wrong_owner))
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "issuer_refused")
    assert burned(twin) == []


def test_a_doubling_issuer_would_be_caught(shop: Account, maarif: Branch, salma: User, twin: RunningSandbox) -> None:
    """The rule by which a chaos run shows every burn that was one too many."""
    twin.control.rules(SLUG, second_use="accepted")
    twin.control.fault("status", provider=SLUG, endpoint="redeem", after=True)
    operation = finish(burning(shop, maarif, salma))
    assert operation.state == State.SUCCEEDED
    assert burned(twin) == CODES
