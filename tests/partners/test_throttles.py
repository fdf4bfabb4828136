"""Allowances of a key and of all keys; and that nothing opens when what counts them is away."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from branches.models import Branch
from partners.valkey import _connections
from providers.models import Account, Operation
from tests.partners.caller import Caller, caller

AWAY = "redis://127.0.0.1:9/0"  # nobody listens there


def test_every_answer_says_what_is_left(shop: Caller, settings: Any) -> None:
    settings.API_RATE_KEY = 60
    first, second = shop.get("branches"), shop.get("branches")
    assert first.headers["RateLimit-Policy"] == '"key";q=60;w=60'
    left = [int(answer.headers["RateLimit"].partition("r=")[2].partition(";")[0]) for answer in (first, second)]
    assert left[0] > left[1] >= 57


def test_a_question_for_the_head_alone_is_a_question(shop: Caller) -> None:
    answer = shop.client.head("/api/v1/branches", headers={"Authorization": f"Bearer {shop.key}"})
    assert answer.status_code == 200 and not answer.content and answer.headers["RateLimit"]


def test_above_its_allowance_a_key_is_told_when_to_come_again(shop: Caller, nakheel: Branch, settings: Any) -> None:
    settings.API_RATE_KEY = 3
    answers = [shop.get("branches") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "too_many_requests"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 20
    assert answers[3].headers["RateLimit"].startswith('"key";r=0;')
    assert caller(nakheel, partner="other").get("branches").status_code == 200, "another key has its own"


def test_all_keys_together_have_an_allowance_too(shop: Caller, nakheel: Branch, settings: Any) -> None:
    _connections(settings.BROKER_URL).delete("wasl:rate:all")
    settings.API_RATE_ALL = 2
    assert shop.get("branches").status_code == caller(nakheel, partner="other").get("branches").status_code == 200
    assert shop.get("branches").status_code == 429
    settings.API_RATE_ALL = 6000
    _connections(settings.BROKER_URL).delete("wasl:rate:all")


def test_a_request_that_was_refused_takes_nothing(shop: Caller, settings: Any) -> None:
    settings.API_RATE_KEY = 1
    waits = [int(shop.get("branches").headers.get("Retry-After", 0)) for _ in range(5)]
    assert waits[0] == 0 and max(waits) <= 60, "to ask while one has to wait does not make the wait longer"


@pytest.mark.usefixtures("account")
def test_without_the_counter_nothing_is_done_and_the_answer_is_503(shop: Caller, sale: Any, settings: Any) -> None:
    settings.BROKER_URL = AWAY
    for answer in (shop.get("branches"), shop.post("redemptions", sale)):
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["Retry-After"]) > 0
    assert not Operation.objects.exists()


def test_without_the_database_nobody_is_let_in(shop: Caller, account: Account) -> None:
    place = connection.settings_dict
    kept = place["HOST"]
    connection.close()
    place["HOST"] = "/nowhere"
    try:
        answer = shop.get("branches")
    finally:
        connection.close()
        place["HOST"] = kept
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"]


@pytest.mark.usefixtures("account", "workers")
def test_whoever_tries_codes_out_is_stopped_after_ten(shop: Caller, logged: Any) -> None:
    asked = [
        shop.post("vouchers/verify", {"branch": "olaya", "provider": "alreaaiaa", "code": f"VCL6C59{n:02}NO4058"})
        for n in range(11)
    ]
    assert [answer.status_code for answer in asked] == [200] * 10 + [429]
    assert {answer.json()["status"] for answer in asked[:10]} == {"not_found"}
    assert asked[10].json()["code"] == "too_many_unknown_codes" and int(asked[10].headers["Retry-After"]) > 0
    assert "too many unknown codes from the partner shop" in logged()
