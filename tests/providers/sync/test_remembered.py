"""What the last complete reading met is not looked up again, and is never believed when something else has happened since."""

from __future__ import annotations

import datetime as dt
import os
from array import array
from dataclasses import replace
from typing import Any

import hypothesis
from django.utils import timezone
from hypothesis import strategies as st

from providers.errors import Unavailable
from providers.models import Account, Quarantined, SyncRun, SyncSeen, SyncTouched
from providers.sync import store_records, sync_collection
from providers.sync.remembered import STRANGE, Remembered
from providers.sync.rows import raw_hash
from tests.models import Thing
from tests.providers.sync.conftest import Sync
from tests.providers.sync.shop import BRISK, Shop, Source, as_bytes, decoded, mirror_now, theirs, thing

NIGHTS = int(os.environ.get("WASL_NIGHTS", "25"))


def hashes(*numbers: int) -> list[bytes]:
    return [raw_hash(str(n).encode()) for n in numbers]


def remembered(*numbers: int) -> Remembered:
    return Remembered(array("Q", numbers), b"".join(hashes(*numbers)))


# Where rows are found ---------------------------------------------------------------------------------------------------


def test_a_page_as_it_was_is_found_at_once() -> None:
    memory = remembered(*range(1, 31))
    for start in (1, 11, 21):
        assert list(memory.meet(hashes(*range(start, start + 10)))) == list(range(start, start + 10))


def test_rows_that_were_added_changed_or_taken_away_do_not_hide_the_others() -> None:
    memory = remembered(*range(1, 31))
    assert list(memory.meet(hashes(90, 91, 1, 2, 3))) == [STRANGE, STRANGE, 1, 2, 3]
    assert list(memory.meet(hashes(4, 92, 6, 9, 10))) == [4, STRANGE, 6, 9, 10]
    assert list(memory.meet(hashes(11, 12))) == [11, 12]


def test_rows_that_come_again_or_from_far_away_are_found() -> None:
    memory = remembered(*range(1, 5001))
    memory.meet(hashes(1, 2, 3))
    assert list(memory.meet(hashes(2, 3, 4))) == [2, 3, 4]
    assert list(memory.meet(hashes(4000, 4001, 4002, 4003, 4004))) == [*[STRANGE] * 3, 4003, 4004]


def test_what_stands_across_two_hashes_is_no_row() -> None:
    memory = remembered(1, 2, 3)
    across = b"".join(hashes(1, 2, 3))[8:24]
    assert list(memory.meet([across])) == [STRANGE]


def test_another_order_is_given_up_and_costs_little() -> None:
    memory = remembered(*range(1, 20_001))
    found = list(memory.meet(hashes(*range(50_000, 60_000))))
    assert set(found) == {STRANGE}
    assert memory._where(hashes(1)[0]) is not None, "it was not looked for any more, not forgotten"


# A night ----------------------------------------------------------------------------------------------------------------


def test_an_unchanged_night_reads_no_id_and_decodes_nothing(sync: Sync, shop: Shop) -> None:
    sync()

    class Silent(Source):
        def id_of(self, collection: str, row: bytes) -> str:
            raise AssertionError("an id was read")

        def decode(self, collection: str, row: bytes) -> Any:
            raise AssertionError("a row was decoded")

    def without_ids(at: str, since: str) -> Any:
        page = shop.page(at, since)
        return type(page)(page.rows, page.reported, page.next)

    run = sync(Silent(without_ids))
    assert (run.status, run.read, run.changed, run.distinct) == ("green", 35, 0, 35)


def test_a_row_that_was_written_at_the_desk_is_compared_again(sync: Sync, account: Account, shop: Shop) -> None:
    """Theirs is as it was last night; ours is not any more."""
    sync()
    other = as_bytes(thing(20, name="as it was for an hour"))
    store_records(account, "things", [decoded(other)], timezone.now() - dt.timedelta(days=399, hours=12))
    assert Thing.objects.get(external_id="id-00020").name == "as it was for an hour"
    assert sync().changed == 1
    assert mirror_now() == theirs(shop)
    assert not SyncTouched.objects.exists()


def test_a_table_that_somebody_emptied_is_filled_again(sync: Sync, shop: Shop) -> None:
    sync()
    Thing.objects.filter(external_id__in=["id-00020", "id-00021"]).delete()
    run = sync()
    assert (run.status, run.round, run.changed) == ("green", 2, 2)
    assert mirror_now() == theirs(shop)


def test_after_a_crash_took_the_memory_rows_are_compared_one_by_one(sync: Sync, shop: Shop) -> None:
    sync()
    SyncSeen.objects.all().delete()
    SyncTouched.objects.all().delete()
    shop.rows[3] = thing(32, name="other")
    run = sync()
    assert (run.status, run.changed) == ("green", 1)
    assert mirror_now() == theirs(shop)


def test_a_row_that_could_not_be_read_is_tried_again_though_its_bytes_are_the_same(sync: Sync, shop: Shop) -> None:
    shop.rows[3] = thing(32, name=7)
    assert sync().quarantined == 1
    learned = Source(shop.page)
    learned.decode = lambda collection, row: decoded(row.replace(b'"name": 7', b'"name": "7"'))  # type: ignore[method-assign]  # a release that reads it
    run = sync(learned)
    assert (run.status, run.quarantined, run.changed) == ("green", 0, 1)


def test_a_row_whose_old_bytes_come_back_after_a_run_that_failed_is_written(sync: Sync, shop: Shop) -> None:
    sync()
    before = shop.rows[1]
    shop.rows[1] = thing(34, name="for one night")
    shop.instead = dict.fromkeys(range(shop.asked + 2, shop.asked + 9), broken)
    assert sync().status == "red"
    assert Thing.objects.get(external_id="id-00034").name == "for one night"
    shop.rows[1], shop.instead = before, {}
    assert sync().status == "green"
    assert mirror_now() == theirs(shop)


def broken() -> Any:
    raise Unavailable("timed_out")


def test_the_later_of_two_readings_of_one_row_stands_in_the_night_after_too(sync: Sync, shop: Shop) -> None:
    """It is pushed over the seam of two pages and changes on the way; the next night it is as it was before."""
    sync()
    before = shop.rows[9]

    def pushed(n: int) -> None:
        if n == shop_asked + 2:
            shop.rows.insert(0, thing(36))
            shop.rows[10] = thing(26, name="changed on the way")

    shop_asked = shop.asked
    shop.before = pushed
    assert sync().status == "green"
    assert mirror_now() == theirs(shop)
    shop.before = lambda n: None
    shop.rows[10] = before
    assert sync().status == "green"
    assert mirror_now() == theirs(shop)


def test_what_comes_again_as_it_was_last_night_undoes_what_came_before_it(sync: Sync, shop: Shop) -> None:
    """Changed when the first page is read, and as before when it comes again on the second, before anything was saved."""
    sync()
    start, before = shop.asked, shop.rows[9]

    def back_and_forth(n: int) -> None:
        if n == start + 1:
            shop.rows[9] = thing(26, name="for a moment")
        if n == start + 2:
            shop.rows[9] = before
            shop.rows.insert(0, thing(36))

    shop.before = back_and_forth
    assert sync(pace=replace(BRISK, batch=1000, save_every=60)).status == "green"
    assert mirror_now() == theirs(shop)
    shop.before = lambda n: None
    assert sync().changed == 0


def test_only_a_reading_with_a_memory_of_the_one_before_notes_what_it_writes(sync: Sync, shop: Shop) -> None:
    """Without one there is nothing that could become untrue, and a first night writes every row."""
    shop.instead = dict.fromkeys(range(shop.asked + 2, shop.asked + 9), broken)
    assert sync().status == "red"
    assert Thing.objects.exists()
    assert not SyncTouched.objects.exists()
    shop.instead = {}
    assert sync().status == "green"
    shop.rows[1] = thing(34, name="other")
    shop.instead = dict.fromkeys(range(shop.asked + 2, shop.asked + 9), broken)
    assert sync().status == "red"
    assert SyncTouched.objects.count() == 1
    shop.instead = {}
    assert sync().status == "green"
    assert mirror_now() == theirs(shop)


def test_what_failed_to_be_read_in_a_broken_night_is_well_when_it_is_as_before(sync: Sync, shop: Shop) -> None:
    sync()
    before = shop.rows[1]
    shop.rows[1] = thing(34, name=7)
    shop.instead = dict.fromkeys(range(shop.asked + 2, shop.asked + 9), broken)
    assert sync().status == "red"
    assert Quarantined.objects.filter(resolved_at=None).count() == 1
    shop.rows[1], shop.instead = before, {}
    run = sync()
    assert (run.status, run.quarantined) == ("green", 0)


# Random nights ----------------------------------------------------------------------------------------------------------

KINDS = ("change", "back", "add", "remove", "desk", "swap", "spoil", "fail", "push", "night", "night")
deeds = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 40), st.integers(0, 3)), max_size=24)


class Nights:
    """A clinic whose rows change, and our mirror of them."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.shop = Shop([thing(n) for n in range(30, 0, -1)])
        self.now = timezone.now() - dt.timedelta(days=900)
        self.next = 31

    def do(self, kind: str, n: int, version: int) -> None:
        rows = self.shop.rows
        at = n % len(rows) if rows else 0
        if kind == "night" or not rows:
            self.night()
        elif kind in ("change", "back"):
            rows[at] = (
                thing(self._number(at), name=f"version {version}") if kind == "change" else thing(self._number(at))
            )
        elif kind == "add":
            rows.insert(0, thing(self.next))
            self.next += 1
        elif kind == "remove":
            del rows[at]
        elif kind == "swap":
            rows[at], rows[0] = rows[0], rows[at]
        elif kind == "spoil":
            rows[at] = thing(self._number(at), name=version)
        elif kind == "desk":
            self.desk(at, version)
        elif kind == "fail":
            self.night(fails_at=2 + n % 3)
        elif kind == "push":
            self.night(pushed_at=2 + n % 3, version=version)

    def _number(self, at: int) -> int:
        return int(self.shop.rows[at]["id"][3:])

    def desk(self, at: int, version: int) -> None:
        """It changes there, is refreshed here, and may be as before when the night comes."""
        self.now += dt.timedelta(hours=1)
        other = as_bytes(thing(self._number(at), name=f"version {version}"))
        store_records(self.account, "things", [decoded(other)], self.now)

    def night(self, fails_at: int = 0, pushed_at: int = 0, version: int = 0) -> SyncRun:
        start, shop = self.shop.asked, self.shop
        shop.instead = dict.fromkeys(range(start + fails_at, start + fails_at + 9), broken) if fails_at else {}
        shop.before = lambda n: self._push(version) if pushed_at and n == start + pushed_at else None
        self.now += dt.timedelta(days=1)
        run = sync_collection(self.account, "things", full=True, now=self.now, source=Source(shop.page), pace=BRISK)
        shop.instead, shop.before = {}, lambda n: None
        return run

    def _push(self, version: int) -> None:
        self.shop.rows.insert(0, thing(self.next))
        self.next += 1
        at = min(10, len(self.shop.rows) - 1)
        self.shop.rows[at] = thing(self._number(at), name=f"version {version}")


@hypothesis.settings(max_examples=NIGHTS, suppress_health_check=list(hypothesis.HealthCheck), deadline=None)
@hypothesis.given(deeds=deeds)
def test_whatever_happened_before_a_quiet_night_ends_with_the_mirror_equal(
    account: Account, deeds: list[tuple[str, int, int]]
) -> None:
    SyncRun.objects.all().delete(), SyncTouched.objects.all().delete(), Thing.objects.all().delete()
    nights = Nights(account)
    nights.night()
    for deed in deeds:
        nights.do(*deed)
    quiet = [nights.night() for _n in range(2)]
    readable = {name: row for name, row in theirs(nights.shop).items() if isinstance(row["name"], str)}
    there = mirror_now()
    assert {name: there.get(name) for name in readable} == readable, quiet[-1].reasons
    assert quiet[-1].quarantined >= len(nights.shop.rows) - len(readable)
    if all(run.complete for run in quiet):
        assert set(there) <= set(theirs(nights.shop)), "a row that is gone is shown"
