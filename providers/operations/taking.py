"""Which row a sender takes, and for how long: the lease. An intent that is too old dies here, unsent."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from providers.models import Operation, State
from providers.operations.journal import Journal
from providers.operations.life import database_now, move
from providers.secrets import unseal
from providers.windows import Windows, windows_for

BY = "sender"


@dataclass(slots=True)
class Work:
    """What one worker holds while it sends one operation."""

    operation: Operation
    token: uuid.UUID
    request: Mapping[str, Any]
    journal: Journal
    windows: Windows
    deadline: float = 0.0  # monotonic; no byte of a write leaves after it


def take(operation_id: uuid.UUID) -> Work | None:
    """T2: the lease. An intent that is too old dies here, unsent."""
    with transaction.atomic(durable=True):
        now = database_now()
        rows = Operation.objects.select_for_update(skip_locked=True, of=("self",)).select_related("account", "branch")
        operation = rows.filter(pk=operation_id, state__in=[State.CREATED, State.PREPARING], next_at__lte=now).first()
        if operation is None:
            return None
        windows = windows_for(operation.account)
        if now >= operation.send_before:
            let_die(operation, now)
            return None
        token, lease = uuid.uuid4(), now + timedelta(seconds=windows.lease)
        if operation.state == State.CREATED:
            move(operation, State.PREPARING, now=now, by=BY, claim_token=token, lease_until=lease, next_at=lease)
        else:
            _retake(operation, token, lease)
    request = json.loads(unseal(operation.sealed_request, operation.request_context()))
    return Work(operation, token, request, Journal(operation.account, operation), windows)


def let_die(operation: Operation, now: datetime, token: uuid.UUID | None = None) -> None:
    """Too old to surprise anybody with. Never sent: it ends. Sent before: only looking may end it."""
    if operation.sends:
        changes: dict[str, Any] = {"claim_token": None, "lease_until": None, "clear_looks": 0, "next_at": now}
        move(operation, State.UNKNOWN, now=now, by=BY, reason="too_late", token=token, **changes)
        return
    code = operation.refusal_code or "too_late"
    move(operation, State.NOT_SENT, now=now, by=BY, reason=code, token=token, refusal_code=code, next_at=None)


def _retake(operation: Operation, token: uuid.UUID, lease: datetime) -> None:
    """The worker before us died between taking the row and sending: nothing was sent."""
    Operation.objects.filter(pk=operation.pk).update(claim_token=token, lease_until=lease, next_at=lease)
    operation.claim_token, operation.lease_until, operation.next_at = token, lease, lease
