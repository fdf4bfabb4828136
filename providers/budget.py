"""One budget of requests an account, shared by every process on every host: resolver before person before mirror.

A provider that counts by the address we come from has one budget for all our accounts at its address.

It stands in Valkey, as two buckets that fill up again (a second's and a minute's worth). The last part of each is out of the
mirror's reach, and the last part of that is the resolvers' alone; and while somebody of a higher rank waits, nobody below
goes first. Without Valkey the mirror stands still, and people and resolvers go on: a budget guards the provider's patience,
never a person at the desk.
"""

from __future__ import annotations

import contextlib
import functools
import threading
import time
import uuid
from collections.abc import Callable
from enum import IntEnum
from urllib.parse import urlsplit

import redis
from django.conf import settings

from providers.contracts import ProviderSpec
from providers.errors import Unavailable

LONGEST_WAIT = 3.0  # seconds that a person's call waits for its turn
STEP = 1.0  # between two questions, at most
LONGEST_HOLD = 60.0  # seconds that one answer of theirs stops everybody
Purse = uuid.UUID | str
_NAP = threading.Event()  # never set: a sleep that no test needs to patch


class Rank(IntEnum):
    """Who asks. The part of a bucket that is out of reach: a fifth for the mirror, a tenth for people."""

    RESOLVER = 0
    PERSON = 1
    MIRROR = 2


RESERVED = {Rank.RESOLVER: 0.0, Rank.PERSON: 0.1, Rank.MIRROR: 0.2}

# KEYS: the bucket of a second, the bucket of a minute, where waiting people and resolvers leave word, and until when nobody
# may ask because the provider said so.
# ARGV: the rank, its reserved part, what each bucket holds (0: there is no such limit). Answers milliseconds to wait, 0: go.
_SCRIPT = """
local now = redis.call('TIME'); now = now[1] * 1000 + math.floor(now[2] / 1000)
local rank, reserved = tonumber(ARGV[1]), tonumber(ARGV[2])
local wait, left = math.max(0, redis.call('PTTL', KEYS[4])), {}
for above = 0, rank - 1 do
  if redis.call('EXISTS', KEYS[3] .. above) == 1 then wait = math.max(wait, 50) end
end
for n, span in ipairs({1000, 60000}) do
  local size = tonumber(ARGV[2 + n])
  if size > 0 then
    local was = redis.call('HMGET', KEYS[n], 'left', 'at')
    local have = math.min(size, (tonumber(was[1]) or size) + (now - (tonumber(was[2]) or now)) * size / span)
    local need = math.min(size, 1 + reserved * size)
    if have < need then wait = math.max(wait, math.ceil((need - have) * span / size)) end
    left[n] = have
  end
end
if wait > 0 then
  if rank < 2 then redis.call('SET', KEYS[3] .. rank, 1, 'PX', 1500) end
  return wait
end
for n, span in ipairs({1000, 60000}) do
  if left[n] then
    redis.call('HSET', KEYS[n], 'left', left[n] - 1, 'at', now)
    redis.call('PEXPIRE', KEYS[n], span * 2)
  end
end
if rank < 2 then redis.call('DEL', KEYS[3] .. rank) end
return 0
"""


def purse_of(account_id: uuid.UUID, base_url: str, spec: ProviderSpec) -> Purse:
    """Whose figures an account's requests count against."""
    return f"{spec.slug}@{urlsplit(base_url).netloc}" if spec.shares_budget else account_id


def turn_for(whose: Purse, spec: ProviderSpec, rank: Rank, longest: float = LONGEST_WAIT) -> Callable[[], None]:
    """What a client waits for before each call. Raises Unavailable("budget_spent") when its turn did not come in time, and,
    for the mirror alone, Unavailable("budget_unknown") when nobody can tell."""
    if not (spec.per_second or spec.per_minute):
        return lambda: None
    return lambda: _wait(whose, spec, rank, longest)


def _wait(whose: Purse, spec: ProviderSpec, rank: Rank, longest: float) -> None:
    ends = time.monotonic() + longest
    while pause := ask(whose, spec, rank):
        if time.monotonic() + pause > ends:
            raise Unavailable("budget_spent", "Our own limit of requests to this provider is reached.")
        _NAP.wait(min(pause, STEP))


def ask(whose: Purse, spec: ProviderSpec, rank: Rank) -> float:
    """Take one request out of the budget: 0.0. Or take nothing: the seconds after which to ask again."""
    name = f"wasl:budget:{{{whose}}}"
    keys = [f"{name}:second", f"{name}:minute", f"{name}:waits:", f"{name}:held"]
    try:
        found = _script()(keys=keys, args=[int(rank), RESERVED[rank], spec.per_second, spec.per_minute])
    except redis.RedisError:
        if rank == Rank.MIRROR:
            raise Unavailable("budget_unknown", "The limit of requests cannot be asked for.") from None
        return 0.0
    return float(found) / 1000


def hold(whose: Purse, seconds: float) -> None:
    """They asked us to wait: nobody of whatever rank asks before. Never longer than LONGEST_HOLD, whatever they wrote."""
    lasts = max(1, int(min(seconds, LONGEST_HOLD) * 1000))
    with contextlib.suppress(redis.RedisError):  # a wish of theirs; the next answer repeats it
        _link_to(settings.BROKER_URL).set(f"wasl:budget:{{{whose}}}:held", 1, px=lasts)


def _script() -> Callable[..., int]:
    return _script_at(settings.BROKER_URL)


@functools.lru_cache(maxsize=4)
def _link_to(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=0.5)


@functools.lru_cache(maxsize=4)
def _script_at(url: str) -> Callable[..., int]:
    script: Callable[..., int] = _link_to(url).register_script(_SCRIPT)
    return script
