"""What beat asks for of this app."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from customers import services


@shared_task(name="customers.purge")  # type: ignore[untyped-decorator]  # celery ships no types
def purge_searches() -> None:
    services.purge_searches(now=timezone.now())
