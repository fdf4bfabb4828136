"""What comes about at Rekaz later than every window: the night that follows lists each of it."""

from __future__ import annotations

import pytest

from branches.models import Branch, User
from providers.models import Discrepancy, Operation, State
from providers.operations.reread import Pace, reread
from providers.sandbox.running import RunningSandbox
from reservations.models import Act
from tests.reservations.at_rekaz import AtRekaz, at_rekaz
from tests.reservations.clinic import finish
from tests.scene import eventually

pytestmark = pytest.mark.django_db(transaction=True)
LATE = 4.0  # seconds: longer than a settle window and two looks
AT_ONCE = Pace(pause=0)


@pytest.fixture
def there(twin: RunningSandbox, olaya: Branch, reem: User, huda: User, quick: None) -> AtRekaz:
    return at_rekaz(twin, olaya, reem, huda)


def judged_not_done(there: AtRekaz, endpoint: str, act: Act) -> Operation:
    there.twin.control.fault("late_effect", endpoint=endpoint, seconds=LATE, answer="504")
    operation = finish(act)
    assert operation.state == State.NOT_APPLIED
    return operation


def comes_about(there: AtRekaz, count: int) -> None:
    eventually(lambda: len(there.effects()) >= count)


def listed() -> list[Operation]:
    found = Discrepancy.objects.filter(kind=Discrepancy.Kind.LATE_EFFECT).order_by("operation__created_at")
    return [row.operation for row in found if row.operation]


def test_one_night_lists_every_late_effect_and_the_next_none_of_them_again(there: AtRekaz) -> None:
    late = [
        judged_not_done(there, "create_customer", there.create()),
        judged_not_done(there, "book", there.book(0)),
        judged_not_done(there, "subscribe", there.subscribe()),
        judged_not_done(there, "attend", there.check_in(there.running())),
    ]
    comes_about(there, 4)
    assert reread(AT_ONCE).listed == 4
    assert listed() == late
    assert reread(AT_ONCE).listed == 0


def test_of_two_on_the_same_booking_each_is_listed(there: AtRekaz) -> None:
    there.twin.control.rules("rekaz", second_use="accepted")
    row = there.running()
    late = [judged_not_done(there, "attend", there.check_in(row)) for _ in range(2)]
    comes_about(there, 2)
    assert reread(AT_ONCE).listed == 2
    assert listed() == late


def test_what_was_done_later_by_another_act_of_ours_is_no_late_effect(there: AtRekaz) -> None:
    there.twin.control.fault("drop_before", endpoint="book")
    assert finish(there.book()).state == State.NOT_APPLIED
    assert finish(there.book()).state == State.SUCCEEDED
    assert reread(AT_ONCE).listed == 0
