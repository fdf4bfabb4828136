"""The one writer of the customer mirror: after a look, after an operation, and in the nightly run."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from psycopg.types.json import Jsonb

from customers.models import ProviderCustomer
from providers.contracts.bookings import CustomerRecord
from providers.models import Account
from providers.normalise import clean_text, fold_name
from providers.sync import Mirror

COLUMNS = ("number", "name", "folded_name", "phone", "email", "is_company", "company", "is_blocked", "place_ids")


def values_of(record: CustomerRecord) -> tuple[Any, ...]:
    """A record as our columns have it, in their order."""
    name = clean_text(record.name)[:200]
    return (
        record.number[:40],
        name,
        fold_name(name)[:200],
        record.phone[:40],
        clean_text(record.email)[:200],
        record.is_company,
        clean_text(record.company)[:200],
        record.is_blocked,
        [place[:80] for place in record.place_ids],
    )


MIRROR = Mirror("reservations", "customers", ProviderCustomer, COLUMNS, values_of)


def store_customers(account: Account, records: Sequence[CustomerRecord], now: dt.datetime) -> None:
    store_records(account, MIRROR, records, now)


def store_records(account: Account, mirror: Mirror, records: Sequence[Any], now: dt.datetime) -> None:
    """A few records that somebody has just read, into their table. An older answer never overwrites a newer one (`seen_at`
    decides)."""
    rows: Any = mirror.model._default_manager
    with transaction.atomic():
        for record in sorted(records, key=lambda one: str(one.external_id)):  # two writers never wait for each other
            plain = [value.obj if isinstance(value, Jsonb) else value for value in mirror.values(record)]
            columns = dict(zip(mirror.columns, plain, strict=True)) | _kept(record.raw, now)
            row, created = rows.select_for_update().get_or_create(
                account=account, external_id=record.external_id, defaults=columns
            )
            if not created and row.seen_at <= now:
                rows.filter(pk=row.pk).update(**columns)


def _kept(raw: bytes, now: dt.datetime) -> dict[str, Any]:
    payload = json.loads(raw) if raw else {}
    canonical = json.dumps(payload, sort_keys=True).encode()
    return {
        "payload": payload,
        "raw_hash": hashlib.blake2b(raw, digest_size=16).digest(),
        "content_hash": hashlib.blake2b(canonical, digest_size=16).digest(),
        "seen_at": now,
        "gone_at": None,
    }
