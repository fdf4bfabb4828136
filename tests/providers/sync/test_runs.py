"""A run over pages that come as they should: what is read, what is written, and since when a mirror is what it says."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from providers.models import SyncRun, SyncSeen, SyncTouched
from providers.sync import NoMirror, as_of, sync_collection
from tests.models import Thing
from tests.providers.sync.conftest import Sync
from tests.providers.sync.shop import (
    BRISK,
    Shop,
    Source,
    ThingRecord,
    mirror_now,
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
