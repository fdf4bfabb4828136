"""Workers that die, two that come at once, and a database that restarts: the mirror ends equal to the source, once."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from providers.contracts import Page
from providers.models import Account, SyncRun, SyncSeen
from providers.sync import Busy, Superseded, sync_collection
from providers.sync.runs import begin
from tests.elsewhere import ROOT, Elsewhere
from tests.models import Thing
from tests.providers.sync.conftest import Sync
from tests.providers.sync.shop import BRISK, Shop, Source, at_request, mirror_now, served, theirs, thing
from tests.scene import at_once, in_thread

pytestmark = pytest.mark.usefixtures("quick")
CRASH = "tests/providers/sync/in_a_crash.py"
NOT_FOR_OTHERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "WASL_TEST_APP_URL")  # where our services are


def expire() -> None:
    """As if the dead worker's lease had run out."""
    SyncRun.objects.filter(status="running").update(lease_until=F("lease_until") - dt.timedelta(minutes=5))


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5, 6, 7])
def test_a_worker_that_is_killed_at_any_page_is_followed_by_one_that_goes_on_there(
    account: Account, shop: Shop, fresh: Elsewhere, page: int
) -> None:
    shop.rows = [thing(n) for n in range(65, 0, -1)]
    with served(shop) as url:
        shop.before = at_request(page, shop.kill)
        assert fresh.run("mirror", account.pk, env={"MIRROR_URL": url}).killed
        kept = Thing.objects.count()
        shop.before = lambda n: None
        asked = shop.asked
        assert fresh.run("mirror", account.pk, env={"MIRROR_URL": url}).result == "busy"
        expire()
        assert fresh.run("mirror", account.pk, env={"MIRROR_URL": url}).result == "green"
    run = SyncRun.objects.get()
    assert (run.takeovers, run.reported, run.distinct, run.changed) == (1, 65, 65, 65)
    assert mirror_now() == theirs(shop)
    assert shop.asked - asked == 7 - kept // 10  # what was saved is not read again
    assert not SyncSeen.objects.exclude(run=run).exists()


def test_killed_again_and_again_it_still_ends_as_one_run(account: Account, shop: Shop, fresh: Elsewhere) -> None:
    with served(shop) as url:
        shop.before = lambda n: shop.kill() if n % 3 == 0 and n < 12 else None
        while fresh.run("mirror", account.pk, env={"MIRROR_URL": url}).killed:
            expire()
    assert SyncRun.objects.get().status == "green"
    assert mirror_now() == theirs(shop)


def test_rows_that_moved_while_nobody_read_are_noticed(account: Account, shop: Shop, fresh: Elsewhere) -> None:
    with served(shop) as url:
        shop.before = at_request(4, shop.kill)
        assert fresh.run("mirror", account.pk, env={"MIRROR_URL": url}).killed
        shop.before = lambda n: None
        del shop.rows[:3]  # the next page begins three rows too low
        expire()
        assert fresh.run("mirror", account.pk, env={"MIRROR_URL": url}).result == "green"
    assert SyncRun.objects.get().round == 2
    assert set(theirs(shop)) <= set(mirror_now())


def test_a_run_whose_memory_a_crash_of_the_database_took_begins_its_round_anew(
    account: Account, shop: Shop, fresh: Elsewhere
) -> None:
    with served(shop) as url:
        shop.before = at_request(4, shop.kill)
        assert fresh.run("mirror", account.pk, env={"MIRROR_URL": url}).killed
        SyncSeen.objects.all().delete()  # what a crash does to an unlogged table
        shop.before = lambda n: None
        expire()
        assert fresh.run("mirror", account.pk, env={"MIRROR_URL": url}).result == "green"
    assert shop.starts[-4:] == [("", ""), ("10", ""), ("20", ""), ("30", "")]
    assert mirror_now() == theirs(shop)


def test_two_workers_at_once_read_it_once(account: Account, shop: Shop) -> None:
    gate = threading.Barrier(2)

    def work() -> str:
        source = Source(shop.page)
        gate.wait(20)
        return str(sync_collection(account, "things", now=timezone.now(), source=source, pace=BRISK).status)

    shop.before = lambda n: threading.Event().wait(0.05)
    done = at_once([work, work])
    assert sorted(type(found).__name__ for found in done) == ["Busy", "str"]
    assert shop.asked == 4
    assert mirror_now() == theirs(shop)


def test_many_that_begin_in_the_same_moment_are_one(account: Account) -> None:
    lease = dt.timedelta(seconds=30)
    done = at_once([lambda: begin(account, "things", whole=False, lease=lease, now=timezone.now())] * 8)
    assert sorted(type(found).__name__ for found in done) == [*["Busy"] * 7, "SyncRun"]


def test_many_that_take_over_a_dead_one_in_the_same_moment_are_one(account: Account) -> None:
    lease = dt.timedelta(seconds=30)
    begin(account, "things", whole=False, lease=lease, now=timezone.now())
    expire()
    done = at_once([lambda: begin(account, "things", whole=False, lease=lease, now=timezone.now())] * 8)
    assert sorted(type(found).__name__ for found in done) == [*["Busy"] * 7, "SyncRun"]


def test_a_worker_that_was_taken_for_dead_writes_nothing_more(account: Account, shop: Shop, sync: Sync) -> None:
    other: list[Any] = []

    def again() -> SyncRun:
        return sync_collection(account, "things", now=timezone.now(), source=Source(shop.page), pace=BRISK)

    def overtaken(n: int) -> None:
        if n != 3:
            return
        while not other or isinstance(other[-1], Busy):  # the first one may be saving its last page yet
            expire()
            in_thread(again, other).join(30)

    shop.before = overtaken
    with pytest.raises(Superseded):
        sync(now=timezone.now())
    assert other[-1].status == "green"
    assert SyncRun.objects.get().takeovers == 1
    assert mirror_now() == theirs(shop)


def test_its_lease_is_renewed_while_a_page_is_slow(account: Account, shop: Shop, sync: Sync) -> None:
    import dataclasses

    busy: list[Any] = []

    def slow(n: int) -> None:
        if n != 2:
            return
        threading.Event().wait(1.5)  # longer than the lease
        other = Source(shop.page)
        now = timezone.now()
        in_thread(lambda: sync_collection(account, "things", now=now, source=other, pace=BRISK), busy).join(30)

    shop.before = slow
    assert sync(pace=dataclasses.replace(BRISK, lease=1.0)).status == "green"
    assert [type(found) for found in busy] == [Busy]


def test_a_database_that_throws_everybody_out_is_waited_for(shop: Shop, sync: Sync) -> None:
    def throw_out(n: int) -> None:
        if n in (2, 3, 4):
            with connection.cursor() as cursor:  # of the thread that asks for pages
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'keep'"
                )

    shop.before = throw_out
    run = sync()
    assert (run.status, run.changed) == ("green", 35)
    assert mirror_now() == theirs(shop)


def test_a_database_that_crashes_in_the_middle_is_waited_for(tmp_path: Path) -> None:
    """In a PostgreSQL of its own: the other tests use theirs, and theirs forgets what it has just committed."""
    ours = {name: value for name, value in os.environ.items() if name not in NOT_FOR_OTHERS}
    env = ours | {"WASL_VAR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    told = [
        sys.executable,
        "-P",
        "-m",
        "config.embedded",
        "--",
        sys.executable,
        "-P",
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:xdist",
    ]
    done = subprocess.run([*told, CRASH], cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout[-3000:] + done.stderr[-1000:]


def test_a_key_pressed_at_the_terminal_ends_the_run_amber(account: Account, shop: Shop) -> None:
    def pressed() -> Page:
        raise KeyboardInterrupt

    shop.instead = {3: pressed}
    with pytest.raises(KeyboardInterrupt):
        sync_collection(account, "things", now=timezone.now(), source=Source(shop.page), pace=BRISK)
    run = SyncRun.objects.get()
    assert (run.status, run.reasons) == ("amber", ["stopped"])
