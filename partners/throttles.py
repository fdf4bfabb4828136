"""How often a key may call, and all of them together. Counted in Valkey, in one step, whichever process asks.

Each allowance refills steadily (GCRA): nobody saves up a burst for the end of one minute and the beginning of the next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from branches.addresses import address_of
from branches.api.refusals import Refusal
from branches.guests import Guest
from partners.valkey import away, valkey

WINDOW = 60  # seconds
# KEYS: the allowances. ARGV: window in microseconds, then the quota of each. Brings the wait of the first that is used up (or
# -1) and, for the first allowance, what is left and when it is whole again. Takes from all of them or from none.
SCRIPT = """
local clock = redis.call('TIME')
local now, window = clock[1] * 1000000 + clock[2], tonumber(ARGV[1])
local due, wait = {}, -1
for n, name in ipairs(KEYS) do
    local step = window / tonumber(ARGV[n + 1])
    local at = math.max(tonumber(redis.call('GET', name) or 0), now)
    if at + step - now > window and wait < 0 then wait = at + step - now - window end
    due[n] = at + step
    if n == 1 then due.before = at end
end
local first = due.before
if wait < 0 then
    for n, name in ipairs(KEYS) do
        redis.call('SET', name, string.format('%.0f', due[n]), 'PX', math.ceil((due[n] - now) / 1000))
    end
    first = due[1]
end
local step = window / tonumber(ARGV[2])
return {math.ceil(wait), math.floor((window - (first - now)) / step), math.ceil((first - now) / 1000000)}
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller has left, for the headers of every answer."""

    quota: int
    left: int
    whole_in: int  # seconds

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"key";q={self.quota};w={WINDOW}',
            "RateLimit": f'"key";r={max(self.left, 0)};t={max(self.whole_in, 0)}',
        }


class KeyThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: Any) -> bool:
        quota = settings.API_RATE_KEY
        names = [f"wasl:rate:{_who(request)}", "wasl:rate:all"]
        try:
            wait, left, whole_in = valkey().eval(SCRIPT, 2, *names, WINDOW * 1_000_000, quota, settings.API_RATE_ALL)
        except redis.RedisError:
            raise away() from None
        request._request.allowance = Allowance(quota, int(left), int(whole_in))  # type: ignore[attr-defined]  # for the headers
        if wait >= 0:
            raise Refusal(429, "too_many_requests", retry_after=max(1, math.ceil(wait / 1_000_000)))
        return True


def _who(request: Request) -> str:
    user = request.user
    return f"key:{user.key_id}" if isinstance(user, Guest) else f"address:{address_of(request._request)}"
