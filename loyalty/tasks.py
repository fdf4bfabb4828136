"""Bells for the services of the same name. They carry ids only; nothing is lost when one does not ring."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.utils import timezone

from loyalty import services


@shared_task(name="loyalty.ask")  # type: ignore[untyped-decorator]  # celery ships no types
def answer_ask(ask_id: str) -> None:
    services.answer_ask(uuid.UUID(ask_id))


@shared_task(name="loyalty.purge")  # type: ignore[untyped-decorator]  # celery ships no types
def purge_asks() -> None:
    services.purge_asks(now=timezone.now())
    services.expire_proposals(now=timezone.now())
