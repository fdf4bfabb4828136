"""A run, whatever the provider does while it is read: the mirror ends equal to the source, or the run says that it may not."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from providers.contracts import Page
from providers.errors import BrokenContract, Misconfigured, Unavailable
from providers.models import Missing, SyncRun, SyncSeen, SyncTouched
from providers.sync import NoMirror, as_of, store_records, sync_collection
from providers.sync.reviews import accept_smaller
from tests.models import Thing
from tests.providers.sync.conftest import Sync
from tests.providers.sync.shop import (
    BRISK,
    Raw,
    Shop,
    Source,
    ThingRecord,
    as_bytes,
    at_request,
    decoded,
    mirror_now,
    over_the_wire,
    served,
    theirs,
    thing,
)


class Counting(Source):
    decoded = 0

    def decode(self, collection: str, row: bytes) -> ThingRecord:
        self.decoded += 1
        return super().decode(collection, row)


def versions() -> dict[str, str]:
    """Which version of each row the table holds: a row that was rewritten has another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT external_id, ctid::text || xmin::text FROM tests_thing")
        return dict(cursor.fetchall())


# An ordinary night ------------------------------------------------------------------------------------------------------


def test_everything_is_read_once_and_kept_as_it_came(sync: Sync, shop: Shop) -> None:
    run = sync()
    assert (run.status, run.reported, run.read, run.changed, run.requests) == ("green", 35, 35, 35, 4)
    assert mirror_now() == theirs(shop)
    row = Thing.objects.get(external_id="id-00007")
    assert (row.name, str(row.price), row.is_paid, row.tags) == ("thing 7 \\ \t قطعة", "7.50", False, ["a", "b"])
    assert row.starts_at and row.starts_at.isoformat() == "2026-11-01T09:00:00+00:00"


def test_an_unchanged_night_writes_no_row(sync: Sync) -> None:
    sync()
    before = versions()
    run = sync()
    assert (run.status, run.changed) == ("green", 0)
    assert versions() == before


def test_other_order_of_keys_and_a_key_that_means_nothing_change_nothing(sync: Sync, shop: Shop) -> None:
    sync()
    before = versions()
    shop.rows = [dict(reversed(list((row | {"served_at": "later"}).items()))) for row in shop.rows]
    assert sync().changed == 0
    assert versions() == before


def test_only_what_changed_is_decoded_and_written(sync: Sync, shop: Shop) -> None:
    sync()
    before = versions()
    shop.rows[4] = thing(31, name="another")
    shop.rows.insert(0, thing(36))
    source = Counting(shop.page)
    run = sync(source)
    assert (run.status, run.changed, source.decoded) == ("green", 2, 2)
    assert {name for name, version in versions().items() if before.get(name) != version} == {"id-00031", "id-00036"}
    assert mirror_now() == theirs(shop)


def test_a_collection_that_is_empty_is_complete(sync: Sync, shop: Shop) -> None:
    shop.rows = []
    assert sync().status == "green"


def test_nothing_is_left_of_the_work(sync: Sync) -> None:
    sync()
    run = sync()
    assert set(SyncSeen.objects.values_list("run", flat=True)) == {run.pk}, "more than what the next one compares with"
    assert not SyncTouched.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM providers_staged")
        assert cursor.fetchone() == (0,)


def test_what_nothing_mirrors_is_refused(sync: Sync, account: Any) -> None:
    with pytest.raises(NoMirror):
        sync_collection(account, "others", now=timezone.now())


def test_it_tells_how_far_it_has_come(sync: Sync) -> None:
    told: list[Any] = []
    sync(progress=told.append)
    assert [(found.read, found.reported) for found in told] == [(10, 35), (20, 35), (30, 35), (35, 35)]


# Pages that go wrong ----------------------------------------------------------------------------------------------------


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


# Rows that move between pages -------------------------------------------------------------------------------------------


def test_rows_added_while_it_reads_are_found_on_top(sync: Sync, shop: Shop) -> None:
    def add(n: int) -> None:
        if n in (2, 4):
            shop.rows.insert(0, thing(100 + n))

    shop.before = add
    run = sync()
    assert (run.status, run.reported, run.round) == ("green", 37, 1)
    assert mirror_now() == theirs(shop)


def test_rows_removed_while_it_reads_cost_a_second_reading(sync: Sync, shop: Shop) -> None:
    shop.before = lambda n: shop.rows.pop(0) if n == 3 else None
    run = sync()
    assert (run.status, run.round) == ("green", 2)
    assert set(theirs(shop)) <= set(mirror_now())


def test_rows_that_are_always_being_removed_leave_it_amber(sync: Sync, shop: Shop) -> None:
    shop.before = lambda n: shop.rows.pop(0) if n in (3, 6) else None
    run = sync()
    assert (run.status, run.reasons) == ("amber", ["moved"])


def test_one_added_and_one_removed_is_not_taken_for_nothing_happened(sync: Sync, shop: Shop) -> None:
    def move(n: int) -> None:
        if n == 2:
            del shop.rows[0]
        if n == 3:
            shop.rows.insert(0, thing(200))

    shop.before = move
    run = sync()
    assert run.status == "green"
    assert set(theirs(shop)) <= set(mirror_now())


# Tombstones -------------------------------------------------------------------------------------------------------------


def test_a_row_is_gone_after_two_complete_runs_without_it(sync: Sync, shop: Shop) -> None:
    sync()
    shop.rows.pop(7)
    first = sync()
    assert (first.status, first.gone, len(mirror_now())) == ("green", 0, 35)
    second = sync()
    assert (second.status, second.gone) == ("green", 1)
    assert mirror_now() == theirs(shop)
    assert not Missing.objects.exists()


def test_one_that_comes_back_in_between_was_never_gone(sync: Sync, shop: Shop) -> None:
    sync()
    row = shop.rows.pop(7)
    sync()
    shop.rows.insert(7, row)
    assert sync().gone == 0
    shop.rows.pop(7)
    assert sync().gone == 0
    assert len(mirror_now()) == 35


def test_one_that_comes_back_after_its_tombstone_lives_again(sync: Sync, shop: Shop) -> None:
    sync()
    row = shop.rows.pop(7)
    sync(), sync()
    shop.rows.insert(7, row)
    run = sync()
    assert (run.status, run.changed) == ("green", 1)
    assert mirror_now() == theirs(shop)


def test_an_incomplete_run_in_between_buries_nothing(sync: Sync, shop: Shop) -> None:
    sync()
    shop.rows.pop(7)
    shop.total = 35
    assert sync().reasons == ["lost"]
    assert sync().gone == 0
    assert len(mirror_now()) == 35


def test_a_run_that_saw_far_fewer_buries_nothing_until_a_person_confirms_it(sync: Sync, shop: Shop) -> None:
    sync()
    shop.rows = shop.rows[:20]
    for _night in range(3):
        run = sync()
        assert (run.status, run.reasons, run.gone) == ("amber", ["far_fewer"], 0)
    assert len(mirror_now()) == 35
    assert accept_smaller(run)
    assert sync().gone == 0
    assert sync().gone == 15
    assert mirror_now() == theirs(shop)


def test_a_row_stored_while_it_reads_is_not_missing(sync: Sync, shop: Shop, account: Any) -> None:
    sync()
    late = decoded(as_bytes(thing(500)))
    now = timezone.now()
    for first in (5, 9):
        when = now + dt.timedelta(days=first)
        stored = partial(store_records, account, "things", [late], when + dt.timedelta(seconds=1))
        shop.before = at_request(first, stored)
        assert sync(now=when).gone == 0
    assert "id-00500" in mirror_now()


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


# As of ------------------------------------------------------------------------------------------------------------------


def test_as_of_is_when_the_last_complete_run_began(sync: Sync, shop: Shop, account: Any) -> None:
    assert as_of(account, "things") is None
    good = sync()
    assert as_of(account, "things") == good.began_at
    shop.total = 99
    sync()
    assert as_of(account, "things") == good.began_at


def test_a_run_that_takes_too_long_stops(sync: Sync) -> None:
    run = sync(pace=dataclasses.replace(BRISK, longest=-1.0))
    assert (run.status, run.reasons) == ("amber", ["out_of_time"])
    assert SyncRun.objects.count() == 1
