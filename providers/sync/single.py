"""Rows that came on their own: refreshed at the desk, told by a webhook, read back after an operation, tried again by a person.

They go the way that the nightly rows go, and an older reading never overwrites a newer one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from django.db import transaction

from providers.contracts import MirrorSource
from providers.models import Account, Quarantined
from providers.registry import has_source, source_for
from providers.specs import SPECS
from providers.sync.bad import Bad, bytes_of, keep_bad, resolve
from providers.sync.rows import content_hash, parsed, raw_hash
from providers.sync.runs import last_complete
from providers.sync.tables import Mirror, mirror_of
from providers.sync.text import cells_of
from providers.sync.write import CHUNK, Ready, store

NO_KEYS: frozenset[str] = frozenset()


class Record(Protocol):
    """What every record that a mirror stores has."""

    @property
    def external_id(self) -> str: ...

    @property
    def raw(self) -> bytes: ...


def store_records(account: Account, collection: str, records: Sequence[Any], now: dt.datetime) -> int:
    """Write what was read at `now` (when it was asked for, not when it came). Returns how many rows are other than before
    or younger; 0 for a reading that a complete run has overtaken. Raises LookupError where nothing mirrors the collection."""
    mirror = _mirror(account, collection)
    overtaken = last_complete(account, collection)
    if overtaken and now < overtaken.began_at:
        return 0
    volatile = _volatile(account, collection)
    by_id = {record.external_id: _ready(mirror, record, volatile, now) for record in records}  # the last one stands
    rows = list(by_id.values())
    written = 0
    for start in range(0, len(rows), CHUNK):
        with transaction.atomic():
            done = store(mirror, account, rows[start : start + CHUNK], are_new=False)
            keep_bad(account, collection, [Bad.of(ready, problem) for ready, problem in done.refused])
            refused = {ready.external_id for ready, _problem in done.refused}
            resolve(account, collection, {row.external_id for row in rows[start : start + CHUNK]} - refused, now)
        written += done.count
    return written


def retry_quarantined(
    rows: Iterable[Quarantined], now: dt.datetime, source: MirrorSource | None = None
) -> tuple[int, int]:
    """Read these again, from the bytes that we kept: after we have learned to. Returns (mended, still unreadable)."""
    mended = left = 0
    for row in rows:
        with _source(row.account, source) as reader, transaction.atomic():
            if _retry(row, reader, now):
                mended += 1
            else:
                left += 1
    return mended, left


def _retry(row: Quarantined, source: MirrorSource, now: dt.datetime) -> bool:
    content = bytes_of(row)
    mirror = _mirror(row.account, row.collection)
    try:
        external_id = source.id_of(row.collection, content)
        record = source.decode(row.collection, content)
        hashes = raw_hash(content), content_hash(parsed(content), _volatile_of(source, row.collection))
        ready = Ready(external_id, *hashes, content, row.last_at, cells_of(mirror, record))
    except ValueError as error:
        keep_bad(
            row.account, row.collection, [Bad(row.external_id, raw_hash(content), content, str(error), row.last_at)]
        )
        return False
    done = store(mirror, row.account, [ready], are_new=False)
    if done.refused:
        keep_bad(row.account, row.collection, [Bad.of(*pair) for pair in done.refused])
        return False
    resolve(row.account, row.collection, {row.row_key}, now)
    return True


def _mirror(account: Account, collection: str) -> Mirror:
    mirror = mirror_of(SPECS[account.provider].kind, collection)
    if mirror is None:
        raise LookupError(f"nothing mirrors {collection}")
    return mirror


def _ready(mirror: Mirror, record: Record, volatile: frozenset[str], now: dt.datetime) -> Ready:
    hashes = raw_hash(record.raw), content_hash(parsed(record.raw), volatile)
    return Ready(record.external_id, *hashes, record.raw, now, cells_of(mirror, record))


def _volatile(account: Account, collection: str) -> frozenset[str]:
    if not has_source(account.provider):
        return NO_KEYS
    with _source(account, None) as source:
        return _volatile_of(source, collection)


def _volatile_of(source: MirrorSource, collection: str) -> frozenset[str]:
    return next((found.volatile for found in source.collections() if found.name == collection), NO_KEYS)


@contextmanager
def _source(account: Account, given: MirrorSource | None) -> Any:
    """To read bytes with, not to ask anybody."""
    if given is not None:
        yield given
        return
    source, close = source_for(account, lambda call: None)
    try:
        yield source
    finally:
        close()
