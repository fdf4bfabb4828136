"""Answers that came, but cannot be trusted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from providers.sandbox.running import RunningSandbox
from tests.providers.sandbox.wire import VOUCHER, Alreaaiaa, Reply, effects, used_under


def doubled_keys(reply: Reply) -> list[str]:
    doubled: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        doubled.extend(sorted({name for name in names if names.count(name) > 1}))
        return dict(pairs)

    json.loads(reply.body, object_pairs_hook=note)
    return doubled


SPOILED: dict[str, tuple[dict[str, object], Callable[[Reply], bool]]] = {
    "html_login": ({}, lambda reply: reply.status == 200 and b"<form" in reply.body),
    "garbage": ({}, lambda reply: reply.headers["content-type"] == "application/json" and b"not json" in reply.body),
    "empty": ({}, lambda reply: reply.status == 200 and reply.body == b""),
    "truncated": ({}, lambda reply: len(reply.body) == int(reply.headers["content-length"]) // 2),
    "null_data": ({}, lambda reply: reply.json | {"msg": ""} == {"msg": "", "data": None, "key": "success"}),
    "wrong_code": ({}, lambda reply: reply.json["data"]["voucher_code"] != VOUCHER and reply.json["key"] == "success"),
    "huge": ({"megabytes": 1}, lambda reply: len(reply.body) > 2**20 and reply.json["data"]["status"] == "used"),
    "gzip_bomb": ({"megabytes": 3}, lambda reply: len(reply.body) < 10_000 and "gzip" in str(reply.headers)),
    "duplicate_keys": ({}, lambda reply: doubled_keys(reply) == ["data", "key", "msg"]),
    "nan": ({}, lambda reply: b'"price_value":NaN' in reply.body),
    "bad_utf8": ({}, lambda reply: b"\xff\xfe" in reply.body),
    "wrong_types": ({}, lambda reply: isinstance(reply.json, list)),
    "unseen_status": ({}, lambda reply: reply.json["data"]["status"] == "frozen"),
}


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("kind", SPOILED)
def test_a_spoiled_answer_looks_the_same_whether_or_not_it_happened(
    box: RunningSandbox, center: Alreaaiaa, kind: str, after: bool
) -> None:
    parameters, looks_right = SPOILED[kind]
    reply = used_under(box, center, kind, after=after, **parameters)
    assert looks_right(reply)
    assert effects(box) == ([(VOUCHER, "api", kind)] if after else [])


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_numbers_become_what_no_float_can_hold(box: RunningSandbox, center: Alreaaiaa, literal: str) -> None:
    assert f'"price_value":{literal},'.encode() in used_under(box, center, "nan", literal=literal).body


@pytest.mark.parametrize(
    ("how", "looks_right"),
    [
        ("data_list", lambda answer: answer["data"][0]["voucher_code"] == VOUCHER),
        ("data_string", lambda answer: json.loads(answer["data"])["voucher_code"] == VOUCHER),
        ("string_numbers", lambda answer: answer["data"]["price_value"] == "200"),
    ],
)
def test_types_change_in_the_way_that_was_chosen(
    box: RunningSandbox, center: Alreaaiaa, how: str, looks_right: Callable[[Any], bool]
) -> None:
    assert looks_right(used_under(box, center, "wrong_types", how=how).json)


@pytest.mark.parametrize(
    ("shape", "status", "needle"),
    [
        ("envelope", 401, b'"key":"unauthenticated"'),
        ("laravel", 401, b'{"message":"Unauthenticated."}'),
        ("jwt", 401, b"Token Signature could not be verified."),
        ("family_200", 200, b'{"key":"unauthenticated"'),
        ("html", 401, b"<h1>401"),
    ],
)
def test_a_good_token_is_refused_in_the_shape_that_was_chosen(
    box: RunningSandbox, center: Alreaaiaa, shape: str, status: int, needle: bytes
) -> None:
    reply = used_under(box, center, "unauthorized", shape=shape)
    assert reply.status == status
    assert needle in reply.body
    assert effects(box) == []


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_points_elsewhere(box: RunningSandbox, center: Alreaaiaa, status: int) -> None:
    reply = used_under(box, center, "redirect", status=status, to="http://127.0.0.1:1/stolen")
    assert (reply.status, reply.headers["location"]) == (status, "http://127.0.0.1:1/stolen")
