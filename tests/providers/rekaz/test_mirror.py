"""The mirror engine reads Rekaz through Rekaz's own client: whatever moves meanwhile, our rows end equal to theirs."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from providers.models import Account
from providers.rekaz.source import OVERLAP
from providers.sandbox.running import RunningSandbox
from reservations.models import Reservation
from tests.providers.rekaz.mirror import (
    COLLECTIONS,
    STEP,
    Read,
    assert_equal,
    generate,
    ours,
    there,
)

# Every collection -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules", [{}, {"envelopes": "documented", "fields": "documented"}], ids=["measured", "documented"]
)
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_collection_becomes_ours_and_a_second_reading_changes_nothing(
    rekaz: Account, twin: RunningSandbox, read: Read, collection: str, rules: dict[str, str]
) -> None:
    twin.control.rules("rekaz", **rules)
    first, second = read(collection, full=True), read(collection, full=True)
    assert (first.status, second.status, second.reasons) == ("green", "green", [])
    assert first.changed == first.read == len(there(twin, collection)) > 0
    assert (second.changed, second.gone, second.read) == (0, 0, first.read)
    assert_equal(rekaz, twin, collection)


def test_pages_that_overlap_cost_few_requests_and_count_each_row_once(
    rekaz: Account, twin: RunningSandbox, read: Read
) -> None:
    generate(twin)
    run = read(full=True)
    total = len(there(twin))
    assert (run.status, run.reported, run.read, run.distinct) == ("green", total, total, total)
    assert run.requests == len(read.asked) == 1 + -(-(total - 100) // STEP)
    assert run.tally["rows"] - total == OVERLAP * (run.requests - 1)


def test_of_a_hundred_changed_one_only_that_one_is_written(rekaz: Account, twin: RunningSandbox, read: Read) -> None:
    read(full=True)
    written = dict(Reservation.objects.values_list("external_id", "seen_at"))
    ids = sorted(key for key, row in there(twin).items() if row["status"] == "Confirmed")[:2]
    for one in ids:
        twin.control.act("rekaz", "touch", id=one, set={"customStatus": "VIP"})
    run = read(full=True)
    assert (run.status, run.changed) == ("green", 2)
    again = dict(Reservation.objects.values_list("external_id", "seen_at"))
    assert {key for key, at in again.items() if written[key] != at} == set(ids)
    assert_equal(rekaz, twin)


# Rows that move while they are read -----------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [1, 2, 3, 5])
def test_rows_that_come_on_top_while_we_read_are_read_too(
    rekaz: Account, twin: RunningSandbox, read: Read, at: int
) -> None:
    generate(twin)
    run = read(full=True, before=lambda n: twin.control.act("rekaz", "insert", count=7) if n == at else None)
    assert run.status == "green"
    assert_equal(rekaz, twin)


@pytest.mark.parametrize("count", [3, 10, 60])
@pytest.mark.parametrize("at", [2, 4])
def test_rows_that_go_while_we_read_hide_no_other(
    rekaz: Account, twin: RunningSandbox, read: Read, at: int, count: int
) -> None:
    generate(twin)
    run = read(full=True, before=lambda n: twin.control.act("rekaz", "delete", count=count) if n == at else None)
    kept = ours(rekaz, "reservations")
    assert set(there(twin)) <= set(kept)  # none is missing, whatever the run says of itself
    assert run.gone == 0
    for _ in range(2):  # what went is buried when two complete readings have not seen it
        assert read(full=True).status == "green"
    assert_equal(rekaz, twin)


def test_rows_that_come_and_go_while_we_read_leave_no_gap_behind(
    rekaz: Account, twin: RunningSandbox, read: Read
) -> None:
    """The total is the same at the end as at the beginning, and the pages have moved all the same."""
    generate(twin)

    def busy(n: int) -> None:
        if n in (2, 5):
            twin.control.act("rekaz", "delete" if n == 2 else "insert", count=25)

    run = read(full=True, before=busy)
    assert set(there(twin)) <= set(ours(rekaz, "reservations")) or run.status != "green"
    for _ in range(3):
        last = read(full=True)
    assert last.status == "green"
    assert_equal(rekaz, twin)


# Filters --------------------------------------------------------------------------------------------------------------


def test_a_filter_that_is_ignored_is_found_out_and_everything_is_read(
    rekaz: Account, twin: RunningSandbox, read: Read
) -> None:
    generate(twin)
    read(full=True)
    run = read()
    assert (run.status, run.reasons, run.filter_state, run.full) == ("green", ["filter_ignored"], "ignored", True)
    assert_equal(rekaz, twin)


def test_a_filter_that_is_honoured_saves_most_of_the_pages(rekaz: Account, twin: RunningSandbox, read: Read) -> None:
    generate(twin, 3000)
    twin.control.rules("rekaz", faithful_filters="on")
    now = timezone.now()
    whole = read(full=True, now=now - dt.timedelta(days=1))
    twin.control.act("rekaz", "insert", count=3)
    run = read(now=now)
    assert (whole.status, run.status, run.reasons) == ("green", "green", [])
    assert (run.filter_state, run.full) == ("trusted", False)
    assert run.requests == len(read.asked)
    assert_equal(rekaz, twin)


# The command ----------------------------------------------------------------------------------------------------------


def command(*words: str) -> tuple[list[dict[str, Any]], int]:
    out, status = StringIO(), 0
    try:
        call_command("sync", *words, "--json", stdout=out, stderr=StringIO())
    except SystemExit as ended:
        status = int(ended.code or 0)
    return [json.loads(line) for line in out.getvalue().splitlines()], status


def test_the_command_tells_a_line_a_resource_and_ends_well(rekaz: Account, twin: RunningSandbox) -> None:
    lines, status = command("rekaz")
    assert status == 0
    assert {line["resource"] for line in lines} == set(COLLECTIONS)
    assert {line["status"] for line in lines} == {"green"}
    for line in lines:
        assert (line["provider"], line["branch"], line["gone"], line["quarantined"]) == ("rekaz", "olaya", 0, 0)
        assert line["read"] == line["changed"] == len(there(twin, line["resource"]))
        assert line["requests"] >= 1


def test_the_command_ends_with_1_when_something_failed(rekaz: Account, twin: RunningSandbox) -> None:
    twin.control.revoke_tokens("rekaz")
    lines, status = command("rekaz", "--resource", "customers")
    assert (status, lines[0]["status"], lines[0]["reasons"]) == (1, "red", ["login_refused"])


def test_the_command_ends_with_3_when_something_is_not_proven(rekaz: Account, twin: RunningSandbox) -> None:
    command("rekaz", "--resource", "reservations", "--full")
    twin.control.act("rekaz", "delete", count=60)
    lines, status = command("rekaz", "--resource", "reservations", "--full")
    assert (status, lines[0]["status"], lines[0]["reasons"]) == (3, "amber", ["far_fewer"])
