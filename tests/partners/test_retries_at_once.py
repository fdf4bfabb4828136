"""Many Idempotency-Keys, each sent ten times in the same moment: one operation each, one effect each, one answer each."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from partners.models import Asked
from partners.valkey import valkey
from providers.models import Operation
from providers.sandbox.running import RunningSandbox
from tests.partners.caller import Caller
from tests.scene import SLUG, at_once, effects

pytestmark = pytest.mark.usefixtures("account")
KEYS, TIMES, AT_ONCE = int(os.environ.get("WASL_TEST_KEYS") or 4), 10, 2
AGAIN = {202, 409, 503}  # sent once more, as a partner's program does


def persistent(shop: Caller, sale: dict[str, Any], key: str) -> Callable[[], tuple[bytes, set[int]]]:
    def go() -> tuple[bytes, set[int]]:
        met: set[int] = set()
        until = time.monotonic() + 60
        while (answer := Caller(shop.key).post("redemptions", sale, once=key)).status_code in AGAIN:
            met.add(answer.status_code)
            time.sleep(0.1)  # a program's own patience; Retry-After says longer
            assert time.monotonic() < until
        assert answer.status_code == 201, answer.content
        return answer.content, met

    return go


@contextmanager
def forgetful() -> Iterator[None]:
    """Whatever is noted there is gone at once."""
    over = threading.Event()

    def flush() -> None:
        while not over.is_set():
            valkey().flushdb()

    thread = threading.Thread(target=flush)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_each_key_makes_one_operation(
    shop: Caller, workers: None, twin: RunningSandbox, sale: Any, settings: Any
) -> None:
    settings.API_RATE_KEY = settings.API_RATE_ALL = 10_000_000
    codes = [f"VCL6C{n:04}NO7777" for n in range(KEYS)]
    twin.control.put_vouchers(SLUG, *[{"voucher_code": code, "price_value": 200} for code in codes])
    for first in range(0, KEYS, AT_ONCE):
        some = codes[first : first + AT_ONCE]
        works = [
            persistent(shop, sale | {"codes": [code]}, f"key-of-{code}-0000") for code in some for _ in range(TIMES)
        ]
        answers = at_once(works)
        assert all(isinstance(answer, tuple) for answer in answers), answers
        assert len({answer[0] for answer in answers if isinstance(answer, tuple)}) == len(some)
    assert Operation.objects.count() == Asked.objects.count() == KEYS
    assert [len(effects(twin, code)) for code in codes] == [1] * KEYS


def test_without_the_marker_that_keeps_them_apart_the_database_does(
    shop: Caller, workers: None, twin: RunningSandbox, sale: Any, settings: Any
) -> None:
    """Valkey may be flushed at any moment: here it is, all the time."""
    settings.API_RATE_KEY = settings.API_RATE_ALL = 10_000_000
    with forgetful():
        answers = at_once([persistent(shop, sale, "one-key-0000000001") for _ in range(TIMES)])
    assert len({answer[0] for answer in answers if isinstance(answer, tuple)}) == 1, answers
    assert Operation.objects.count() == Asked.objects.count() == 1
    assert len(effects(twin)) == 1
