"""Bells for the operations engine, and its housekeeping."""

from __future__ import annotations

import datetime as dt
import uuid
from contextlib import suppress

from celery import current_app, shared_task
from django.utils import timezone

from providers import hooks, operations, orders, sync
from providers.models import Heartbeat
from providers.operations import journal, reread


@shared_task(name="providers.send")  # type: ignore[untyped-decorator]  # celery ships no types
def send_operation(operation_id: str) -> None:
    operations.send_operation(uuid.UUID(operation_id))


@shared_task(name="providers.settle")  # type: ignore[untyped-decorator]  # celery ships no types
def settle_operation(operation_id: str) -> None:
    operations.settle_operation(uuid.UUID(operation_id))


@shared_task(name="providers.purge")  # type: ignore[untyped-decorator]  # celery ships no types
def purge_calls() -> None:
    journal.purge_calls(now=timezone.now())
    hooks.purge_hooks(now=timezone.now())


@shared_task(name="providers.reread")  # type: ignore[untyped-decorator]  # celery ships no types
def reread_known() -> None:
    with suppress(reread.Busy):
        reread.reread()


@shared_task(name="providers.sync_due")  # type: ignore[untyped-decorator]  # celery ships no types
def sync_due() -> None:
    for wanted in sync.due(timezone.now()):
        arguments = [str(wanted.account_id), wanted.collection, wanted.day.isoformat()]
        current_app.send_task("providers.sync", args=arguments, expires=3600)
    for order_id in orders.orders_waiting():
        current_app.send_task("providers.sync_ordered", args=[str(order_id)], expires=300)


@shared_task(name="providers.sync_ordered")  # type: ignore[untyped-decorator]  # celery ships no types
def sync_ordered(order_id: str) -> None:
    orders.sync_ordered(uuid.UUID(order_id), now=timezone.now())


@shared_task(name="providers.sync")  # type: ignore[untyped-decorator]  # celery ships no types
def sync_nightly(account_id: str, collection: str, day: str) -> None:
    sync.sync_nightly(uuid.UUID(account_id), collection, dt.date.fromisoformat(day), now=timezone.now())


@shared_task(name="providers.beat")  # type: ignore[untyped-decorator]  # celery ships no types
def beat() -> None:
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})
