"""One send at a time, as tests of settling want it."""

from __future__ import annotations

import dataclasses

from providers import operations
from providers.models import Operation
from tests.scene import QUICK, make_due

IMPATIENT = dataclasses.replace(QUICK, total=0.5)


def send(operation: Operation) -> Operation:
    """One send. A look before it that a loaded machine was too slow for is tried again."""
    while not operation.attempts.exists():
        make_due(operation)
        operations.send_operation(operation.pk)
    operation.refresh_from_db()
    return operation


def without_resend(operation: Operation) -> Operation:
    """As if `send_before` had passed while it was unknown: only looks may end it now."""
    Operation.objects.filter(pk=operation.pk).update(send_before=operation.sent_at)
    return operation
