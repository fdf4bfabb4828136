"""What beat asks for of this app."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from partners.idempotency import purge_asked
from partners.notices import purge_notices


@shared_task(name="partners.purge")  # type: ignore[untyped-decorator]  # celery ships no types
def purge() -> None:
    purge_asked(now=timezone.now())
    purge_notices(now=timezone.now())
