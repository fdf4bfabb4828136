"""The documentation's own requests, answered as the documentation answers them."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest

from providers.sandbox.box import RIYADH
from providers.sandbox.running import RunningSandbox
from tests.providers.sandbox import documented
from tests.providers.sandbox.wire import Alreaaiaa, Reply, ask

# Bound to the day, or counted by the provider: here only the shape can agree.
MOVING = {"expiry_date", "start_date", "end_date", "created_at", "updated_at", "token", "order_id"}


def shape_of(value: Any) -> str:
    return re.sub(r"\d", "9", value) if isinstance(value, str) else type(value).__name__


def comparable(content: Any, name: str = "") -> Any:
    """Pairs instead of objects, so that the order of keys counts."""
    if isinstance(content, dict):
        return [(key, comparable(value, key)) for key, value in content.items()]
    if isinstance(content, list):
        return [comparable(item) for item in content]
    return ("shape", shape_of(content)) if name in MOVING - {"token"} else content


def assert_as_documented(reply: Reply, answer: str) -> None:
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert comparable(reply.json) == comparable(json.loads(answer))


@pytest.mark.parametrize(
    ("request_body", "answer"),
    [
        (documented.FIND, documented.FIND_ANSWER),
        (documented.FIND_AHMAD, documented.FIND_AHMAD_ANSWER),
        (documented.FIND_USED, documented.FIND_USED_ANSWER),
        (documented.FIND_EXPIRED, documented.FIND_EXPIRED_ANSWER),
        (documented.FIND_UNKNOWN, documented.UNKNOWN_ANSWER),
    ],
    ids=["verified", "another verified", "used", "expired", "unknown"],
)
def test_it_finds_what_the_documentation_finds(center: Alreaaiaa, request_body: str, answer: str) -> None:
    assert_as_documented(center.find_with(request_body), answer)


@pytest.mark.parametrize(
    ("request_body", "answer"),
    [
        (documented.USE, documented.USE_ANSWER),
        (documented.USE_AHMAD, documented.USE_AHMAD_ANSWER),
        (documented.USE_UNKNOWN, documented.UNKNOWN_ANSWER),
    ],
    ids=["verified", "another verified", "unknown"],
)
def test_it_marks_used_what_the_documentation_marks_used(center: Alreaaiaa, request_body: str, answer: str) -> None:
    assert_as_documented(center.use(request_body), answer)


def test_it_gives_the_order_number_of_the_documentation_to_the_first_voucher_used(center: Alreaaiaa) -> None:
    assert center.use(documented.USE).json["data"]["order_id"] == 75131
    assert center.use(documented.USE_AHMAD).json["data"]["order_id"] == 75132


def test_it_logs_in_as_documented_with_a_token_that_looks_like_theirs(box: RunningSandbox) -> None:
    answer = ask(box.base_url("alreaaiaa") + "/getAuthToken", documented.LOGIN).json
    token = answer["data"].pop("token")
    expected = json.loads(documented.LOGIN_ANSWER)
    expected["data"].pop("token")
    assert comparable(answer) == comparable(expected)
    assert re.fullmatch(r"eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9\.[\w-]+\.[\w-]{43}", token)


def test_it_does_not_forgive_the_invisible_mark_in_the_documented_email(box: RunningSandbox) -> None:
    reply = ask(box.base_url("alreaaiaa") + "/getAuthToken", documented.LOGIN_WITH_MARK)
    assert (reply.json["key"], reply.json["data"]) == ("fail", None)


def test_it_lets_verified_vouchers_run_for_thirty_more_days(center: Alreaaiaa) -> None:
    today = dt.datetime.now(RIYADH).date()
    for body in (documented.FIND, documented.FIND_AHMAD):
        assert center.find_with(body).json["data"]["expiry_date"] == (today + dt.timedelta(30)).isoformat()
    assert center.find_with(documented.FIND_EXPIRED).json["data"]["expiry_date"] < today.isoformat()


def test_it_stamps_a_use_with_the_time_in_riyadh(center: Alreaaiaa) -> None:
    stamp = center.use().json["data"]["updated_at"]
    written = dt.datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S").replace(tzinfo=RIYADH)
    assert abs(dt.datetime.now(RIYADH) - written) < dt.timedelta(seconds=5)
