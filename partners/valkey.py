"""What all processes share for a moment: how often a key has been used, and who is just creating an operation.

It may be flushed at any time and nothing is lost or doubled. Where it is away, the API says so and does nothing.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from branches.api.refusals import Refusal

AWAY_FOR = 2  # seconds after which the next try is worth it


@cache
def _connections(url: str) -> Any:
    address = url.replace("redis+socket", "unix")  # as kombu writes it
    return redis.Redis.from_url(
        address, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0), decode_responses=True
    )


def valkey() -> Any:
    return _connections(settings.BROKER_URL)


def away() -> Refusal:
    return Refusal(503, "unavailable", retry_after=AWAY_FOR)
