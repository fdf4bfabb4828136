"""PostgreSQL is the queue: which rows want a worker now. A bell only makes it sooner."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from celery import current_app
from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from providers.models import Operation, State

log = logging.getLogger(__name__)
TO_SEND = Q(state__in=[State.CREATED, State.PREPARING])
# The last three: the watch for late effects, and, where an answer named the order alone, a look at each of its codes.
TO_SETTLE = Q(state__in=[State.SENDING, State.UNKNOWN, State.NOT_APPLIED, State.PARTIAL, State.SUCCEEDED])


def due_to_send(limit: int = 100) -> list[uuid.UUID]:
    return _due(TO_SEND, limit)


def due_to_settle(limit: int = 100) -> list[uuid.UUID]:
    return _due(TO_SETTLE, limit)


def _due(which: Q, limit: int) -> list[uuid.UUID]:
    rows = Operation.objects.filter(which, next_at__lte=Now()).order_by("next_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def is_full(waiting: QuerySet[Any]) -> bool:
    """Counted no further than the limit. Two that look at once may both find the last place: it is a bound, not a promise."""
    return waiting.order_by()[: settings.WAITING_LIMIT].count() >= settings.WAITING_LIMIT


def ring(task: str, row_id: uuid.UUID) -> None:
    """Wake a worker. A broker that is down is no reason to fail: the scan finds the row within a second."""
    try:
        current_app.send_task(task, args=[str(row_id)])
    except OperationalError:
        log.warning("the bell did not ring for %s", task)
