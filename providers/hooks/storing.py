"""An event comes in: three short statements, no call to anybody, no bell. Whoever sends it waits for this.

Stored as it came, and once: the same event again is answered as the first was. What can be stored in a minute and in a day
has an end for each address, whoever knows it; who is turned away is told when to come again, and asks again by himself.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import logging
from collections.abc import Sequence
from enum import Enum

from django.db.models import Case, F, Q, Value, When

from providers.contracts import Told
from providers.hooks.readers import how_to_hear
from providers.models import Hook, HookAddress
from providers.registry import read_webhook
from providers.secrets import seal
from providers.specs import SPECS

log = logging.getLogger(__name__)
LARGEST = 256 * 1024
KEPT_OF_NONSENSE = 4 * 1024
A_MINUTE = 600
BYTES_A_DAY = 64 * 1024 * 1024
REPEATED_WITHIN = dt.timedelta(seconds=30)  # whoever tries again does so at once


class Verdict(Enum):
    STORED = "stored"
    KNOWN = "known"
    TOO_LARGE = "too large"
    TOO_MANY = "too many"


def receive(address: HookAddress, body: bytes, now: dt.datetime) -> Verdict:
    if len(body) > LARGEST:
        return Verdict.TOO_LARGE
    if not _let_in(address, len(body), now):
        return Verdict.TOO_MANY
    rows = _rows(address, body, now)
    Hook.objects.bulk_create(rows, ignore_conflicts=True)  # the index lets one of two through
    stored = set(Hook.objects.filter(pk__in=[row.pk for row in rows]).values_list("event_key", flat=True))
    again = _heard_again(address, [row for row in rows if row.event_key not in stored], now)
    return Verdict.STORED if stored or again else Verdict.KNOWN


def _heard_again(address: HookAddress, rows: Sequence[Hook], now: dt.datetime) -> int:
    """What has no time of its own may happen once more, and looks the same: long after it was looked at it is no repetition."""
    keys = [row.event_key for row in rows if row.event_key.startswith("sha256:")]
    if not keys:
        return 0
    known = Hook.objects.filter(account=address.account_id, event_key__in=keys, state=Hook.State.DONE)
    again = {"state": Hook.State.WAITING, "tries": 0, "problem": "", "done_at": None, "token": None}
    return known.filter(done_at__lt=now - REPEATED_WITHIN).update(**again, next_at=now, received_at=now)


def _let_in(address: HookAddress, size: int, now: dt.datetime) -> bool:
    """Counted in one statement: many that come at once are not more than the limit."""
    minute, day = now.replace(second=0, microsecond=0), now.date()
    room = HookAddress.objects.filter(
        ~Q(minute=minute) | Q(minute=None) | Q(minute_count__lt=A_MINUTE),
        ~Q(day=day) | Q(day=None) | Q(day_bytes__lte=BYTES_A_DAY - size),
        pk=address.pk,
    )
    return bool(
        room.update(
            minute_count=Case(When(minute=minute, then=F("minute_count") + 1), default=Value(1)),
            minute=minute,
            day_bytes=Case(When(day=day, then=F("day_bytes") + size), default=Value(size)),
            day=day,
        )
    )


def _rows(address: HookAddress, body: bytes, now: dt.datetime) -> list[Hook]:
    try:
        told = read_webhook(address.account.provider, body)
    except ValueError:
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        row = Hook(event_key=f"hash:{digest}", state=Hook.State.UNREADABLE, done_at=now)
        log.warning("an event for %s cannot be read", address.account.provider)
        return [_kept(row, address, body[:KEPT_OF_NONSENSE], now)]
    return [_kept(_of(address, one, now), address, content, now) for one, content in told]


def _kept(row: Hook, address: HookAddress, content: bytes, now: dt.datetime) -> Hook:
    row.account, row.received_at = address.account, now
    row.sealed_body = seal(base64.b64encode(content).decode(), row.context())
    return row


def _of(address: HookAddress, told: Told, now: dt.datetime) -> Hook:
    how = how_to_hear(SPECS[address.account.provider].kind)
    wanted = bool(told.subject_id and how and told.subject_kind in how.readers)
    return Hook(
        event_key=told.event_id,
        event=told.event,
        subject_kind=told.subject_kind,
        subject_id=told.subject_id or "",
        made_at=told.made_at,
        state=Hook.State.WAITING if wanted else Hook.State.IGNORED,
        next_at=now if wanted else None,
        done_at=None if wanted else now,
    )
