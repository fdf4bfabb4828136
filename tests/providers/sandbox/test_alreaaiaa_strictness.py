"""Where the documentation is silent: the twin is strict, and what it assumes can be chosen."""

from __future__ import annotations

import json

import pytest

from providers.alreaaiaa.sandbox_vouchers import DEMO_STATES, HOSTILE_NAMES, demo_code
from providers.sandbox.running import RunningSandbox
from tests.providers.sandbox.wire import VOUCHER, Alreaaiaa, ask, use_body

ENDPOINTS = ["getAuthToken", "findClientCenterVouchers", "makeClientCenterVouchersUsed"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_it_allows_nothing_but_post(center: Alreaaiaa, endpoint: str, method: str) -> None:
    reply = ask(f"{center.url}/{endpoint}", method=method, headers=center.headers)
    assert (reply.status, reply.headers["allow"]) == (405, "POST")
    assert "not supported" in reply.json["message"]


def test_it_knows_no_other_path(center: Alreaaiaa) -> None:
    assert ask(center.url + "/getauthtoken").status == 404
    assert "could not be found" in ask(center.url + "/vouchers").json["message"]


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer a.b.c", "Bearer eyJ.eyJ.eyJ", "Basic abc"])
def test_it_turns_away_who_has_no_token_of_its_own(center: Alreaaiaa, header: str) -> None:
    center.headers = {"Authorization": header} if header else {}
    for reply in (center.find(), center.use()):
        assert (reply.status, reply.json["key"]) == (401, "unauthenticated")


def test_it_turns_away_a_token_somebody_has_altered(center: Alreaaiaa) -> None:
    unsigned, _, signature = center.headers["Authorization"].rpartition(".")
    center.headers = {"Authorization": f"{unsigned}.{signature[::-1]}"}
    assert center.find().status == 401


def test_it_turns_away_revoked_tokens_until_the_next_login(box: RunningSandbox, center: Alreaaiaa) -> None:
    other = Alreaaiaa(center.url).log_in('{"email":"reception@center-demo.test","password":"demo-reception-26"}')
    box.control.revoke_tokens("alreaaiaa", "centeradmintesting@admin.com")
    assert (center.find().status, other.find().status) == (401, 200)
    assert center.log_in().find().status == 200


@pytest.mark.parametrize(
    ("shape", "status", "body"),
    [
        ("envelope", 401, {"msg": "Unauthenticated.", "data": None, "key": "unauthenticated"}),
        ("laravel", 401, {"message": "Unauthenticated."}),
        ("jwt", 401, {"message": "Token not provided"}),
        ("family_200", 200, {"key": "unauthenticated", "msg": "Unauthenticated."}),
        ("family_401", 401, {"key": "unauthenticated", "msg": "Unauthenticated."}),
    ],
)
def test_it_can_say_unauthorized_in_every_shape(
    box: RunningSandbox, shape: str, status: int, body: dict[str, object]
) -> None:
    box.control.rules("alreaaiaa", unauthorized=shape)
    reply = Alreaaiaa(box.base_url("alreaaiaa")).find()
    assert (reply.status, reply.json) == (status, body)


def test_it_refuses_a_wrong_password_in_the_status_that_was_chosen(box: RunningSandbox) -> None:
    url = box.base_url("alreaaiaa") + "/getAuthToken"
    wrong = '{"email":"centeradmintesting@admin.com","password":"guess"}'
    assert (ask(url, wrong).status, ask(url, wrong).json["key"]) == (200, "fail")
    box.control.rules("alreaaiaa", login_failure="401")
    assert ask(url, wrong).status == 401


@pytest.mark.parametrize("body", ["", "not json", "[]", '"text"', "null", "[" * 100_000, "{}", '{"voucher_code":""}'])
def test_it_reads_no_fields_from_a_body_that_is_no_object(center: Alreaaiaa, body: str) -> None:
    reply = center.find_with(body)
    assert reply.status == 422
    assert reply.json["errors"] == {"voucher_code": ["The voucher code field is required."]}


def test_it_reads_no_fields_from_a_body_that_does_not_say_it_is_json(center: Alreaaiaa) -> None:
    headers = center.headers | {"Content-Type": "text/plain"}
    assert ask(center.url + "/findClientCenterVouchers", '{"voucher_code":"X"}', headers=headers).status == 422


def test_it_counts_all_missing_fields_in_the_message(center: Alreaaiaa) -> None:
    reply = center.use('{"voucher_code":"VCL6C5944NO4058"}')
    assert reply.json["message"] == "The voucher price field is required. (and 2 more errors)"
    assert list(reply.json["errors"]) == ["voucher_price", "total_services_price", "total_client_paid_amount"]


@pytest.mark.parametrize("price", [200, 200.0, None, True, ["200"], "2e2", "-200", " 200", "200.001", "٢٠٠", "1,000"])
def test_it_takes_amounts_only_as_plain_strings(box: RunningSandbox, center: Alreaaiaa, price: object) -> None:
    body = json.loads(use_body()) | {"voucher_price": price}
    assert center.use(json.dumps(body)).status == 422
    assert box.control.ledger() == []


@pytest.mark.parametrize(
    ("price", "total", "paid"), [("150", "600", "450"), ("200", "600", "399"), ("200", "100", "0")]
)
def test_it_refuses_amounts_that_do_not_add_up(
    box: RunningSandbox, center: Alreaaiaa, price: str, total: str, paid: str
) -> None:
    reply = center.use(use_body(VOUCHER, price, total, paid))
    assert (reply.status, reply.json["key"], reply.json["data"]) == (422, "fail", None)
    box.control.rules("alreaaiaa", amounts_checked="no")
    assert center.use(use_body(VOUCHER, price, total, paid)).json["data"]["status"] == "used"


@pytest.mark.parametrize("status", ["200", "400", "422"])
def test_it_refuses_a_used_voucher_in_the_status_that_was_chosen(
    box: RunningSandbox, center: Alreaaiaa, status: str
) -> None:
    box.control.rules("alreaaiaa", already_used=status)
    center.use()
    again = center.use()
    assert (again.status, again.body) == (int(status), b'{"msg":"Voucher already used.","data":null,"key":"fail"}')
    assert len(box.control.ledger()) == 1


@pytest.mark.parametrize("status", ["expired", "canceled", "canceld", "frozen"])
def test_it_uses_no_voucher_that_is_not_verified(box: RunningSandbox, center: Alreaaiaa, status: str) -> None:
    box.control.put_vouchers("alreaaiaa", {"voucher_code": VOUCHER, "status": status})
    assert center.status_of() == status
    assert (center.use().json["key"], box.control.ledger()) == ("fail", [])


def test_it_hides_pending_vouchers(box: RunningSandbox, center: Alreaaiaa) -> None:
    box.control.put_vouchers("alreaaiaa", {"voucher_code": VOUCHER, "status": "pending"})
    for reply in (center.find(), center.use()):
        assert (reply.status, reply.body) == (200, b'{"msg":"Voucher does not exist.","data":null,"key":"success"}')


def test_it_knows_a_code_only_as_it_is_written(center: Alreaaiaa) -> None:
    for code in (VOUCHER.lower(), f" {VOUCHER}", f"{VOUCHER}\u200f"):
        assert center.find(code).json["data"] is None


def test_it_offers_a_demo_voucher_in_every_state(box: RunningSandbox, center: Alreaaiaa) -> None:
    demo = {one["voucher_code"]: one for one in box.control.vouchers("alreaaiaa")}
    assert len({demo_code(place) for place in range(len(DEMO_STATES))} & set(demo)) == len(DEMO_STATES) >= 40
    assert {one["status"] for one in demo.values()} >= set(DEMO_STATES)
    assert {len(one["client_cards"]) for one in demo.values()} == {1, 2, 3, 4, 5}
    assert {one["price_value"] for one in demo.values()} == {50, 75.5, 100, 150, 200, 350, 500}
    assert max(len(one["client"]["name"]) for one in demo.values()) > 200


def test_it_uses_a_voucher_of_seventy_five_and_a_half(box: RunningSandbox, center: Alreaaiaa) -> None:
    reply = center.use(use_body(demo_code(1), "75.50", "100", "24.50"))
    assert reply.json["data"]["price_value"] == 75.5


def test_it_keeps_hostile_names_to_their_own_scenario(box: RunningSandbox, center: Alreaaiaa) -> None:
    def names() -> set[str]:
        return {one["client"]["name"] for one in box.control.vouchers("alreaaiaa")}

    assert not names() & set(HOSTILE_NAMES)
    box.control.reset("hostile")
    assert names() >= set(HOSTILE_NAMES)
    assert center.find(demo_code(len(DEMO_STATES))).json["data"]["client"]["name"] == HOSTILE_NAMES[0]
