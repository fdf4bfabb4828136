"""How often a secret may be guessed. Counted in the database, whichever process asks.

Passwords: axes locks one name at one address after five failures. Above that, whoever guesses from many addresses or at many
names is slowed down here, but nobody at an address from which she has signed in before: to guess at a name does not lock its
owner out. Only who knows the password can guess at codes, so five failures lock them for a while, wherever they come from.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from axes.models import AccessFailureLog, AccessLog
from django.db.models import QuerySet
from django.utils import timezone

from branches.models import User

WHILE = dt.timedelta(minutes=15)
KNOWN_FOR = dt.timedelta(days=90)
MOST_AT_A_NAME, MOST_FROM_AN_ADDRESS, MOST_CODES = 20, 50, 5


def too_many_passwords(name: str, address: str) -> bool:
    """Of this name from everywhere, or from this address at any name, and she is not known to sign in from there."""
    failures = AccessFailureLog.objects.filter(attempt_time__gt=timezone.now() - WHILE, locked_out=False)
    if (
        failures.filter(username=name).count() < MOST_AT_A_NAME
        and failures.filter(ip_address=address or None).count() < MOST_FROM_AN_ADDRESS
    ):
        return False
    since = timezone.now() - KNOWN_FOR
    known = AccessLog.objects.filter(username__iexact=name, ip_address=address or None, attempt_time__gt=since)
    return not known.exists()


def is_news(person: User, deed: str) -> bool:
    """A stranger may cause this as often as he likes: once a minute is enough to know."""
    since = timezone.now() - dt.timedelta(minutes=1)
    return not _events(person, deed).filter(pgh_created_at__gt=since).exists()


def too_many_codes(person: User) -> bool:
    """To be asked while the person's row is locked, so that a hundred guesses at once are counted as a hundred."""
    return _events(person, "code_failed").filter(pgh_created_at__gt=timezone.now() - WHILE).count() >= MOST_CODES


def _events(person: User, deed: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = User.pgh_event_model.objects.filter(pgh_obj=person, pgh_label=deed)  # type: ignore[attr-defined]  # pghistory adds it
    return rows
