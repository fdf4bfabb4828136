"""How often a secret may be guessed. Counted in the database, whichever process asks.

Passwords: axes locks one name at one address after five failures. Above that, whoever guesses from many addresses or at many
names is slowed down here, but nobody at an address from which she has signed in before: to guess at a name never locks its owner
out. Codes are guessed at only by who knows the password, so five failures lock them wherever they come from, for a while.
"""

from __future__ import annotations

import datetime as dt
import logging

from axes.models import AccessFailureLog, AccessLog
from django.utils import timezone

from branches.models import User

log = logging.getLogger(__name__)
WHILE = dt.timedelta(minutes=15)
KNOWN_FOR = dt.timedelta(days=90)
MOST_AT_A_NAME, MOST_FROM_AN_ADDRESS, MOST_CODES = 20, 50, 5


def too_many_passwords(name: str, address: str) -> bool:
    """Of this name from everywhere, or from this address at any name, and she is not known to sign in from there."""
    failures = AccessFailureLog.objects.filter(attempt_time__gt=timezone.now() - WHILE)
    if (
        failures.filter(username=name).count() < MOST_AT_A_NAME
        and failures.filter(ip_address=address or None).count() < MOST_FROM_AN_ADDRESS
    ):
        return False
    since = timezone.now() - KNOWN_FOR
    known = AccessLog.objects.filter(username__iexact=name, ip_address=address or None, attempt_time__gt=since).exists()
    if not known:
        log.warning("sign-ins are slowed down: too many failures from %s", address)
    return not known


def too_many_codes(person: User) -> bool:
    """To be asked while the person's row is locked, so that a hundred guesses at once are counted as a hundred."""
    events = User.pgh_event_model.objects.filter(pgh_obj=person, pgh_label="code_failed")  # type: ignore[attr-defined]
    return bool(events.filter(pgh_created_at__gt=timezone.now() - WHILE).count() >= MOST_CODES)
