"""What the HTTP layer reads out of an answer: strict JSON, exact numbers, how long to wait."""

from __future__ import annotations

from decimal import Decimal

import pytest

from providers.errors import BrokenContract
from providers.http import Answer

STRANGE: dict[str, bytes] = {
    "nothing": b"",
    "HTML": b"<html><body>Sign in</body></html>",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"key": "ok"}'.encode("utf-16"),
    "a key twice": b'{"status": "used", "status": "verified"}',
    "NaN": b'{"price_value": NaN}',
    "Infinity": b'{"price_value": -Infinity}',
    "1e400": b'{"price_value": 1e400}',
    "an exponent that overflows Decimal": b'{"price_value": 1e99999999999999999999}',
    "a zero with an exponent that overflows": b'{"price_value": 0e99999999999999999999}',
    "a thousand digits": b'{"id": ' + b"9" * 1000 + b"}",
    "five thousand digits": b'{"id": ' + b"9" * 5000 + b"}",
    "forty levels": b"[" * 40 + b"]" * 40,
    "a hundred thousand levels": b"[" * 100_000,
    "half a surrogate pair": b'{"name": "\\ud800"}',
    "two values": b"{} {}",
    "a comma too many": b'{"order_id": "TX_123456789",}',
}


@pytest.mark.parametrize("case", STRANGE)
def test_json_that_can_be_read_in_two_ways_or_not_at_all_is_a_broken_contract(case: str) -> None:
    with pytest.raises(BrokenContract) as raised:
        Answer(200, {}, STRANGE[case], 1).json()
    assert raised.value.code == "not_json"


def test_numbers_with_a_point_are_read_as_decimals() -> None:
    assert Answer(200, {}, b'{"a": 10.55, "b": 200, "c": 1e2}', 1).json() == {"a": Decimal("10.55"), "b": 200, "c": 100}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": "999999999"}, 86_400),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:40 GMT", "date": "Sat, 21 Nov 2026 10:00:00 GMT"}, 40),
        ({"retry-after": "Sat, 21 Nov 2026 10:00:40 GMT"}, None),
    ],
)
def test_it_reads_how_long_to_wait(headers: dict[str, str], seconds: int | None) -> None:
    assert Answer(429, headers, b"", 1).retry_after == seconds
