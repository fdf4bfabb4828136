"""A day that two people close at once, and one that is closed while something in it ends."""

from __future__ import annotations

import datetime as dt
import threading

from django.db import transaction
from django.utils import timezone

from branches.models import User
from providers.models import Operation, State
from providers.operations import send_operation
from providers.operations.life import database_now, move
from providers.sandbox.running import RunningSandbox
from tests.scene import SLUG, Desk, at_once, finish, meanwhile
from vouchers.models import DayClose
from vouchers.services import CannotClose, Place, close_day

PATIENCE = 30


def day_of(desk: Desk) -> dt.date:
    return desk.place.branch.business_date(timezone.now())


def close(desk: Desk, person: User) -> DayClose:
    assert desk.place.till
    place = Place(person, desk.place.branch, desk.place.till)
    return close_day(desk.place.till, day_of(desk), place, counted=None, note=person.username, now=timezone.now())


def test_two_at_once_are_one_close(desk: Desk, huda: User) -> None:
    finish(desk.redeem())
    results = at_once([lambda: close(desk, desk.place.actor), lambda: close(desk, huda)])
    [row] = [result for result in results if isinstance(result, DayClose)]
    [refusal] = [result for result in results if isinstance(result, CannotClose)]
    assert refusal.code == "closed"
    assert DayClose.objects.get() == row
    assert row.sums[0]["used"] == 1


def test_an_end_that_is_not_committed_yet_keeps_the_day_open(desk: Desk, twin: RunningSandbox) -> None:
    """Its time is before the close, and nobody else can see it: were it neither inside nor after, it would be lost."""
    operation = desk.redeem()
    twin.control.fault("drop_after", provider=SLUG, endpoint="redeem")
    assert send_operation(operation.pk) == State.UNKNOWN
    ended, go_on = threading.Event(), threading.Event()

    def ends_slowly() -> None:
        with transaction.atomic():
            move(Operation.objects.get(pk=operation.pk), State.SUCCEEDED, now=database_now(), by="test")
            ended.set()
            assert go_on.wait(PATIENCE)

    with meanwhile(ends_slowly):
        assert ended.wait(PATIENCE)
        try:
            close(desk, desk.place.actor)
        except CannotClose as refusal:
            assert refusal.code == "open"
        else:
            raise AssertionError("it was closed over what nobody can see yet")
        finally:
            go_on.set()
    assert close(desk, desk.place.actor).sums[0]["used"] == 1
