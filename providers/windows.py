"""How long things may take at a provider, in seconds. See docs/how-it-works.md and reliability §2.3.

Live and testing values stand until a provider's own delays are measured. The sandbox is quick so that a person who tries
the product, and its tests, see a settled redemption within seconds; the rules are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

from providers.models import Account, Environment


@dataclass(frozen=True, slots=True)
class Windows:
    connect: float = 3
    total: float = 15  # one request, from name lookup to the last byte
    lease: float = 60  # a worker that holds a row longer than this is dead
    send: float = 20  # from the committed intent to the first byte; a paused machine does not send later
    send_before: float = 60  # after this an intent that was not sent dies
    settle: float = 60  # a look that finds nothing counts only this long after the last send
    second_look: float = 30  # and twice, this far apart
    review: float = 900  # no answer that decides by then: a person is told
    breaker_failures: int = 5
    breaker_open: float = 30


LIVE = Windows()
SANDBOX = Windows(connect=1, total=5, lease=18, send=8, settle=8, second_look=4, review=180, breaker_open=5)

LOOK_AGAIN = (1, 2, 4, 8, 15, 30, 60, 120, 300, 900)  # seconds between looks while unknown
WATCH = (600, 3600, 86_400, *(86_400,) * 6)  # looks after NOT_APPLIED: +10 min, +1 h, +24 h, then nightly for a week


def windows_for(account: Account) -> Windows:
    override: Windows | None = getattr(settings, "WINDOWS", None)
    if override is not None:
        return override
    return SANDBOX if account.environment == Environment.SANDBOX else LIVE
