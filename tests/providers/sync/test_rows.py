"""Rows that cannot be read, shapes that change, filters that lie, and rows that come on their own."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from providers.contracts import Page
from providers.errors import Rejected
from providers.models import Account, Drift, Quarantined, SyncRun
from providers.sync import retry_quarantined, store_records
from tests.models import Thing
from tests.providers.sync.conftest import Sync
from tests.providers.sync.shop import Shop, Source, as_bytes, decoded, mirror_now, theirs, thing

BAD_ROWS = {
    "of another shape": thing(50, name=7),
    "with a number that is none": thing(50, price="abc"),
    "too long for its column": thing(50, name="x" * 41),
    "with a NUL": thing(50, name="a\0b"),
    "with half a character": b'{"id":"id-00050","name":"\\ud800","paid":true,"tags":[],"state":"open"}',
    "cut off": b'{"id":"id-00050","name":',
    "no object": b"[1]",
    "without an id": thing(50, id=None),
    "not UTF-8": b'{"id":"id-00050","name":"\xff","paid":true,"tags":[]}',
}


class Tolerant(Source):
    """A client whose decimal errors are ValueErrors, as the contract has it."""

    def decode(self, collection: str, row: bytes) -> Any:
        from decimal import InvalidOperation

        try:
            return decoded(row)
        except InvalidOperation:
            raise ValueError("its price is no number") from None


@pytest.mark.parametrize("bad", BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_set_apart_and_the_rest_is_kept(sync: Sync, shop: Shop, bad: Any) -> None:
    shop.rows.insert(12, bad)
    run = sync(Tolerant(shop.page))
    assert (run.status, run.reasons, run.quarantined, run.complete) == ("amber", ["quarantined"], 1, True)
    assert len(mirror_now()) == 35
    row = Quarantined.objects.get()
    assert row.error
    assert b"thing" not in bytes(row.sealed_row)


@pytest.mark.parametrize("bad", BAD_ROWS.values(), ids=BAD_ROWS)
def test_one_that_they_removed_leaves_when_two_complete_runs_have_missed_it(sync: Sync, shop: Shop, bad: Any) -> None:
    shop.rows.insert(12, bad)
    sync(Tolerant(shop.page))
    del shop.rows[12]
    assert sync(Tolerant(shop.page)).quarantined in (0, 1)  # one without a name counts as mended at once
    run = sync(Tolerant(shop.page))
    assert (run.status, run.quarantined) == ("green", 0)


@pytest.mark.parametrize("bad", BAD_ROWS.values(), ids=BAD_ROWS)
def test_it_is_counted_once_and_leaves_when_it_is_mended(sync: Sync, shop: Shop, bad: Any) -> None:
    shop.rows.insert(12, bad)
    sync(Tolerant(shop.page)), sync(Tolerant(shop.page))
    assert Quarantined.objects.count() == 1
    shop.rows[12] = thing(50)
    run = sync(Tolerant(shop.page))
    assert (run.status, run.quarantined) == ("green", 0)
    assert Quarantined.objects.get().resolved_at
    assert mirror_now() == theirs(shop)


def test_a_row_that_turns_bad_stays_as_it_was_and_is_not_gone(sync: Sync, shop: Shop) -> None:
    sync()
    good, shop.rows[3] = shop.rows[3], thing(32, name=7)
    for _night in range(3):
        assert sync().gone == 0
    assert mirror_now()["id-00032"] == good
    shop.rows[3] = good  # back to what we have: nothing to write, and nothing to complain of
    run = sync()
    assert (run.status, run.changed) == ("green", 0)


def test_a_row_without_a_name_may_be_the_missing_one(sync: Sync, shop: Shop) -> None:
    sync()
    shop.rows[3] = thing(32, id=None)
    for _night in range(3):
        assert sync().gone == 0
    assert "id-00032" in mirror_now()


def test_a_person_has_bad_rows_read_again(sync: Sync, shop: Shop) -> None:
    shop.rows[3] = thing(32, name=7)
    sync()

    class Taught(Source):
        def decode(self, collection: str, row: bytes) -> Any:
            return decoded(row.replace(b'"name": 7', b'"name": "seven"'))

    rows = Quarantined.objects.all()
    assert retry_quarantined(rows, timezone.now(), Source(shop.page)) == (0, 1)
    assert retry_quarantined(rows, timezone.now(), Taught(shop.page)) == (1, 0)
    assert Thing.objects.get(external_id="id-00032").name == "seven"
    assert Quarantined.objects.get().resolved_at


# Shape ------------------------------------------------------------------------------------------------------------------


def test_the_first_reading_learns_the_shape_and_finds_nothing_strange(sync: Sync) -> None:
    assert sync().status == "green"
    assert not Drift.objects.exists()


def test_a_change_of_shape_is_told_once(sync: Sync, shop: Shop) -> None:
    sync()
    shop.rows = [row | {"colour": "red"} for row in shop.rows]
    shop.rows[0] |= {"state": "frozen", "price": 35.5}
    run = sync()
    assert (run.status, run.reasons) == ("amber", ["drift"])
    assert sorted(Drift.objects.values_list("field", "what", "detail")) == [
        ("colour", "new", "text"),
        ("price", "retyped", "text → number"),
        ("state", "word", "frozen"),
    ]
    shop.rows = [row | {"colour": "blue"} for row in shop.rows]
    assert sync().status == "green"


def test_a_field_that_is_missing_from_every_row_is_told(sync: Sync, shop: Shop) -> None:
    sync()
    shop.rows = [{key: value for key, value in row.items() if key != "starts_at"} for row in shop.rows]
    assert sync().reasons == ["drift"]
    assert Drift.objects.get().what == "gone"


# Windows ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def filtered(shop: Shop) -> Source:
    shop.rows = [thing(n, created=f"2025-01-{1 + n % 20:02d}") for n in range(200, 0, -1)]
    shop.honours_since = True
    return Source(shop.page, since="dateMin")


def test_an_ordinary_night_reads_a_window_and_proves_it_by_the_total(sync: Sync, shop: Shop, filtered: Source) -> None:
    whole = sync(filtered)
    assert (whole.full, whole.requests) == (True, 20)
    shop.rows.insert(0, thing(201, created=timezone.now().isoformat()))
    run = sync(filtered)
    assert (run.status, run.full, run.filter_state, run.changed) == ("green", False, "trusted", 1)
    assert run.requests <= 4
    assert run.reported == 201
    assert mirror_now() == theirs(shop)
    assert run.since == (whole.began_at - dt.timedelta(days=2)).astimezone(dt.timezone(dt.timedelta(hours=3))).replace(
        tzinfo=None
    ).isoformat(timespec="seconds")


def test_a_filter_that_is_ignored_is_not_used_and_that_is_said(sync: Sync, shop: Shop, filtered: Source) -> None:
    sync(filtered)
    shop.honours_since = False
    run = sync(filtered)
    assert (run.status, run.full, run.filter_state, run.reasons) == ("green", True, "ignored", ["filter_ignored"])
    assert run.complete


def test_a_filter_that_is_refused_is_not_used(sync: Sync, shop: Shop, filtered: Source) -> None:
    sync(filtered)

    def refused() -> Page:
        raise Rejected("ValidationError")

    shop.instead = {shop.asked + 2: refused}
    assert sync(filtered).reasons == ["filter_ignored"]


def test_a_window_that_does_not_add_up_becomes_a_whole_reading(sync: Sync, shop: Shop, filtered: Source) -> None:
    sync(filtered)
    shop.rows.pop(150)  # out of the window's sight
    run = sync(filtered)
    assert (run.status, run.full, run.complete) == ("green", True, True)
    assert sync(filtered).gone == 1
    assert mirror_now() == theirs(shop)
    assert not sync(filtered).full


def test_a_window_never_buries(sync: Sync, shop: Shop, filtered: Source) -> None:
    sync(filtered)
    shop.rows[150] = thing(999, created="2025-01-01")
    for _night in range(4):
        assert sync(filtered).gone == 0
    assert sync(filtered, full=True).gone == 0
    assert sync(filtered, full=True).gone == 1


def test_once_a_week_all_of_it_is_read(sync: Sync, filtered: Source) -> None:
    runs = [sync(filtered) for _night in range(9)]
    assert [run.full for run in runs] == [True, *[False] * 6, True, False]


# On their own -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def one(account: Account) -> Any:
    def store(name: str, at: dt.datetime) -> int:
        return store_records(account, "things", [decoded(as_bytes(thing(7, name=name)))], at)

    return store


def test_an_older_reading_never_overwrites_a_newer_one(one: Any) -> None:
    now = timezone.now()
    assert one("second", now) == 1
    assert one("first", now - dt.timedelta(seconds=1)) == 0
    assert Thing.objects.get().name == "second"
    assert one("third", now + dt.timedelta(seconds=1)) == 1
    assert Thing.objects.get().name == "third"


def test_nor_does_one_that_a_complete_run_has_overtaken(one: Any, sync: Sync) -> None:
    run = sync()
    assert one("late", run.began_at - dt.timedelta(seconds=1)) == 0
    assert Thing.objects.get(external_id="id-00007").name != "late"


def test_a_page_that_was_asked_for_before_a_refresh_does_not_undo_it(one: Any, sync: Sync, shop: Shop) -> None:
    sync()
    now = timezone.now()
    shop.rows[0] = thing(36)
    shop.before = lambda n: one("fresh", now + dt.timedelta(hours=1)) if n == 6 else None
    sync(now=now)
    assert Thing.objects.get(external_id="id-00007").name == "fresh"


def test_what_a_refresh_stored_is_not_written_again_at_night(one: Any, sync: Sync, shop: Shop) -> None:
    shop.rows = [thing(7)]
    one("thing 7 \\ \t قطعة", timezone.now() - dt.timedelta(days=900))
    run = sync()
    assert (run.status, run.changed) == ("green", 0)


def test_a_bad_record_is_set_apart(one: Any) -> None:
    assert one("x" * 50, timezone.now()) == 0
    assert Quarantined.objects.get().external_id == "id-00007"
    assert not SyncRun.objects.exists()
