"""The page about the mirrors: what it shows, in which words, and what a manager may do there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from branches.roles import Role
from providers.models import Drift, SyncDeed, SyncRun
from providers.orders import order_sync, orders_waiting, sync_ordered
from providers.sync import collections_of
from reservations.models import Horizon
from tests.web.mirrors import Mirrored, mirrored_at, run_of
from tests.web.test_queries import MOST, questions
from tests.web.world import World

MOST_OF_MIRRORS = MOST + 4  # of each collection: two runs, what is unreadable, drifted, ordered; and what people did
READ = SyncDeed.Deed.READ


@pytest.fixture
def mirrored(world: World) -> Mirrored:
    return mirrored_at(world.ours.branch)


@pytest.fixture
def manager(world: World, mirrored: Mirrored) -> Client:
    client = world.client("manager")
    client.cookies["django_language"] = "en"
    return client


def page_of(client: Client, language: str = "en") -> str:
    client.cookies["django_language"] = language
    response = client.get("/sync/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_it_says_how_each_collection_stands_and_why(manager: Client) -> None:
    page = page_of(manager)
    assert "18,204" in page
    assert "The provider refused this login, or does not have this collection." in page
    assert "Far fewer rows than the last time." in page
    assert "Their filter by time has no effect" in page
    assert "Never read" in page
    assert "loyaltyTier" in page


def test_a_reading_in_progress_is_shown_and_polled_and_a_quiet_page_is_not(manager: Client, mirrored: Mirrored) -> None:
    assert 'hx-trigger="every 2s"' not in page_of(manager)
    run_of(mirrored.account, "attendances", "running", reported=1000, read=250)
    page = page_of(manager)
    assert 'hx-trigger="every 2s"' in page
    assert 'http-equiv="refresh"' in page  # without scripts
    assert "250 of 1,000" in page
    assert 'max="1000" value="250"' in page


def test_a_poll_brings_the_table_with_its_buttons_and_no_frame(
    manager: Client, world: World, mirrored: Mirrored
) -> None:
    world.ours.branch.shows_hijri = True
    world.ours.branch.save()
    run_of(mirrored.account, "attendances", "running", reported=1000, read=250)
    answer = manager.get("/sync/", headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert answer.status_code == 200 and part.lstrip().startswith('<div id="mirrors"')
    assert "250 of 1,000" in part and "Read now" in part and "<html" not in part


@pytest.mark.parametrize("language", ["ar", "en", "fr"])
def test_it_reads_in_every_language(manager: Client, language: str) -> None:
    page = page_of(manager, language)
    assert f'<html lang="{language}"' in page
    assert (language == "en") == ("Read all now" in page)


def test_an_empty_branch_is_told_so(world: World) -> None:
    assert "has data that we copy" in page_of(world.client("manager"))


def test_who_may_only_look_has_no_buttons(world: World, mirrored: Mirrored) -> None:
    page = page_of(world.client("supervisor"))
    assert "Read all now" not in page
    assert "Try 1 unreadable row again" not in page


def test_it_asks_few_questions_however_many_runs_there_were(manager: Client, mirrored: Mirrored) -> None:
    before = len(questions(manager.get, "/sync/")[1])
    for name in collections_of(mirrored.account) * 20:
        run_of(mirrored.account, name, "green", complete=True)
    _response, asked = questions(manager.get, "/sync/")
    assert len(asked) == before
    assert len(asked) <= MOST_OF_MIRRORS, asked


# What a manager may do ------------------------------------------------------------------------------------------------


def order(client: Client, mirrored: Mirrored, collection: str = "attendances") -> int:
    return int(client.post(f"/sync/{mirrored.account.pk}/{collection}/now/").status_code)


def test_a_reading_is_asked_for_once_however_often_the_button_is_pressed(
    manager: Client, world: World, mirrored: Mirrored
) -> None:
    assert [order(manager, mirrored) for _ in range(3)] == [302, 302, 302]
    row = SyncDeed.objects.get(deed=READ)
    assert (row.by, row.collection, row.waits) == (world.people["manager"], "attendances", True)
    assert "Will be read" in page_of(manager)
    assert list(orders_waiting()) == [row.pk]


def test_what_is_being_read_is_not_asked_for(manager: Client, mirrored: Mirrored) -> None:
    run_of(mirrored.account, "attendances", "running")
    assert order(manager, mirrored) == 302
    assert not SyncDeed.objects.exists()


def test_all_of_them_at_once(manager: Client, mirrored: Mirrored) -> None:
    assert manager.post("/sync/now/").status_code == 302
    assert set(SyncDeed.objects.values_list("collection", flat=True)) == set(collections_of(mirrored.account))


def test_a_collection_that_nobody_has_is_not_found(manager: Client, mirrored: Mirrored) -> None:
    assert order(manager, mirrored, "nonsense") == 404


def test_an_order_that_nobody_wants_any_more_is_dropped(world: World, mirrored: Mirrored) -> None:
    now = timezone.now()
    assert order_sync(mirrored.account, "customers", world.people["manager"], now)
    [key] = orders_waiting()
    SyncDeed.objects.update(at=F("at") - dt.timedelta(hours=2))
    assert [sync_ordered(key, now=now), sync_ordered(key, now=now)] == ["", ""]
    assert not orders_waiting()


def test_unreadable_rows_are_tried_again_and_it_is_written_down(manager: Client, mirrored: Mirrored) -> None:
    assert manager.post(f"/sync/{mirrored.account.pk}/subscriptions/retry/").status_code == 302
    assert SyncDeed.objects.get().detail == "0/1"


def test_a_smaller_collection_is_accepted_by_somebody_who_has_proved_who_she_is(
    manager: Client, world: World, mirrored: Mirrored
) -> None:
    path = f"/sync/runs/{mirrored.doubtful.pk}/accept/"
    assert [manager.post(path).status_code, manager.post(path).status_code] == [302, 302]
    assert SyncRun.objects.get(pk=mirrored.doubtful.pk).complete
    assert [row.by for row in SyncDeed.objects.all()] == [world.people["manager"]]  # once


def test_a_change_of_shape_is_taken_note_of(manager: Client, world: World, mirrored: Mirrored) -> None:
    assert manager.post(f"/sync/shapes/{mirrored.drift.pk}/note/").status_code == 302
    assert Drift.objects.get().acknowledged_by == world.people["manager"]
    assert 'loyaltyTier</bdi> · <bdi dir="auto">' not in page_of(manager)
    assert SyncDeed.objects.get().deed == SyncDeed.Deed.NOTE


def test_the_receptionist_is_kept_out(world: World) -> None:
    assert world.client(Role.RECEPTIONIST.value).get("/sync/").status_code == 403


# How far ahead --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "words"), [(3, "This is less than 7 days ahead"), (30, "Bookable until")])
def test_the_bookable_horizon_is_shown_with_an_alarm_when_it_is_short(
    manager: Client, world: World, days: int, words: str
) -> None:
    now = timezone.now()
    row: dict[str, Any] = {"until": now + dt.timedelta(days), "found_at": now, "tried_at": now}
    Horizon.objects.create(branch=world.ours.branch, **row)
    page = page_of(manager)
    assert words in page
    assert ("t-checking" in page.partition("Bookable until")[0][-200:]) == (days < 7)
