"""What beat asks for of the site as a whole."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from branches import sessions


@shared_task(name="desk.purge")  # type: ignore[untyped-decorator]  # celery ships no types
def purge_sessions() -> None:
    sessions.purge_sessions(now=timezone.now())
