"""A clinic that books through the provider in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from branches.models import Branch, User
from customers.models import ProviderCustomer
from customers.sync import store_customers
from providers import registry
from providers.contracts import ProviderSpec
from providers.models import Account, BranchAccount, Environment
from reservations.models import Product, Reservation
from reservations.services import Place
from reservations.sync import store_seen
from tests.reservations.book import Book
from tests.reservations.clinic import Clinic
from tests.reservations.shelf import NAKHEEL, OLAYA
from tests.scene import QUICK

SLUG = "inmemory"
NOW = dt.datetime(2027, 1, 10, 5, 0, tzinfo=dt.UTC)  # 8 in the morning in Riyadh


@pytest.fixture
def book(settings: Any) -> Iterator[Book]:
    settings.WINDOWS = QUICK
    found = Book()
    names = {"ar": "دفتر", "en": "Book", "fr": "Carnet"}
    spec = ProviderSpec(SLUG, names, "reservations", (), {"branch_id": ""}, (), "SAR")
    with registry.registered(spec, bookings=lambda http, account, place: found):
        yield found


@pytest.fixture
def booking_account(olaya: Branch, book: Book) -> Account:
    account = Account.objects.create(
        provider=SLUG, label="Book", environment=Environment.SANDBOX, base_url="http://127.0.0.1:1"
    )
    BranchAccount.objects.create(branch=olaya, account=account, place={"branch_id": OLAYA})
    store_seen(account, [*book.places(), *book.practitioners(), *book.products()], NOW)
    store_customers(account, list(book.customers.values()), NOW)
    return account


@pytest.fixture
def elsewhere(nakheel: Branch, booking_account: Account) -> BranchAccount:
    """Another branch of the same account, as another place of it."""
    return BranchAccount.objects.create(branch=nakheel, account=booking_account, place={"branch_id": NAKHEEL})


@pytest.fixture
def clinic(booking_account: Account, book: Book, olaya: Branch, reem: User, huda: User) -> Clinic:
    return Clinic(
        book,
        booking_account,
        Place(reem, olaya, olaya.tills.get(number=1)),
        Place(huda, olaya),
        NOW,
        ProviderCustomer.objects.get(external_id="cust-1"),
        Product.objects.get(external_id="facial"),
    )


@pytest.fixture
def reservation(clinic: Clinic) -> Reservation:
    """At nine, pending, in their book and in our mirror."""
    return clinic.known(clinic.book.add_booking("cust-1", *clinic.nine))
