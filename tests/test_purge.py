"""`manage.py purge`: what is kept for a time only goes when its time is over, and its counts say how much."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from providers.models import Call, Operation
from tests.scene import OTHER_CODE, Desk, finish
from tests.terminal import typed
from vouchers.models import Lookup, RedemptionLine


def purged() -> dict[str, int]:
    lines = (line.strip().split("  ", 1) for line in typed("purge").splitlines())
    return {words: int(count) for count, words in lines}


def test_what_is_young_stays(desk: Desk) -> None:
    finish(desk.redeem())
    assert not any(purged().values())


def test_what_is_old_goes_and_the_ledger_stays(desk: Desk) -> None:
    operation = finish(desk.redeem())
    desk.look_up(OTHER_CODE)
    old = timezone.now() - dt.timedelta(days=91)
    Lookup.objects.update(created_at=old)
    Call.objects.update(at=old)
    Operation.objects.filter(pk=operation.pk).update(finished_at=old)
    calls = Call.objects.count()
    counts = purged()
    assert [calls, 1] == [
        counts["provider calls older than 90 days"],
        counts["look-ups without a redemption, older than a day"],
    ]
    assert counts["voucher codes of redemptions that ended 30 days ago"] == 1
    line = RedemptionLine.objects.get()
    assert not line.sealed_code and line.code_last4 and line.code_hash
    assert Operation.objects.get().state == "succeeded" and not Call.objects.exists()
    assert not any(purged().values()), "the second time there is nothing left"
