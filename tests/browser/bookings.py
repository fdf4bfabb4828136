"""A clinic that books, with the twin's own clinic in its mirror, and the days that a board may have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from branches.models import User
from customers.models import ProviderCustomer
from customers.services import start_search
from providers.accounts import connect_account
from providers.models import Account, Environment
from providers.rekaz.sandbox_clinic import HOSTILE_NAMES, LONGEST_NAME
from providers.sandbox.box import all_twins
from providers.sync import collections_of, sync_collection
from reservations import services
from reservations.models import Ask, Reservation, Subscription
from reservations.services import Place
from tests.browser.clinic import Clinic

SLUG = "rekaz"
FAMILY_PHONE, NOBODYS_PHONE = "0501234567", "0599999999"
EMPTY_DAY, CROWDED_DAY = dt.date(2040, 1, 1), dt.date(2040, 1, 2)
LATER = dt.timedelta(hours=1)


def connected(clinic: Clinic) -> Account:
    """At the same twin, by its own login; every collection read once."""
    account = connect_account(
        provider=SLUG,
        branch=clinic.branch,
        base_url=clinic.twin.base_url(SLUG),
        environment=Environment.SANDBOX,
        values=all_twins()[SLUG].login(),
        label=f"{clinic.branch.code} bookings",
    ).account
    for name in collections_of(account):
        sync_collection(account, name, full=True, now=timezone.now())
    return account


class Bookings:
    """`keep(name, view, key)` files a page; `paths` takes those with an address of their own."""

    def __init__(
        self, clinic: Clinic, user: User, keep: Callable[[str, str, object], None], paths: dict[str, str]
    ) -> None:
        self.clinic, self.user = clinic, user
        self.account = connected(clinic)
        self._pages(keep)
        paths["board on an empty day"] = f"{reverse('reservations:today')}?day={EMPTY_DAY}"
        paths["board of 200"] = f"{reverse('reservations:today')}?day={CROWDED_DAY}"
        ask = self._waiting()
        customer = self._customer("123700")
        paths["customer refreshing"] = f"{reverse('customers:customer', args=[customer.pk])}?asked={ask.pk}"

    def _pages(self, keep: Callable[[str, str, object], None]) -> None:
        for name, typed in {"family": FAMILY_PHONE, "nobody": NOBODYS_PHONE, "too short": "سا"}.items():
            search = start_search(typed, self.clinic.branch, self.user, now=timezone.now())
            keep(f"found {name}", "customers:found", search.pk)
        keep("customer", "customers:customer", self._customer("123700").pk)
        long = self._customer("123716")
        ProviderCustomer.objects.filter(pk=long.pk).update(name=LONGEST_NAME[:200])
        keep("customer with a long name", "customers:customer", long.pk)
        rows = Reservation.objects.filter(account=self.account).order_by("starts_at", "pk")
        self._crowd(rows[0])
        row = rows.filter(status="pending").last()
        assert row
        Reservation.objects.filter(pk=row.pk).update(
            customer_name=HOSTILE_NAMES[2], product_name=HOSTILE_NAMES[0], custom_status="VIP", meeting_url="https://x"
        )
        services.confirm_reservation(row, self.place, now=timezone.now())
        keep("reservation with an attack", "reservations:reservation", row.pk)
        for name, wanted in {
            "paused": {"is_paused": True},
            "with a planned pause": {"paused_at__gt": timezone.now()},
        }.items():
            found = Subscription.objects.filter(account=self.account, **wanted).first()
            assert found
            keep(f"subscription {name}", "reservations:subscription", found.pk)

    @property
    def place(self) -> Place:
        return Place(self.user, self.clinic.branch, self.clinic.till())

    def _customer(self, number: str) -> ProviderCustomer:
        return ProviderCustomer.objects.get(account=self.account, number=number)

    def _crowd(self, pattern: Reservation) -> None:
        """200 on one day, with nine practitioners, long names and old news: more than a grid has room for."""
        opens = dt.datetime.combine(CROWDED_DAY, dt.time(9), self.clinic.branch.zone)
        Reservation.objects.bulk_create(copied(pattern, n, opens) for n in range(200))

    def _waiting(self) -> Ask:
        ask = services.refresh_customer(self._customer("123700"), self.place, now=timezone.now() - LATER)
        Ask.objects.filter(pk=ask.pk).update(next_at=timezone.now() + LATER)
        return ask


def copied(pattern: Reservation, n: int, opens: dt.datetime) -> Reservation:
    columns: dict[str, Any] = {
        field.attname: getattr(pattern, field.attname) for field in pattern._meta.concrete_fields
    }
    starts = opens + dt.timedelta(minutes=3 * n)
    columns |= {
        "id": None,
        "external_id": f"crowd-{n}",
        "number": str(90_000 + n),
        "status": ("confirmed", "pending", "done", "cancelled")[n % 4],
        "starts_at": starts,
        "ends_at": starts + dt.timedelta(minutes=30),
        "customer_name": LONGEST_NAME[:200] if n % 20 == 0 else f"سارة القحطاني {n}",
        "practitioners": [{"id": "", "name": f"د. ريم العتيبي {n % 9}"}],
        "remaining": Decimal(n % 3 * 100),
        "seen_at": timezone.now() - dt.timedelta(days=2),
    }
    return Reservation(**columns)
