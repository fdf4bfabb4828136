"""A partner redeems a voucher: the first time, and however often it asks again."""

from __future__ import annotations

from typing import Any

import pytest

from branches.models import Branch
from providers.models import Account, Operation
from providers.sandbox.running import RunningSandbox
from tests.partners.caller import Caller, caller
from tests.scene import CODE, effects, writes

pytestmark = pytest.mark.usefixtures("account")
KEY = "retry-me-0000000001"


def test_a_voucher_is_verified_with_names_masked_and_no_id_number(shop: Caller, workers: None) -> None:
    answer = shop.post("vouchers/verify", {"branch": "olaya", "provider": "alreaaiaa", "code": CODE}, once=None)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["status"], found["value"], found["currency"], found["source"]) == ("usable", "200", "SAR", "provider")
    assert found["code"] == "••••4058" and CODE not in answer.content.decode()
    assert len(found["cards"]) == 3 and all("•••" in card["name"] for card in found["cards"])
    assert set(found["cards"][0]) == {"id", "name", "valid_until"}


def test_a_voucher_is_redeemed_in_one_request(shop: Caller, workers: None, sale: Any, twin: RunningSandbox) -> None:
    answer = shop.post("redemptions", sale)
    assert answer.status_code == 201, answer.content
    found = answer.json()
    assert (found["status"], found["evidence"], found["safe_to_retry"]) == ("succeeded", "response", False)
    assert (found["amount"], found["currency"], found["branch"]) == ("200.00", "SAR", "olaya")
    assert found["codes"] == [{"last4": "4058", "status": "used"}] and found["external_ref"] == "bill-1"
    assert len(effects(twin)) == 1
    row = Operation.objects.get()
    assert (row.source, row.actor, row.external_ref) == ("partner", None, "bill-1")
    assert shop.get(f"redemptions/{found['id']}").json() == found
    assert shop.get("redemptions", external_ref="bill-1").json()["items"] == [found]
    assert shop.get(f"operations/{found['operation']}").json()["status"] == "succeeded"


def test_sent_again_it_is_answered_byte_for_byte_and_redeemed_once(
    shop: Caller, workers: None, sale: Any, twin: RunningSandbox
) -> None:
    first, second = shop.post("redemptions", sale, once=KEY), shop.post("redemptions", sale, once=KEY)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first.headers and second.headers["Idempotent-Replayed"] == "true"
    assert len(writes(twin)) == 1


def test_the_same_key_with_another_body_is_refused(shop: Caller, workers: None, sale: Any) -> None:
    shop.post("redemptions", sale, once=KEY)
    answer = shop.post("redemptions", sale | {"services_total": "700", "paid": "500"}, once=KEY)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


def test_another_key_cannot_use_the_same_voucher(shop: Caller, workers: None, sale: Any, nakheel: Branch) -> None:
    done = shop.post("redemptions", sale).json()
    answer = shop.post("redemptions", sale)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_redeemed")
    assert answer.json()["operation"] == done["operation"]
    stranger = caller(*Branch.objects.filter(code="olaya"), partner="rival").post("redemptions", sale)
    assert stranger.status_code == 409 and "operation" not in stranger.json()


def test_while_nobody_knows_it_is_202_with_the_live_state(
    shop: Caller, workers: None, sale: Any, settings: Any, twin: RunningSandbox, account: Account
) -> None:
    twin.control.script("alreaaiaa", "redeem", "lose_answer")
    answer = shop.post("redemptions", sale, once=KEY)
    assert answer.status_code in (201, 202)
