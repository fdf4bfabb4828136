"""Rows that could not be read: kept with their error until they can be."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from providers.models import Account, Quarantined
from providers.secrets import seal, unseal
from providers.sync.tables import Mirror
from providers.sync.write import Ready

LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Bad:
    external_id: str  # '' for a row that has none
    hash: bytes
    content: bytes = field(repr=False)
    error: str
    seen_at: dt.datetime

    @property
    def key(self) -> str:
        return self.external_id or f"hash:{self.hash.hex()}"

    @classmethod
    def of(cls, ready: Ready, problem: str) -> Bad:
        return cls(ready.external_id, ready.raw_hash, ready.payload, problem, ready.seen_at)


def keep_bad(account: Account, collection: str, rows: Sequence[Bad]) -> None:
    """Inside a transaction. One that is there already is brought up to date; its bytes are sealed anew only if they differ."""
    found = Quarantined.objects.filter(account=account, collection=collection, row_key__in=[bad.key for bad in rows])
    there = {row.row_key: row for row in found}
    for bad in rows:
        row = there.get(bad.key)
        if row is None:
            row = Quarantined(account=account, collection=collection, row_key=bad.key, first_at=bad.seen_at)
            row.external_id = bad.external_id
        if bytes(row.raw_hash) != bad.hash:
            context = Quarantined.context(account.pk, collection, bad.key)
            row.raw_hash, row.sealed_row = bad.hash, seal(base64.b64encode(bad.content).decode(), context)
        row.error, row.last_at, row.resolved_at = bad.error[:LONGEST_ERROR], bad.seen_at, None
        row.save()
        there[bad.key] = row


def bytes_of(row: Quarantined) -> bytes:
    return base64.b64decode(unseal(row.sealed_row, Quarantined.context(row.account_id, row.collection, row.row_key)))


def open_keys(account: Account, collection: str) -> set[str]:
    rows = Quarantined.objects.filter(account=account, collection=collection, resolved_at__isnull=True)
    return set(rows.values_list("row_key", flat=True))


def resolve(account: Account, collection: str, keys: Collection[str], now: dt.datetime) -> None:
    rows = Quarantined.objects.filter(account=account, collection=collection, row_key__in=list(keys))
    rows.filter(resolved_at__isnull=True).update(resolved_at=now)


def resolve_unmet(
    account: Account, collection: str, since: dt.datetime, before: dt.datetime | None, now: dt.datetime
) -> None:
    """What a complete run did not meet again. Nameless rows were mended, and came under their names. Of those with a name a
    second complete run (the one before began at `before`) must have missed them, too: they do not list them any more."""
    rows = Quarantined.objects.filter(account=account, collection=collection, resolved_at__isnull=True)
    unmet = Q(external_id="", last_at__lt=since)
    if before is not None:
        unmet |= Q(last_at__lt=before)
    rows.filter(unmet).update(resolved_at=now)


def unmirrored(mirror: Mirror, account: Account) -> int:
    """How many rows of theirs are in quarantine and not, in an older form, in the mirror."""
    rows = Quarantined.objects.filter(account=account, collection=mirror.collection, resolved_at__isnull=True)
    ids = list(rows.values_list("external_id", flat=True))
    manager = mirror.model._default_manager
    return len(ids) - manager.filter(account=account, external_id__in=ids, gone_at__isnull=True).count()
