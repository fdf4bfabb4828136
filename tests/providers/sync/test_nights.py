"""When the mirrors are read by themselves, the command that reads them now, and what the administration may do."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management.base import CommandError
from django.utils import timezone

from branches.models import Branch, User
from providers import registry
from providers.models import Account, BranchAccount, Drift, Quarantined, SyncRun
from providers.sync import due, nightly, runs_of, standings, sync_nightly
from providers.sync.nightly import night_left
from providers.sync.selectors import row_as_of
from tests.providers.sync.shop import Shop, Source, mirror_now, theirs, thing
from tests.scene import at_once
from tests.terminal import typed

RIYADH = ZoneInfo("Asia/Riyadh")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-11-25T{text}:00").replace(tzinfo=RIYADH)


@pytest.fixture
def connected(account: Account, shop: Shop) -> Iterator[Account]:
    """The registry knows how to read this account's collections."""
    spec = registry.SPECS[account.provider]
    with registry.registered(spec, source=lambda http, account, place: Source(shop.page)):
        yield account


# The night --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "clock", "hours"),
    [
        ("00:00", "23:59", 0),
        ("00:00", "00:10", 0),
        ("00:00", "00:15", 4.75),
        ("00:00", "04:00", 1),
        ("00:00", "05:00", 0),
        ("00:00", "12:00", 0),
        ("05:00", "04:59", 0),
        ("05:00", "06:00", 4),
        ("05:00", "10:00", 0),
    ],
)
def test_the_night_begins_after_the_trading_day_and_ends_before_anybody_comes(
    olaya: Branch, ends: str, clock: str, hours: float
) -> None:
    olaya.day_ends_at = dt.time.fromisoformat(ends)
    assert max(night_left(olaya, at(clock)), dt.timedelta(0)) == dt.timedelta(hours=hours)


def test_what_is_due_names_the_day_that_has_ended(connected: Account) -> None:
    (found,) = due(at("01:00"))
    assert (found.account_id, found.collection, found.day) == (connected.pk, "things", dt.date(2026, 11, 24))
    assert due(at("12:00")) == []


def test_an_account_of_two_branches_waits_until_both_have_their_night(
    connected: Account, maarif: Branch, olaya: Branch
) -> None:
    BranchAccount.objects.create(branch=maarif, account=connected)
    assert not due(at("01:00"))  # in Casablanca it is ten or eleven in the evening
    assert due(at("04:00"))
    maarif.is_active = False
    maarif.save()
    assert due(at("01:00"))


def test_a_branch_or_an_account_that_is_closed_is_left_alone(connected: Account, olaya: Branch) -> None:
    Account.objects.update(is_active=False)
    assert not due(at("01:00"))
    Account.objects.update(is_active=True)
    Branch.objects.update(is_active=False)
    assert not due(at("01:00"))


def test_what_was_read_well_is_not_due_again_that_night(connected: Account, shop: Shop) -> None:
    now = at("01:00")
    (found,) = due(now)
    assert sync_nightly(*found, now=now) == "green"
    assert mirror_now() == theirs(shop)
    assert not due(at("02:00"))
    assert sync_nightly(*found, now=at("02:00")) == ""
    assert due(now + dt.timedelta(days=1))


def test_what_failed_is_tried_again_a_few_times(connected: Account, shop: Shop) -> None:
    shop.total = 99
    now = at("00:30")
    for _n in range(nightly.TRIES):
        (found,) = due(now)
        assert sync_nightly(*found, now=now) == "amber"
        assert not due(now + dt.timedelta(minutes=5))
        now += dt.timedelta(minutes=15)
    assert not due(now)


def test_two_beats_send_two_messages_and_one_run_is_made(connected: Account, shop: Shop) -> None:
    now = at("01:00")
    (found,) = due(now)
    done = at_once([lambda: sync_nightly(*found, now=now)] * 2)
    assert len(done) == 2 and set(done) == {"", "green"}
    assert sync_nightly(*found, now=now) == ""
    assert SyncRun.objects.count() == 1


def test_a_message_of_yesterday_does_nothing(connected: Account) -> None:
    (found,) = due(at("01:00"))
    assert sync_nightly(*found, now=at("01:00") + dt.timedelta(days=1)) == ""
    assert sync_nightly(*found, now=at("12:00")) == ""
    assert not SyncRun.objects.exists()


# The command ------------------------------------------------------------------------------------------------------------


def test_it_says_one_line_a_resource(connected: Account) -> None:
    line = json.loads(typed("sync", "--json"))
    assert line.pop("seconds") >= 0
    assert line == {
        "provider": "alreaaiaa",
        "branch": "olaya",
        "resource": "things",
        "reported": 35,
        "read": 35,
        "changed": 35,
        "gone": 0,
        "quarantined": 0,
        "requests": 4,
        "status": "green",
        "reasons": [],
    }
    assert "green alreaaiaa olaya things: 35 reported" in typed("sync", "alreaaiaa", "--branch", "olaya", "--full")


@pytest.mark.parametrize(("total", "asked", "status"), [(99, 0, 3), (None, 1, 1)])
def test_its_exit_status_says_the_worst(connected: Account, shop: Shop, total: int, asked: int, status: int) -> None:
    from providers.errors import Misconfigured

    def refused() -> Any:
        raise Misconfigured("login_refused")

    shop.total = total
    shop.instead = {1: refused} if asked else {}
    with pytest.raises(SystemExit) as ended:
        typed("sync")
    assert ended.value.code == status


def test_nothing_to_mirror_is_no_failure(account: Account) -> None:
    assert typed("sync") == ""


@pytest.mark.parametrize("words", [["nobody"], ["--branch", "nowhere"], ["--resource", "nothing"], ["afriquia_gaz"]])
def test_what_is_not_there_is_refused(connected: Account, words: list[str]) -> None:
    with pytest.raises(CommandError):
        typed("sync", *words)


# What pages show --------------------------------------------------------------------------------------------------------


def test_a_standing_says_how_fresh_a_collection_is_and_what_waits(
    connected: Account, shop: Shop, olaya: Branch
) -> None:
    (before,) = standings([olaya])
    assert (before.last, before.as_of) == (None, None)
    shop.rows[2] = thing(33, name=7)
    with pytest.raises(SystemExit):
        typed("sync")
    (found,) = standings([olaya])
    assert found.last and found.as_of == found.last.began_at
    assert (found.collection, found.branches, found.unreadable, found.drift) == ("things", (olaya,), 1, 0)
    assert list(runs_of([olaya])) == [found.last]
    old = found.last.began_at - dt.timedelta(days=3)
    assert row_as_of(old, found.as_of) == found.as_of


# The administration -----------------------------------------------------------------------------------------------------


@pytest.fixture
def office(client: Any, admin: User, settings: Any) -> Any:
    client.force_login(admin, backend=settings.AUTHENTICATION_BACKENDS[1])
    session = client.session
    session["proved_at"] = timezone.now().timestamp()
    session.save()
    return client


def test_the_administration_shows_runs_bad_rows_and_changes_of_shape(
    connected: Account, shop: Shop, office: Any
) -> None:
    shop.rows[2] = thing(33, name=7)
    with pytest.raises(SystemExit):
        typed("sync")
    Drift.objects.create(account=connected, collection="things", field="<b>", what="new", first_at=timezone.now())
    for name in ("syncrun", "quarantined", "drift"):
        page = office.get(f"/admin/providers/{name}/")
        assert page.status_code == 200
        assert "<b>" not in page.content.decode() or name != "drift"
    row = Quarantined.objects.get()
    assert "its name is not text" in office.get(f"/admin/providers/quarantined/{row.pk}/change/").content.decode()
