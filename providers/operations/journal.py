"""Collects the calls of one piece of work, to be written with the transaction that records its outcome."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta

from django.db import transaction

from providers.contracts import Call as CallRecord
from providers.models import Account, Call, Operation

KEEP_CALLS = timedelta(days=90)


def purge_calls(*, now: dt.datetime) -> int:
    """Drop what is older than 90 days. Returns how many calls went."""
    gone, _counts = Call.objects.filter(at__lt=now - KEEP_CALLS).delete()
    return gone


class Journal:
    def __init__(self, account: Account, operation: Operation | None = None) -> None:
        self.account = account
        self.operation = operation
        self._calls: list[CallRecord] = []

    def __call__(self, call: CallRecord) -> None:
        self._calls.append(call)

    @property
    def milliseconds(self) -> int:
        return sum(call.milliseconds for call in self._calls)

    def write(self) -> None:
        """Inside a transaction. Rolled back, the calls are still here for the next one: they did happen."""
        rows = [self._row(call) for call in self._calls]
        if rows:
            Call.objects.bulk_create(rows)
            transaction.on_commit(self._calls.clear)

    def _row(self, call: CallRecord) -> Call:
        return Call(
            account=self.account,
            operation=self.operation,
            at=call.at,
            method=call.method,
            path=call.path[:200],
            status=call.status,
            milliseconds=call.milliseconds,
            sent=call.sent,
            received=call.received,
            received_sha256=call.received_sha256,
            error=call.error[:64],
            bytes_left=call.bytes_left,
        )
