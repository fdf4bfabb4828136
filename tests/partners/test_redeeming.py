"""A partner redeems a voucher: the first time, and however often it asks again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from branches.models import Branch
from partners.idempotency import purge_asked
from partners.models import Asked
from providers.models import Operation
from providers.sandbox.running import RunningSandbox
from tests.partners.caller import Caller, caller, working
from tests.scene import CODE, OTHER_CODE, Desk, effects, finish, turn, writes

pytestmark = pytest.mark.usefixtures("account")
KEY = "retry-me-0000000001"


def test_a_voucher_is_verified_with_names_masked_and_no_id_number(shop: Caller, workers: None) -> None:
    answer = shop.post("vouchers/verify", {"branch": "olaya", "provider": "alreaaiaa", "code": CODE}, once=None)
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["status"], found["value"], found["currency"], found["source"]) == ("usable", "200", "SAR", "provider")
    assert found["code"] == CODE, "as we understood it, whatever was typed around it"
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


def test_while_nobody_knows_it_is_202_with_the_live_state_and_201_once_it_is_known(
    shop: Caller, quick: None, sale: Any, settings: Any, twin: RunningSandbox
) -> None:
    twin.control.fault("drop_after", endpoint="redeem")
    settings.API_WAIT_SECONDS = 2
    with working("look"):
        first = shop.post("redemptions", sale, once=KEY)
    assert (first.status_code, first.json()["status"], first.json()["evidence"]) == (202, "processing", None)
    assert first.headers["Location"] == f"/api/v1/redemptions/{first.json()['id']}" and first.headers["Retry-After"]
    operation = Operation.objects.get()
    turn(operation)
    again = shop.post("redemptions", sale, once=KEY)
    assert (again.status_code, again.json()["status"], again.json()["id"]) == (202, "unknown", first.json()["id"])
    assert (again.json()["safe_to_retry"], again.json()["codes"][0]["status"]) == (False, "unknown")
    assert "Idempotent-Replayed" not in again.headers
    operation.refresh_from_db()
    finish(operation)
    done, last = shop.post("redemptions", sale, once=KEY), shop.post("redemptions", sale, once=KEY)
    assert (done.status_code, done.json()["status"], done.json()["evidence"]) == (201, "succeeded", "inferred")
    assert done.content == last.content and last.headers["Idempotent-Replayed"] == "true"
    assert len(effects(twin)) == 1


def test_an_answer_that_is_kept_does_not_change_when_the_row_does(shop: Caller, workers: None, sale: Any) -> None:
    done = shop.post("redemptions", sale, once=KEY)
    Operation.objects.update(external_ref="changed")
    assert shop.post("redemptions", sale, once=KEY).content == done.content
    assert shop.get(f"redemptions/{done.json()['id']}").json()["external_ref"] == "changed"


def test_a_key_that_was_forgotten_cannot_use_the_voucher_again(shop: Caller, workers: None, sale: Any) -> None:
    assert shop.post("redemptions", sale, once=KEY).status_code == 201
    assert purge_asked(now=timezone.now() + timedelta(days=29)) == 0
    assert purge_asked(now=timezone.now() + timedelta(days=31)) == 1
    answer = shop.post("redemptions", sale, once=KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_redeemed")


def test_the_same_key_of_another_partner_is_another_key(
    shop: Caller, olaya: Branch, workers: None, sale: Any, twin: RunningSandbox
) -> None:
    rival = caller(olaya, partner="rival")
    shop.post("redemptions", sale, once=KEY)
    answer = rival.post("redemptions", sale | {"codes": [OTHER_CODE], "paid": "450"}, once=KEY)
    assert answer.status_code == 201, answer.content
    mine = shop.get("redemptions").json()["items"]
    assert [row["codes"][0]["last4"] for row in mine] == ["4058"], "what another partner did is not shown"
    for address in (f"redemptions/{answer.json()['id']}", f"operations/{answer.json()['operation']}"):
        assert rival.get(address).status_code == 200 and shop.get(address).status_code == 404


def test_another_key_of_the_same_partner_may_send_it_again(
    shop: Caller, olaya: Branch, workers: None, sale: Any
) -> None:
    done = shop.post("redemptions", sale, once=KEY)
    assert caller(olaya).post("redemptions", sale, once=KEY).content == done.content


REFUSALS = {
    "the issuer does not know it": ({"codes": ["VCL6C0000NO0000"]}, 422, "codes.0", "not_found"),
    "it is no code": ({"codes": ["?"]}, 422, "codes.0", "malformed"),
    "twice the same": ({"codes": [CODE, CODE]}, 422, "codes", "same_code"),
    "one more than one sale takes": ({"codes": [CODE, OTHER_CODE]}, 422, "codes.0", "not_ready"),
    "another currency": ({"currency": "MAD"}, 422, "currency", "other_currency"),
    "a sum that does not add up": ({"paid": "399.99"}, 422, "paid", "does_not_add_up"),
    "worth more than the bill": ({"services_total": "150", "paid": "0"}, 422, "services_total", "total_too_small"),
    "nobody with that card": ({"card": "nobody"}, 422, "card", "person_missing"),
    "no such issuer here": ({"provider": "afriquia_gaz"}, 422, "provider", "no_issuer"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_redeemed_says_why_and_keeps_neither_key_nor_claim(
    shop: Caller, workers: None, sale: Any, name: str
) -> None:
    change, status, field, code = REFUSALS[name]
    answer = shop.post("redemptions", sale | change, once=KEY)
    assert answer.status_code == status, answer.content
    [problem] = answer.json()["field_errors"]
    assert (problem["field"], problem["code"]) == (field, code) and problem["detail"]
    assert not Operation.objects.exists() and not Asked.objects.exists()
    assert shop.post("redemptions", sale, once=KEY).status_code == 201, "the same key may be used for what is right"


def test_while_the_issuer_is_away_nothing_is_sent_and_the_key_stays_free(
    shop: Caller, workers: None, sale: Any, twin: RunningSandbox
) -> None:
    twin.control.down("alreaaiaa")
    answer = shop.post("redemptions", sale, once=KEY)
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_unavailable")
    assert answer.headers["Retry-After"] and not Asked.objects.exists()
    verified = shop.post("vouchers/verify", {"branch": "olaya", "provider": "alreaaiaa", "code": CODE}).json()
    assert (verified["status"], verified["source"]) == ("unknown", "none")
    twin.control.down("alreaaiaa", False)
    assert shop.post("redemptions", sale, once=KEY).status_code == 201


def test_a_voucher_that_is_used_says_so_from_our_own_books(shop: Caller, workers: None, sale: Any) -> None:
    shop.post("redemptions", sale)
    asked = {"branch": "olaya", "provider": "alreaaiaa", "code": CODE}
    found = shop.post("vouchers/verify", asked, once=None).json()
    assert (found["status"], found["source"]) == ("used", "wasl")


def test_what_staff_redeem_is_shown_and_says_nothing_of_who(shop: Caller, workers: None, desk: Desk) -> None:
    operation = finish(desk.redeem())
    [row] = shop.get("redemptions").json()["items"]
    assert (row["reference"], row["status"], row["external_ref"]) == (operation.reference, "succeeded", None)
    assert "reem" not in shop.get("redemptions").content.decode()


def test_no_whole_code_and_no_key_is_logged(shop: Caller, workers: None, sale: Any, logged: Any) -> None:
    shop.post("redemptions", sale, once=KEY)
    assert CODE not in logged() and shop.key.split("_")[2] not in logged() and KEY not in logged()
