"""The one writer of the customer mirror: after a look, after an operation, and in the nightly run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from customers.models import ProviderCustomer
from providers.contracts.bookings import CustomerRecord
from providers.contracts.loyalty import LoyaltyClientRecord
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


def values_of_client(record: LoyaltyClientRecord) -> tuple[Any, ...]:
    """A client of a loyalty system: the same columns, as far as it knows them."""
    name = clean_text(record.name)[:200]
    return (
        record.card[:40],
        name,
        fold_name(name)[:200],
        record.phone[:40],
        clean_text(record.email)[:200],
        *(False, "", False, []),
    )


# One table for every system; an account is of one of them.
MIRROR = Mirror("reservations", "customers", ProviderCustomer, COLUMNS, values_of)
CLIENTS = Mirror("loyalty", "clients", ProviderCustomer, COLUMNS, values_of_client)


def store_customers(account: Account, records: Sequence[CustomerRecord], now: dt.datetime) -> None:
    store_records(account, MIRROR.collection, records, now)
