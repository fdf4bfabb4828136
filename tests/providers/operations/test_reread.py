"""The nightly re-read on an ordinary night, and how it behaves when it is cut short or not answered."""

from __future__ import annotations

import pytest
from django.db import connection, connections
from django.utils import timezone

from providers.models import Discrepancy, Operation, Reread, State
from providers.operations.reread import GIVE_UP, ONE_AT_A_TIME, Busy, Pace, reread
from providers.sandbox.running import RunningSandbox
from tests.scene import SLUG, Desk, finish, in_thread, looks, turn, writes

NOW = Pace(pause=0)
CODES = [f"VCL8C{n:04d}NO{n:04d}" for n in range(12)]


@pytest.fixture
def shelf(twin: RunningSandbox) -> RunningSandbox:
    twin.control.put_vouchers(SLUG, *[{"voucher_code": code, "price_value": 200} for code in CODES])
    return twin


def used(twin: RunningSandbox, *codes: str) -> None:
    """By somebody else: no operation of ours knows of it."""
    twin.control.put_vouchers(SLUG, *[{"voucher_code": code, "status": "used"} for code in codes])


def asked(twin: RunningSandbox) -> int:
    return sum(len(looks(twin, code)) for code in CODES)


def test_it_lists_what_was_left_on_the_desk_and_used_by_somebody_else(desk: Desk, shelf: RunningSandbox) -> None:
    for code in CODES[:3]:
        desk.draft(code)
    used(shelf, CODES[1])
    row = reread(NOW)
    assert (row.read, row.listed, row.failed, row.complete) == (3, 1, 0, True)
    found = Discrepancy.objects.get()
    assert (found.kind, found.operation, found.branch) == ("orphan_effect", None, desk.place.branch)
    assert found.facts["last4"] == CODES[1][-4:]
    assert CODES[1] not in str(found.facts)


def test_what_our_own_redemption_used_needs_no_explanation_and_no_read(desk: Desk, shelf: RunningSandbox) -> None:
    finish(desk.redeem(CODES[0]))
    before = asked(shelf)
    assert reread(NOW).listed == 0
    assert asked(shelf) == before
    assert not Discrepancy.objects.exists()


def test_what_is_being_settled_is_left_to_the_settler(desk: Desk, shelf: RunningSandbox) -> None:
    operation = desk.redeem(CODES[0])
    shelf.control.fault("drop_after", endpoint="redeem")
    assert turn(operation) == State.UNKNOWN
    assert reread(NOW).listed == 0


def test_an_intent_that_was_never_sent_and_yet_is_used_is_a_late_effect(desk: Desk, shelf: RunningSandbox) -> None:
    operation = desk.redeem(CODES[0])
    Operation.objects.filter(pk=operation.pk).update(send_before=timezone.now())
    assert finish(operation).state == State.NOT_SENT
    used(shelf, CODES[0])
    assert reread(NOW).listed == 1
    found = Discrepancy.objects.get()
    assert (found.kind, found.operation_id) == ("late_effect", operation.pk)
    assert reread(NOW).listed == 0


def test_it_never_writes(desk: Desk, shelf: RunningSandbox) -> None:
    for code in CODES:
        desk.draft(code)
    reread(NOW)
    assert not [seen for code in CODES for seen in writes(shelf, code)]


def test_a_run_that_was_cut_short_is_taken_up_where_it_stopped(desk: Desk, shelf: RunningSandbox) -> None:
    for code in CODES:
        desk.draft(code)
    used(shelf, *CODES)
    before = asked(shelf)
    first = reread(Pace(pause=0, most=5))
    assert (first.read, first.complete) == (5, False)
    second = reread(NOW)
    assert (second.pk, second.read, second.complete) == (first.pk, len(CODES), True)
    assert asked(shelf) - before == len(CODES)
    assert Discrepancy.objects.count() == len(CODES)


def test_time_that_is_over_ends_it(desk: Desk, shelf: RunningSandbox) -> None:
    desk.draft(CODES[0])
    assert not reread(Pace(pause=0, longest=0)).complete


def test_an_issuer_that_does_not_answer_is_left_alone_and_the_next_run_starts_anew(
    desk: Desk, shelf: RunningSandbox
) -> None:
    for code in CODES:
        desk.draft(code)
    used(shelf, CODES[0])
    shelf.control.fault("drop_before", times="forever", endpoint="find")
    first = reread(NOW)
    assert (first.read, first.failed, first.complete) == (GIVE_UP, GIVE_UP, False)
    shelf.control.clear_faults()
    second = reread(NOW)
    assert (second.read, second.listed, second.complete) == (len(CODES), 1, True)
    assert second.pk != first.pk


def test_two_at_once_are_one(desk: Desk, shelf: RunningSandbox) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
    done: list[object] = []
    in_thread(lambda: reread(NOW), done).join(30)
    connections.close_all()
    assert [type(answer) for answer in done] == [Busy]
    assert not Reread.objects.exists()
