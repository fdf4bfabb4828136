"""A worker makes something of an event: it reads the record that the event is about, as it is now.

All events about one record that wait are answered by one reading, and a record that was read a moment ago is left alone for a
while: five hundred events make two readings. So their order does not matter, and neither does what they say.
"""

from __future__ import annotations

import base64
import datetime as dt
import uuid
import zlib
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from providers.errors import ProviderError
from providers.hooks.readers import Heard, how_to_hear
from providers.models import Hook
from providers.operations import health
from providers.operations.journal import Journal
from providers.operations.life import database_now
from providers.registry import Rank, client_for, read_webhook
from providers.secrets import unseal
from providers.specs import SPECS

LEASE = dt.timedelta(seconds=120)
REST = dt.timedelta(seconds=10)  # between two readings of one record
A_MOMENT = dt.timedelta(seconds=1)
TRIES = 8
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 600.0
_LOCK = 0x686F6F6B


def hooks_due(limit: int = 100) -> list[uuid.UUID]:
    """One event of each record that wants a reading: the others go with it."""
    rows = Hook.objects.filter(state=Hook.State.WAITING, next_at__lte=Now()).order_by("next_at")
    found: dict[tuple[Any, ...], uuid.UUID] = {}
    for key, *about in rows.values_list("pk", "account", "subject_kind", "subject_id")[: limit * 10]:
        found.setdefault(tuple(about), key)
    return list(found.values())[:limit]


def take_hook(hook_id: uuid.UUID) -> str:
    """Read the record once. Returns the state the event was left in, '' if it was not ours to take."""
    hook = _take(hook_id)
    if hook is None:
        return ""
    how, journal = how_to_hear(SPECS[hook.account.provider].kind), Journal(hook.account)
    reader = how.readers.get(hook.subject_kind) if how else None
    if how is None or reader is None:  # a newer version knew it
        return _end(hook, Hook.State.IGNORED, "", database_now())
    asked_at = database_now()
    try:
        client = client_for(hook.account, journal, rank=Rank.MIRROR)
        records = reader(client, hook.account, hook.subject_id) or _sought(how, hook, client)
    except ProviderError as error:
        return _failed(hook, journal, error)
    with transaction.atomic(durable=True):
        now = database_now()
        journal.write()
        health.answered(hook.account, now)
        how.store(hook.account, records, asked_at)
        return _end(hook, Hook.State.DONE, "" if records else "not_there", now)


def _sought(how: Heard, hook: Hook, client: Any) -> Sequence[Any]:
    seeker = how.seekers.get(hook.subject_kind)
    content = unseal(bytes(hook.sealed_body), hook.context()) if seeker else ""
    told = read_webhook(hook.account.provider, base64.b64decode(content)) if content else []
    clue = next((one.clue for one, _bytes in told if one.subject_id == hook.subject_id), "")
    return seeker(client, hook.account, hook.subject_id, clue) if seeker and clue else []


def _take(hook_id: uuid.UUID) -> Hook | None:
    """It and all that wait beside it, unless somebody reads this record now, or has just read it."""
    with transaction.atomic(durable=True):
        hook = Hook.objects.select_related("account").filter(pk=hook_id, state=Hook.State.WAITING).first()
        if hook is None or not _only_one(hook):
            return None
        now, beside = database_now(), _beside(hook)
        if not beside.filter(pk=hook.pk, next_at__lte=now).exists():
            return None
        until = _not_before(hook, now)
        if until:
            beside.filter(state=Hook.State.WAITING, token=None).update(next_at=until)
            return None
        hook.token = uuid.uuid4()
        waiting = beside.filter(state=Hook.State.WAITING)
        waiting.update(token=hook.token, next_at=now + LEASE, tries=F("tries") + 1)
        hook.refresh_from_db(fields=["tries", "token"])
    return hook


def _only_one(hook: Hook) -> bool:
    """Until the end of the transaction: two that take two events of one record see each other."""
    about = f"{hook.account_id}:{hook.subject_kind}:{hook.subject_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, zlib.crc32(about.encode()) - 2**31])
        return bool(cursor.fetchone()[0])


def _beside(hook: Hook) -> QuerySet[Hook]:
    about = {"account": hook.account_id, "subject_kind": hook.subject_kind, "subject_id": hook.subject_id}
    return Hook.objects.filter(**about)


def _not_before(hook: Hook, now: dt.datetime) -> dt.datetime | None:
    if _beside(hook).filter(state=Hook.State.WAITING, next_at__gt=now).exclude(token=None).exists():
        return now + A_MOMENT
    read = _beside(hook).filter(state=Hook.State.DONE, done_at__gt=now - REST)
    last = read.order_by("-done_at").values_list("done_at", flat=True).first()
    return last + REST if last else None


def _failed(hook: Hook, journal: Journal, error: ProviderError) -> str:
    pause = min(error.retry_after or FIRST_PAUSE * 2 ** (hook.tries - 1), LONGEST_PAUSE)
    with transaction.atomic(durable=True):
        now = database_now()
        journal.write()
        health.failed(hook.account, error, now)
        if hook.tries >= TRIES:  # the nightly reading finds it
            return _end(hook, Hook.State.FAILED, error.code, now)
        again = {"token": None, "next_at": now + dt.timedelta(seconds=pause), "problem": error.code[:64]}
        _ours(hook).update(**again)
    return str(Hook.State.WAITING)


def _end(hook: Hook, state: str, problem: str, now: dt.datetime) -> str:
    _ours(hook).update(state=state, problem=problem[:64], done_at=now, next_at=None, token=None)
    return str(state)


def _ours(hook: Hook) -> QuerySet[Hook]:
    """By compare-and-set: when our lease ran out another worker may have taken them."""
    return _beside(hook).filter(state=Hook.State.WAITING, token=hook.token)
