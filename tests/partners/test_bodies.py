"""Bodies and queries that are wrong get a clear no in one shape, in three languages, and nothing is done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from providers.models import Account, Operation
from tests.partners.caller import Caller
from vouchers.models import Lookup

pytestmark = pytest.mark.usefixtures("account")
MEMBERS = {"type", "title", "status", "code", "detail", "field_errors", "trace_id"}
DEEP = "[" * 21 + "]" * 21

MALFORMED = {
    "not JSON": (b"{", 400, "malformed"),
    "nothing but a word": (b"verify", 400, "malformed"),
    "NaN": (b'{"paid": NaN}', 400, "not_a_number"),
    "Infinity": (b'{"paid": -Infinity}', 400, "not_a_number"),
    "a name twice": (b'{"branch": "olaya", "branch": "nakheel"}', 400, "duplicate_name"),
    "a name twice, deep inside": (b'{"a": [{"b": 1, "b": 2}]}', 400, "duplicate_name"),
    "not UTF-8": (b'{"branch": "\xff"}', 400, "not_utf8"),
    "half a surrogate pair": (b'{"branch": "\\ud800"}', 400, "malformed"),
    "too deep": (f'{{"codes": {DEEP}}}'.encode(), 400, "too_deep"),
    "brackets without end": (b"[" * 100_000, 400, "too_deep"),
    "a number of a thousand digits": (b'{"paid": ' + b"9" * 1000 + b"}", 400, "malformed"),
    "too large": (b'{"branch": "' + b"a" * 256 * 1024 + b'"}', 413, "body_too_large"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_body_that_cannot_be_read_is_refused(shop: Caller, name: str) -> None:
    content, status, code = MALFORMED[name]
    answer = shop.post("redemptions", content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == MEMBERS and answer.headers["Content-Type"] == "application/problem+json"
    assert not Operation.objects.exists() and not Lookup.objects.exists()


def test_brackets_in_text_are_not_deep(shop: Caller, sale: Any) -> None:
    answer = shop.post("redemptions", sale | {"external_ref": "[" * 60, "currency": "MAD"})
    assert answer.status_code == 422, answer.content


WRONG = {
    "an unknown field": ({"tenant_id": 1}, "tenant_id", "unknown_field"),
    "a state of its own": ({"state": "succeeded"}, "state", "unknown_field"),
    "no list": ({"codes": "VCL6C5944NO4058"}, "codes", "not_a_list"),
    "an empty list": ({"codes": []}, "codes", "min_length"),
    "a number for a code": ({"codes": [12345]}, "codes.0", "invalid"),
    "a boolean for money": ({"paid": True}, "paid", "invalid"),
    "text for money": ({"paid": "much"}, "paid", "invalid"),
    "less than nothing": ({"paid": "-1"}, "paid", "min_value"),
    "a third digit": ({"paid": "1.001"}, "paid", "max_decimal_places"),
    "too much": ({"services_total": "99999999999.00"}, "services_total", "max_digits"),
    "a list for a word": ({"branch": ["olaya"]}, "branch", "invalid"),
    "null": ({"branch": None}, "branch", "null"),
    "NUL": ({"external_ref": "a\u0000b"}, "external_ref", "null_characters_not_allowed"),
    "too long": ({"external_ref": "a" * 81}, "external_ref", "max_length"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_field_that_is_wrong_is_named_with_its_code(shop: Caller, sale: Any, name: str) -> None:
    change, field, code = WRONG[name]
    answer = shop.post("redemptions", sale | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid"), answer.content
    assert (field, code) in {(one["field"], one["code"]) for one in answer.json()["field_errors"]}, answer.content
    assert not Operation.objects.exists()


def test_a_field_that_is_missing_is_named(shop: Caller, sale: Any) -> None:
    del sale["codes"]
    [problem] = shop.post("redemptions", sale).json()["field_errors"]
    assert problem == {"field": "codes", "code": "required", "detail": "This is needed."}


def test_a_list_is_no_body(shop: Caller) -> None:
    assert shop.post("redemptions", []).json()["code"] == "invalid"


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_what_is_not_json_is_415(shop: Caller, kind: str) -> None:
    answer = shop.post("redemptions", b"--x--", **{"Content-Type": kind})
    assert answer.status_code in (400, 415) and set(answer.json()) == MEMBERS


def test_the_sentence_comes_in_the_language_that_was_asked_for(shop: Caller) -> None:
    said = {}
    for wanted, language in {"ar-SA,en;q=0.5": "ar", "fr": "fr", "de": "en", "": "en", "*": "en"}.items():
        shop.language = wanted
        answer = shop.post("redemptions", b"{")
        assert answer.headers["Content-Language"] == language and "Accept-Language" in answer.headers["Vary"]
        said[language] = answer.json()["detail"]
    assert said["en"] == "The body is not JSON that we can read."


@pytest.mark.parametrize("key", ["short", "a" * 256, "with a space in it", "with-ümlaut-000000"])
def test_an_idempotency_key_that_is_none_is_refused(shop: Caller, sale: Any, key: str) -> None:
    assert shop.post("redemptions", sale, once=key).json()["code"] == "idempotency_key_invalid"
    assert shop.post("redemptions", sale, once=None).json()["code"] == "idempotency_key_missing"


QUERIES = {
    "an unknown name": ("redemptions?page=2", "page", "unknown_field"),
    "a name twice": ("redemptions?limit=1&limit=2", "limit", "repeated"),
    "a limit above 200": ("redemptions?limit=201", "limit", "max_value"),
    "no number": ("redemptions?limit=many", "limit", "invalid"),
    "a cursor of nobody": ("redemptions?cursor=e30", "cursor", "cursor_invalid"),
    "no cursor": ("redemptions?cursor=", "cursor", "blank"),
    "no moment": ("redemptions?changed_since=yesterday", "changed_since", "invalid"),
    "no status": ("redemptions?status=fine", "status", "invalid_choice"),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_that_is_wrong_is_named_with_its_code(shop: Caller, name: str) -> None:
    address, field, code = QUERIES[name]
    answer = shop.get(address)
    assert answer.status_code == 400, answer.content
    assert [(one["field"], one["code"]) for one in answer.json()["field_errors"]] == [(field, code)]


@pytest.mark.parametrize(
    "path", ["nothing", "redemptions/", "redemptions/1", "reservations/" + "9" * 40, "customers/0"]
)
def test_an_address_that_does_not_exist_is_a_problem_too(shop: Caller, path: str) -> None:
    answer = shop.get(path)
    assert answer.status_code == 404 and set(answer.json()) == MEMBERS and answer.json()["code"] == "not_found"


def test_every_answer_has_a_trace_and_an_error_says_the_same(shop: Caller, account: Account) -> None:
    first, second = shop.get("branches"), shop.get("nothing")
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"] == json.loads(second.content)["trace_id"]
