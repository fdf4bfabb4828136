"""The one writer of the customer mirror: after a look, after an operation, and in the nightly run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from customers.models import ProviderCustomer
from providers.contracts.bookings import CustomerRecord
from providers.models import Account
from providers.normalise import clean_text, fold_name
from providers.sync import Mirror, store_records

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
    store_records(account, MIRROR.collection, records, now)
