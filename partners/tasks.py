"""What beat asks for of this app."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from partners.idempotency import purge_asked


@shared_task(name="partners.purge")  # type: ignore[untyped-decorator]  # celery ships no types
def purge() -> None:
    purge_asked(now=timezone.now())
