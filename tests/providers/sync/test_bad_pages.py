"""Pages that fail, lie, never end or break off: the mirror ends equal to the source, or the run says that it may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from providers.contracts import Page
from providers.errors import BrokenContract, Misconfigured, Unavailable
from providers.models import Missing
from tests.providers.sync.conftest import Sync
from tests.providers.sync.shop import (
    Raw,
    Shop,
    mirror_now,
    over_the_wire,
    served,
    theirs,
    thing,
)


def raises(error: Exception) -> Callable[[], Page]:
    def broken() -> Page:
        raise error

    return broken


@pytest.mark.parametrize("error", [Unavailable("timed_out"), BrokenContract("not_json")])
def test_a_page_that_fails_is_asked_for_again_and_counted(sync: Sync, shop: Shop, error: Exception) -> None:
    shop.instead = {2: raises(error), 3: raises(error)}
    run = sync()
    assert (run.status, run.requests) == ("green", 6)
    assert mirror_now() == theirs(shop)


def test_a_page_that_fails_again_and_again_ends_the_run_red(sync: Sync, shop: Shop) -> None:
    shop.instead = {n: raises(Unavailable("timed_out", "Too slow.")) for n in (2, 3, 4)}
    run = sync()
    assert (run.status, run.reasons, run.detail) == ("red", ["page_failed"], "timed_out: Too slow.")
    assert sync().status == "green"


def test_a_login_that_is_refused_is_not_tried_again(sync: Sync, shop: Shop) -> None:
    shop.instead = {3: raises(Misconfigured("login_refused"))}
    run = sync()
    assert (run.status, run.reasons, shop.asked) == ("red", ["login_refused"], 3)
    assert len(mirror_now()) >= 10


def test_a_list_that_is_empty_under_a_count_is_no_proof(sync: Sync, shop: Shop) -> None:
    sync()
    shop.instead = dict.fromkeys((5, 6, 7, 8), lambda: Page([], 35, ""))
    run = sync()
    assert (run.status, run.reasons) == ("amber", ["lost"])
    assert len(mirror_now()) == 35
    assert not Missing.objects.exists()


def test_a_page_that_is_lost_is_found_by_a_second_reading(sync: Sync, shop: Shop) -> None:
    shop.instead = {2: lambda: Page([], 35, "20")}
    run = sync()
    assert (run.status, run.round) == ("green", 2)
    assert mirror_now() == theirs(shop)


def test_a_page_that_is_always_lost_leaves_the_run_amber(sync: Sync, shop: Shop) -> None:
    shop.always = lambda at, since: Page([], 35, "20") if at == "10" else shop.honest(at, since)
    assert sync().reasons == ["lost"]


def test_a_page_that_comes_in_place_of_another_is_noticed(sync: Sync, shop: Shop) -> None:
    shop.instead = {3: lambda: Page(shop.honest("10").rows, 35, "30")}
    run = sync()
    assert run.status == "green"
    assert mirror_now() == theirs(shop)


def test_pages_that_never_end_are_left(sync: Sync, shop: Shop) -> None:
    shop.always = lambda at, since: Page([b'{"id":"id-1"}'], 35, "10")
    run = sync()
    assert (run.status, run.reasons) == ("red", ["endless", "quarantined"])


def test_pages_that_always_go_on_are_left(sync: Sync, shop: Shop) -> None:
    shop.always = lambda at, since: Page([], 35, str(int(at or 0) + 10))
    assert sync().reasons == ["endless"]
    assert shop.asked < 60


def test_without_a_total_two_readings_must_agree(sync: Sync, shop: Shop) -> None:
    shop.says_total = False
    assert sync().status == "green"
    shop.before = lambda n: shop.rows.insert(0, thing(100 + n))
    assert sync().reasons == ["no_total"]


def test_without_a_total_one_page_is_all_of_it(sync: Sync, shop: Shop) -> None:
    shop.says_total, shop.rows = False, shop.rows[:5]
    run = sync()
    assert (run.status, run.requests) == ("green", 1)


# The wire ---------------------------------------------------------------------------------------------------------------


def test_all_pages_come_over_one_connection(sync: Sync, shop: Shop) -> None:
    with served(shop) as url:
        source, close, calls = over_the_wire(url)
        run = sync(source)
        close()
    assert (run.status, run.requests, len(calls)) == ("green", 4, 4)
    assert mirror_now() == theirs(shop)
    assert {call.received for call in calls} == {""}  # no page in the journal


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
HALF = b'{"total":35,"items":[{"id":'
CUT = HEAD + b"999\r\n\r\n" + HALF
SHORT = HEAD + b"27\r\n\r\n" + HALF
REFUSED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize(
    "content", [CUT, SHORT, b"", b"HTTP/1.1 502 Bad\r\nConnection: close\r\nContent-Length: 3\r\n\r\n<x>"]
)
def test_a_broken_answer_is_asked_for_again_on_a_new_connection(sync: Sync, shop: Shop, content: bytes) -> None:
    shop.instead = {2: raises(Raw(content))}
    with served(shop) as url:
        source, close, _calls = over_the_wire(url)
        run = sync(source)
        close()
    assert (run.status, run.requests) == ("green", 5)
    assert mirror_now() == theirs(shop)


def test_a_401_in_the_middle_ends_it_at_once(sync: Sync, shop: Shop) -> None:
    shop.instead = {3: raises(Raw(REFUSED))}
    with served(shop) as url:
        source, close, _calls = over_the_wire(url)
        run = sync(source)
        close()
    assert (run.status, run.reasons) == ("red", ["login_refused"])
