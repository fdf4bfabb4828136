"""The twin of Kenz'up: strict where their page speaks, chosen by a rule where it is silent. Asked over a raw socket."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any

import pytest

from providers.afriquia_gaz.sandbox_keys import is_signed, pair
from providers.afriquia_gaz.sandbox_shop import EXPORT_LOGIN, SHOP, TERMINALS
from providers.afriquia_gaz.sandbox_vouchers import DEMO, HOSTILE
from providers.sandbox.running import RunningSandbox
from tests.providers.sandbox.kenzup import CODES, SALE, SLUG, Till, burned, signature
from tests.providers.sandbox.wire import Reply, ask

# As documented


def test_it_shows_a_voucher_in_the_documented_keys_and_order(till: Till) -> None:
    reply = till.status("dF54GFd7")
    assert reply.status == 200
    (found,) = reply.json
    assert list(found) == ["status", "code", "points_amount", "customer", "created_at"]
    assert (found["status"], found["points_amount"], found["customer"]) == ("available", 10.55, "+212612345678")
    assert found["created_at"] == "2022-01-21T10:16:57.131872+01:00"


def test_it_can_answer_with_the_sample_word_for_word(box: RunningSandbox, till: Till) -> None:
    box.control.rules(SLUG, status_shape="seed_literal")
    assert [one["code"] for one in till.status("dF54GFd7").json] == ["dF54GFd7", "dF54GFd6"]
    box.control.rules(SLUG, status_shape="object")
    assert till.status("dF54GFd7").json["code"] == "dF54GFd7"


def test_it_burns_the_sample_and_names_the_order(box: RunningSandbox, till: Till) -> None:
    reply = till.burn()
    assert (reply.status, reply.json) == (200, {"order_id": "TX_123456789"})
    assert burned(box) == [(code, "TX_123456789") for code in CODES]
    assert {till.status_of(code) for code in CODES} == {"burned"}
    effect = box.control.ledger(SLUG)[0]
    assert (effect.amounts, effect.user, effect.actor) == ({"points": "25.5", "amount": "100.0"}, TERMINALS[0], "api")


def test_it_does_not_know_a_code_in_other_letters(box: RunningSandbox, till: Till) -> None:
    reply = till.status("DF54GFD7")
    assert (reply.status, reply.json["error"]) == (404, "not_found")
    assert reply.json["message"] == "The requested resource doesn't exist."
    box.control.rules(SLUG, unknown_code="empty_array")
    assert till.status("DF54GFD7").json == []


def test_it_can_say_created(box: RunningSandbox, till: Till) -> None:
    box.control.rules(SLUG, success_status="201")
    assert till.burn().status == 201


# The signature


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "POS_STRANGER"},
        {"client_id": TERMINALS[0].lower()},
        {"host": "kenzup.com"},
        {"method": "POST"},
        {"uri": "/shops/1234/vouchers/dF54GFd7"},
        {"payload": "e30="},
        {"timestamp": "2020-02-12T19:20:30+01:00"},
        {"timestamp": "now"},
        {"timestamp": dt.datetime.now().isoformat(timespec="seconds")},
    ],
)
def test_it_turns_away_who_signs_for_something_else(box: RunningSandbox, till: Till, changes: dict[str, str]) -> None:
    reply = till.status("dF54GFd7", **changes)
    assert (reply.status, reply.json["error"]) == (401, "unauthorized")


@pytest.mark.parametrize("header", ["", "signature=abc", "client_id=POS_123456789", "client_id=,host=,method="])
def test_it_turns_away_who_does_not_sign(till: Till, header: str) -> None:
    path = f"/shops/{SHOP}/vouchers/dF54GFd7"
    reply = till.call("GET", path, headers={"X-SIGNATURE": header})
    assert reply.status == 401


def test_it_turns_away_a_signature_that_was_altered(till: Till) -> None:
    path = f"/shops/{SHOP}/vouchers/dF54GFd7"
    good = till.signed("GET", path, "")
    for bad in (good[:-8] + "AAAAAAA=", good.rpartition("=")[0] + "=!", good.replace(",signature=", ",signature=AAAA")):
        assert till.call("GET", path, headers={"X-SIGNATURE": bad}).status == 401


def test_it_turns_away_another_shop(till: Till) -> None:
    assert till.call("GET", "/shops/1234/vouchers/dF54GFd7").status == 401


def test_a_lenient_twin_asks_only_for_a_declared_terminal(box: RunningSandbox, till: Till) -> None:
    box.control.rules(SLUG, signature="lenient")
    assert till.status("dF54GFd7", host="anything").status == 200
    assert till.status("dF54GFd7", client_id="POS_STRANGER").status == 401


def test_after_a_rotation_only_the_next_key_is_good(box: RunningSandbox, till: Till) -> None:
    second = Till(till.url, key=2)
    assert (till.status("dF54GFd7").status, second.status("dF54GFd7").status) == (200, 200)
    box.control.revoke_tokens(SLUG, TERMINALS[0])
    assert (till.status("dF54GFd7").status, second.status("dF54GFd7").status) == (401, 200)
    other = Till(till.url, terminal=TERMINALS[1])
    assert other.status("dF54GFd7").status == 200


@pytest.mark.parametrize(("shape", "status"), [("envelope", 401), ("forbidden", 403), ("html", 401)])
def test_it_can_say_unauthorized_in_every_shape(box: RunningSandbox, till: Till, shape: str, status: int) -> None:
    box.control.rules(SLUG, unauthorized=shape)
    assert till.status("dF54GFd7", host="x").status == status
    box.control.fault("unauthorized", provider=SLUG, endpoint="redeem", shape=shape)
    assert till.burn().status == status
    assert burned(box) == []


def test_the_demo_keys_are_two_pairs_of_primes_of_full_length() -> None:
    for number in (1, 2):
        key = pair(number)
        assert key.modulus.bit_length() == 2048
        assert all(pow(2, prime - 1, prime) == 1 for prime in (key.p, key.q))
        good = base64.b64decode(signature("text", key))
        assert is_signed(b"text", good, key) and not is_signed(b"Text", good, key)
        assert not is_signed(b"text", good[:-1], key) and not is_signed(b"text", good, pair(3 - number))


# The request


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_status_is_only_got_and_a_burn_only_posted(till: Till, method: str) -> None:
    assert till.call(method, f"/shops/{SHOP}/vouchers/dF54GFd7").status == 405
    assert till.call("GET", f"/shops/{SHOP}/vouchers-burn").status == 405


def test_it_knows_no_other_path(till: Till) -> None:
    for path in ("/shops", f"/shops/{SHOP}/vouchers/a/b", f"/shops/{SHOP}/voucher-burn"):
        assert till.call("GET", path).status == 404


@pytest.mark.parametrize("body", ["", "not json", "[]", "null", "{}", '{"vouchers":[]}'])
def test_it_burns_nothing_for_a_body_that_is_no_sale(box: RunningSandbox, till: Till, body: str) -> None:
    reply = till.burn(body or " ")
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")
    assert burned(box) == []


@pytest.mark.parametrize(
    "wrong",
    [
        *({name: None} for name in SALE),
        *({"amount": value} for value in ("100.00", 0, -1, True, None)),
        *({"vouchers": value} for value in ([], "abcd0001", [1], [""], ["abcd0001", "abcd0001"])),
        *({"time": value} for value in ("2021-02-12T19:20:30", "now", "2021-02-12")),
        *({"customer": value} for value in ("612345678", "06 11 22 33 44", "nobody")),
        {"currency": "SAR"},
        {"terminal_id": TERMINALS[1]},
        {"order_id": 5},
    ],
)
def test_it_takes_a_sale_only_as_documented(box: RunningSandbox, till: Till, wrong: dict[str, Any]) -> None:
    assert till.burn(**wrong).status == 400
    assert burned(box) == []


@pytest.mark.parametrize("phone", ["+212611223344", "0611223344"])
def test_it_takes_the_owners_number_in_both_documented_forms(till: Till, phone: str) -> None:
    assert till.burn(customer=phone).status == 200


# The export


def export(till: Till, query: str, login: str = EXPORT_LOGIN) -> Reply:
    path = f"{till.url}/ledger/export-sales/json?{query}"
    return ask(path, method="GET", headers={"Authorization": f"Basic {login}"})


def test_it_exports_the_burns_of_the_days_asked_for(box: RunningSandbox, till: Till) -> None:
    till.burn()
    (sale,) = export(till, f"shop={SHOP}&start=2021-02-12&end=2021-02-12").json
    assert (sale["order_id"], sale["terminal_id"], sale["earn_burn"]) == ("TX_123456789", TERMINALS[0], "burn")
    assert export(till, f"shop={SHOP}&start=2021-02-13&end=2021-02-14").json == []
    box.control.rules(SLUG, export="silent")
    assert export(till, f"shop={SHOP}&start=2021-02-12&end=2021-02-12").json == []


@pytest.mark.parametrize("query", ["", "shop=1&start=2021-02-12&end=2021-02-12", f"shop={SHOP}&start=x&end=y"])
def test_it_exports_nothing_for_a_question_it_cannot_read(till: Till, query: str) -> None:
    assert export(till, query).status == 400


def test_it_exports_nothing_to_strangers(till: Till) -> None:
    assert export(till, f"shop={SHOP}&start=2021-02-12&end=2021-02-12", "guess").status == 401


# Scenarios and the control API


def test_the_scenarios_have_what_they_say(box: RunningSandbox) -> None:
    counts = {"empty": 0, "seed": 5, "demo": 5 + len(DEMO), "hostile": 5 + len(DEMO) + len(HOSTILE)}
    for scenario, count in counts.items():
        box.control.reset(scenario)
        assert len(box.control.vouchers(SLUG)) == count, scenario
    assert len({owner for *_rest, owner in DEMO}) == 3


def test_a_voucher_is_made_from_nothing_but_a_code(box: RunningSandbox, till: Till) -> None:
    box.control.put_vouchers(SLUG, {"code": "NewOne01", "points_amount": 75.5})
    (found,) = till.status("NewOne01").json
    assert (found["status"], found["points_amount"]) == ("available", 75.5)
    box.control.put_vouchers(SLUG, {"code": "NewOne01", "status": "canceled"})
    assert till.status("NewOne01").json == [{**found, "status": "canceled"}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"provider": SLUG, "vouchers": [{}]}, "code is required"),
        ({"provider": SLUG, "vouchers": [{"colour": 1}]}, "a voucher has no colour"),
        ({"provider": SLUG, "vouchers": [{"code": 1}]}, "code cannot be 1"),
        ({"provider": SLUG, "vouchers": [{"code": "A", "points_amount": "1"}]}, "points_amount cannot be '1'"),
    ],
)
def test_it_says_what_it_cannot_hold(box: RunningSandbox, content: dict[str, Any], reason: str) -> None:
    reply = ask(f"{box.origin}/__control__/vouchers", json.dumps(content))
    assert reply.status == 400 and reason in reply.json["error"]


def test_a_terminal_that_nobody_has_cannot_be_revoked(box: RunningSandbox) -> None:
    reply = ask(f"{box.origin}/__control__/revoke", json.dumps({"provider": SLUG, "user": "POS_X"}))
    assert reply.status == 400 and "user must be one of POS_123456789" in reply.json["error"]
