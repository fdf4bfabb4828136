"""Rows that come and go while they are read, and what must have happened before one of ours is gone."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

from django.utils import timezone

from providers.models import Missing
from providers.sync import store_records
from providers.sync.reviews import accept_smaller
from tests.providers.sync.conftest import Sync
from tests.providers.sync.shop import (
    Shop,
    as_bytes,
    at_request,
    decoded,
    mirror_now,
    theirs,
    thing,
)


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
