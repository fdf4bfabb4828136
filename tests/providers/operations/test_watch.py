"""What was judged not done is watched for a week: who is told when it turns out to have been done."""

from __future__ import annotations

from django.db.models.functions import Now

from providers.models import Operation
from providers.sandbox.running import RunningSandbox
from tests.scene import Desk, finish, turn


def test_a_late_effect_is_told_of_though_another_till_held_the_code_when_it_was_seen(
    desk: Desk, other_desk: Desk, twin: RunningSandbox
) -> None:
    """Found by the state machine: the watch took the other's open claim for an explanation, and the other was refused."""
    draft, operation = other_desk.draft(), desk.redeem()
    twin.control.fault("drop_before", endpoint="redeem")
    turn(operation)
    Operation.objects.filter(pk=operation.pk).update(send_before=Now())
    assert finish(operation).state == "not_applied"
    other = other_desk.press(draft).operation
    twin.control.fault("human", endpoint="find")
    turn(operation)  # the watch sees the voucher used, and the other till holds it: too early to tell
    assert finish(other).state == "refused"
    turn(operation)
    assert operation.discrepancies.get().kind == "late_effect"
