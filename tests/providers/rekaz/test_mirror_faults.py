"""Rekaz answers wrong, or a worker dies: no run is green that has not proven it, and nothing is buried that is there."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db.models import F

from providers.contracts import Page
from providers.errors import BrokenContract
from providers.models import Account, SyncRun
from providers.sandbox.running import RunningSandbox
from reservations.models import Reservation
from tests.elsewhere import Elsewhere
from tests.providers.rekaz.mirror import (
    Read,
    assert_equal,
    generate,
)


def lose(page: Page) -> Page:
    return replace(page, rows=page.rows[:-40])


def without_rows(page: Page) -> Page:
    return Page([], page.reported, "")


def test_a_page_that_lost_rows_is_noticed_and_read_again(rekaz: Account, twin: RunningSandbox, read: Read) -> None:
    generate(twin)
    run = read(full=True, instead={3: lose})
    assert (run.status, run.round) == ("green", 2)
    assert_equal(rekaz, twin)


def test_a_page_that_always_loses_rows_never_makes_a_green_run(
    rekaz: Account, twin: RunningSandbox, read: Read
) -> None:
    generate(twin)
    read(full=True)
    run = read(full=True, instead=dict.fromkeys(range(1, 60), lose))
    assert (run.status, run.complete, run.gone) == ("amber", False, 0)
    assert_equal(rekaz, twin)


def test_a_page_that_comes_twice_does_no_harm(rekaz: Account, twin: RunningSandbox, read: Read) -> None:
    generate(twin)
    kept: list[Page] = []

    def remember(page: Page) -> Page:
        kept.append(page)
        return page

    run = read(full=True, instead={2: remember, 3: lambda page: replace(kept[0], next=page.next)})
    assert run.status == "green"
    assert_equal(rekaz, twin)


def test_an_empty_list_with_a_count_buries_nothing(rekaz: Account, twin: RunningSandbox, read: Read) -> None:
    generate(twin)
    read(full=True)
    for _ in range(3):
        run = read(full=True, instead=dict.fromkeys(range(1, 9), without_rows))
        assert (run.status, run.gone) == ("amber", 0)
    assert_equal(rekaz, twin)


def test_an_empty_list_that_says_nought_is_doubted_too(rekaz: Account, twin: RunningSandbox, read: Read) -> None:
    generate(twin)
    read(full=True)
    for _ in range(3):
        run = read(full=True, instead=dict.fromkeys(range(1, 9), lambda page: Page([], 0, "")))
        assert (run.status, run.reasons, run.gone) == ("amber", ["far_fewer"], 0)
    assert_equal(rekaz, twin)


@pytest.mark.parametrize("kind", ["truncated", "html_login", "garbage", "empty"])
def test_an_answer_that_cannot_be_read_is_asked_for_again(
    rekaz: Account, twin: RunningSandbox, read: Read, kind: str
) -> None:
    generate(twin)

    def before(n: int) -> None:
        if n == 3:
            twin.control.fault(kind, provider="rekaz", endpoint="reservations")

    run = read(full=True, before=before)
    assert (run.status, run.round) == ("green", 1)
    assert run.requests == len(read.asked)
    assert_equal(rekaz, twin)


def test_an_answer_that_can_never_be_read_makes_the_run_red(rekaz: Account, twin: RunningSandbox, read: Read) -> None:
    def broken(page: Page) -> Page:
        raise BrokenContract("unreadable")

    run = read(full=True, instead=dict.fromkeys(range(1, 9), broken))
    assert (run.status, run.reasons, run.complete) == ("red", ["page_failed"], False)


def test_a_login_that_is_refused_in_the_middle_makes_the_run_red_and_buries_nothing(
    rekaz: Account, twin: RunningSandbox, read: Read
) -> None:
    generate(twin)
    read(full=True)
    run = read(full=True, before=lambda n: twin.control.revoke_tokens("rekaz") if n == 3 else None)
    assert (run.status, run.reasons, run.gone, run.complete) == ("red", ["login_refused"], 0, False)
    assert Reservation.objects.filter(gone_at__isnull=True).count() == run.reported


# Workers that die -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", range(1, 7))
def test_a_worker_that_is_killed_at_any_page_is_followed_by_one_that_ends_equal(
    rekaz: Account, twin: RunningSandbox, fresh: Elsewhere, quick: None, page: int
) -> None:
    generate(twin)
    env = {"MIRROR_COLLECTION": "reservations", "DIE_AT_PAGE": str(page)}
    assert fresh.run("mirror_for_real", rekaz.pk, env=env).killed
    assert not SyncRun.objects.exclude(status="running").exists()
    SyncRun.objects.update(lease_until=F("lease_until") - dt.timedelta(minutes=5))
    again = env | {"DIE_AT_PAGE": ""}
    assert fresh.run("mirror_for_real", rekaz.pk, env=again).result == "green"
    run = SyncRun.objects.get()
    assert (run.takeovers, run.reported, run.distinct, run.gone) == (1, run.changed, run.changed, 0)
    assert_equal(rekaz, twin)
