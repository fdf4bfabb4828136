"""Is the process alive, and can it serve? For machines; says nothing about anybody."""

from __future__ import annotations

from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from providers.models import Heartbeat

SILENCE = timedelta(seconds=60)


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 only when nothing can be served: a dead broker or scheduler slows us down, PostgreSQL alone is the queue."""
    database, beat = _database_and_beat()
    found = {"database": database, "broker": _broker(), "beat": beat}
    return JsonResponse(found, status=200 if database == "ok" else 503)


def _database_and_beat() -> tuple[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        last = Heartbeat.objects.filter(name="beat").values_list("at", flat=True).first()
    except DatabaseError:
        return "down", "unknown"
    fresh = last is not None and timezone.now() - last < SILENCE
    return "ok", "ok" if fresh else "silent"


def _broker() -> str:
    try:
        redis.Redis.from_url(_plain(settings.BROKER_URL), socket_timeout=1, socket_connect_timeout=1).ping()
    except (redis.RedisError, ValueError):
        return "down"
    return "ok"


def _plain(url: str) -> str:
    return url.replace("redis+socket://", "unix://", 1)
