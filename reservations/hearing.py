"""Which records we read again when a provider says that something happened to them."""

from __future__ import annotations

from typing import Any

from customers.models import ProviderCustomer
from providers.contracts.bookings import BookingProvider
from providers.hooks import Heard
from providers.models import Account
from reservations.sync import store_seen


def read_reservation(client: BookingProvider, account: Account, external_id: str) -> list[Any]:
    found = client.reservation(external_id)
    return [found, *_stranger(client, account, found.customer_id)] if found else []


def read_subscription(client: BookingProvider, account: Account, external_id: str) -> list[Any]:
    found = client.subscription(external_id)
    return [found, *_stranger(client, account, found.customer_id)] if found else []


def read_customer(client: BookingProvider, account: Account, external_id: str) -> list[Any]:
    found = client.customer(external_id)
    return [found] if found else []


def _stranger(client: BookingProvider, account: Account, customer_id: str) -> list[Any]:
    """Whoever booked for the first time is found at the desk at once, not on the next day."""
    known = ProviderCustomer.objects.filter(account=account, external_id=customer_id)
    if not customer_id or known.exists():
        return []
    return read_customer(client, account, customer_id)


HEARD = Heard(
    readers={"reservation": read_reservation, "subscription": read_subscription, "customer": read_customer},
    store=store_seen,
)
