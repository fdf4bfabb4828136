"""Bells for the services of the same name. They carry ids only; nothing is lost when one does not ring."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from vouchers import services


@shared_task(name="vouchers.look_up")  # type: ignore[untyped-decorator]  # celery ships no types
def look_up_voucher(lookup_id: str) -> None:
    services.look_up_voucher(uuid.UUID(lookup_id))


@shared_task(name="vouchers.purge")  # type: ignore[untyped-decorator]  # celery ships no types
def purge_vouchers() -> None:
    services.purge_vouchers(now=timezone.now())
