"""The control API: it does what it is told, and says clearly what it cannot be told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.sandbox.control import is_ours
from providers.sandbox.remote import ControlRefused
from providers.sandbox.running import RunningSandbox
from tests.providers.sandbox.wire import VOUCHER, Alreaaiaa, ask, use_body


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("faults", {"kind": "explode"}, "Invalid value 'explode' - at `$.kind`"),
        ("faults", {}, "missing required field `kind`"),
        ("faults", "text", "got `str`"),
        ("faults", {"kind": "delay", "second": 1}, "unknown field `second`"),
        ("faults", {"kind": "delay", "seconds": "1"}, "Expected `float`, got `str` - at `$.seconds`"),
        ("faults", {"kind": "delay", "seconds": -1}, "Expected `float` >= 0.0 - at `$.seconds`"),
        ("faults", {"kind": "delay", "times": 0}, "$.times"),
        ("faults", {"kind": "delay", "probability": 1.1}, "$.probability"),
        ("faults", {"kind": "status", "status": 200}, "$.status"),
        ("faults", {"kind": "delay", "provider": "nobody"}, "provider must be one of alreaaiaa"),
        ("faults", {"kind": "delay", "endpoint": "burn"}, "endpoint must be one of login, find, redeem"),
        ("faults", {"kind": "refuse", "code": "X"}, "cannot know the code"),
        ("faults", {"kind": "redirect", "to": "http://x/\r\nA: b"}, "printable ASCII"),
        ("faults", {"kind": "unauthorized", "shape": "d"}, "shape must be one of envelope"),
        ("faults", [{"kind": "delay"}, {"kind": "nope"}], "$[1].kind"),
        ("seed_mode", {"seed": 1, "rate": 2}, "$.rate"),
        ("seed_mode", {"rate": 0.5}, "missing required field `seed`"),
        ("seed_mode", {"seed": 1, "rate": 0.5, "kinds": []}, "$.kinds"),
        ("seed_mode", {"seed": 1, "rate": 0.5, "kinds": ["explode"]}, "'explode'"),
        ("down", {"provider": "nobody"}, "provider must be one of"),
        ("down", {"provider": "alreaaiaa", "down": "yes"}, "$.down"),
        ("reset", {"scenario": "moon"}, "scenario must be one of demo, seed, hostile, empty"),
        ("rules", {"provider": "alreaaiaa", "already_used": "500"}, "already_used must be one of 200, 400, 422"),
        ("rules", {"provider": "alreaaiaa", "gravity": "off"}, "rule must be one of"),
        ("revoke", {"provider": "alreaaiaa", "user": "x@y"}, "user must be one of"),
        ("vouchers", {"provider": "alreaaiaa"}, "missing required field `vouchers`"),
        ("vouchers", {"provider": "alreaaiaa", "vouchers": [{}]}, "voucher_code is required"),
        ("vouchers", {"provider": "alreaaiaa", "vouchers": [{"colour": 1}]}, "a voucher has no colour"),
        ("vouchers", {"provider": "alreaaiaa", "vouchers": [{"voucher_code": 1}]}, "voucher_code cannot be 1"),
        ("vouchers", {"provider": "alreaaiaa", "vouchers": [{"voucher_code": "X", "client": {}}]}, "integer id"),
    ],
)
def test_it_says_what_is_wrong_with_what_it_was_told(box: RunningSandbox, path: str, content: Any, reason: str) -> None:
    reply = ask(f"{box.origin}/__control__/{path}", json.dumps(content))
    assert reply.status == 400
    assert reason in reply.json["error"]


@pytest.mark.parametrize("path", ["faults", "seed_mode", "down", "rules", "revoke", "vouchers"])
def test_it_reads_nothing_but_json(box: RunningSandbox, path: str) -> None:
    url = f"{box.origin}/__control__/{path}"
    assert ask(url, "kind=delay").status == 400
    assert ask(url, "{}", headers={"Content-Type": "text/plain"}).status == 415


@pytest.mark.parametrize("query", ["since=x", "provider=nobody", "until=3"])
def test_it_says_what_is_wrong_with_a_question(box: RunningSandbox, query: str) -> None:
    assert ask(f"{box.origin}/__control__/ledger?{query}", method="GET").status == 400


def test_it_tells_unknown_paths_from_wrong_methods(box: RunningSandbox) -> None:
    assert ask(f"{box.origin}/__control__/nothing", method="GET").status == 404
    reply = ask(f"{box.origin}/__control__/down", method="GET")
    assert (reply.status, reply.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("client", "host", "ours"),
    [
        ("127.0.0.1", "127.0.0.1:8900", True),
        ("::1", "[::1]:8900", True),
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "evil.example:8900", False),
        ("127.0.0.1", "", False),
        ("192.0.2.7", "127.0.0.1:8900", False),
    ],
)
def test_it_answers_this_machine_only(client: str, host: str, ours: bool) -> None:
    assert is_ours(client, host) is ours


def test_a_web_page_under_another_name_cannot_reach_it(box: RunningSandbox) -> None:
    reply = ask(f"{box.origin}/__control__/reset", "{}", headers={"Host": "rebound.example"})
    assert reply.status == 403


def test_a_providers_own_port_has_no_controls(box: RunningSandbox) -> None:
    origin = box.base_url("alreaaiaa").removesuffix("/alreaaiaa/api/v1")
    assert ask(f"{origin}/__control__/", method="GET").status == 404


def test_it_adds_a_voucher_from_nothing_but_a_code(box: RunningSandbox, center: Alreaaiaa) -> None:
    (put,) = box.control.put_vouchers("alreaaiaa", {"voucher_code": "NEW1", "price_value": 75.5})
    assert put in [{key: one[key] for key in put} for one in box.control.vouchers("alreaaiaa")]
    found = center.find("NEW1").json["data"]
    assert (found["status"], found["price_value"], found["client_cards"]) == ("verified", 75.5, [])


def test_it_changes_only_the_fields_it_is_given(box: RunningSandbox, center: Alreaaiaa) -> None:
    before = center.find().json["data"]
    box.control.put_vouchers("alreaaiaa", {"voucher_code": VOUCHER, "expiry_date": "2020-01-01", "reason": "because"})
    assert center.find().json["data"] == before | {"expiry_date": "2020-01-01", "reason": "because"}


def test_it_lists_the_faults_still_to_come(box: RunningSandbox, center: Alreaaiaa) -> None:
    box.control.fault("status", endpoint="find", status=503)
    number = box.control.fault("delay", seconds=2, endpoint="redeem")
    center.find()
    (waiting,) = box.control.faults()
    assert (waiting["id"], waiting["kind"], waiting["seconds"]) == (number, "delay", 2)


def test_it_pages_the_ledger_and_the_history_by_sequence(box: RunningSandbox, center: Alreaaiaa) -> None:
    center.use()
    center.use(use_body("VCL6C5881NO4658", "150", "150", "0"))
    assert [effect.sequence for effect in box.control.ledger("alreaaiaa", since=1)] == [2]
    assert [seen.endpoint for seen in box.control.requests(since=1)] == ["redeem", "redeem"]


def test_it_keeps_no_secret_in_the_history(box: RunningSandbox, center: Alreaaiaa) -> None:
    center.find()
    history = ask(f"{box.origin}/__control__/requests", method="GET").body.decode()
    assert center.headers["Authorization"].removeprefix("Bearer ") not in history
    assert "*@123#" not in history


def test_a_reset_makes_everything_as_on_the_first_day(box: RunningSandbox, center: Alreaaiaa) -> None:
    center.use()
    box.control.fault("status", times="forever")
    box.control.rules("alreaaiaa", amounts_checked="no")
    box.control.reset("seed")
    assert (box.control.ledger(), box.control.requests(), box.control.faults()) == ([], [], [])
    assert len(box.control.vouchers("alreaaiaa")) == 4
    assert box.control.rules("alreaaiaa")["amounts_checked"] == "yes"
    assert (box.control.overview()["scenario"], center.status_of()) == ("seed", "verified")


def test_the_python_client_raises_the_reason(box: RunningSandbox) -> None:
    with pytest.raises(ControlRefused, match="Invalid value 'explode'") as refusal:
        box.control.fault("explode")
    assert refusal.value.status == 400


def run_of_finds(box: RunningSandbox, center: Alreaaiaa, seed: int) -> list[str]:
    box.control.seed_mode(seed, 0.5, ["drop_before", {"kind": "status", "status": 503}, "garbage"], endpoint="find")
    before = box.control.requests()[-1].sequence
    for place in range(30):
        center.find(f"CODE{place % 5}")
    return [seen.fault for seen in box.control.requests(since=before)]


def test_one_seed_decides_every_random_fault(box: RunningSandbox, center: Alreaaiaa) -> None:
    first = run_of_finds(box, center, 7)
    assert set(first) == {"", "drop_before", "status", "garbage"}
    assert run_of_finds(box, center, 7) == first != run_of_finds(box, center, 8)


def test_the_seed_mode_has_quick_faults_of_its_own(box: RunningSandbox, center: Alreaaiaa) -> None:
    box.control.seed_mode(1, 1.0)
    faults = {center.find(f"CODE{place}") and box.control.requests()[-1].fault for place in range(10)}
    assert len(faults) > 3
    box.control.clear_faults()
    assert center.find().status == 200
