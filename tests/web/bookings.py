"""A branch that books: its account, a customer with a family, appointments today, a subscription. No provider is asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from customers.models import ProviderCustomer, Search
from customers.services import start_search
from customers.sync import store_customers
from providers.accounts import connect_account
from providers.contracts.booking_orders import Attending, Direction, Subject
from providers.contracts.bookings import ReservationStatus
from providers.models import Account, Environment
from providers.sandbox.box import all_twins
from reservations.models import Reservation, Subscription
from reservations.sync import store_seen
from tests.reservations.book import Book
from tests.reservations.made import attendance
from tests.reservations.shelf import OLAYA
from tests.web.world import Corner, far_from_midnight

SARA, OMAR = "cust-1", "cust-2"
PHONE = "0500000001"  # Sara's, as she says it
WHOLE = "+966500000001"


@dataclass
class Books:
    corner: Corner
    book: Book
    account: Account

    @property
    def customer(self) -> ProviderCustomer:
        return ProviderCustomer.objects.get(account=self.account, external_id=SARA)

    def known(self, who: str = SARA, *, minutes: int = 0, **more: object) -> Reservation:
        """So many minutes from now, an hour long."""
        starts = timezone.now().replace(microsecond=0) + dt.timedelta(minutes=minutes)
        wire_from, wire_to = (at.strftime("%Y-%m-%dT%H:%M:%SZ") for at in (starts, starts + dt.timedelta(hours=1)))
        external_id = self.book.add_booking(who, wire_from, wire_to, **more)
        store_seen(self.account, [self.book.bookings[external_id]], timezone.now())
        return Reservation.objects.get(account=self.account, external_id=external_id)

    def came(self, row: Reservation) -> None:
        seen = attendance(Attending(Subject.RESERVATION, Direction.CHECK_IN, row.external_id, row.customer_id))
        store_seen(self.account, [seen], timezone.now())

    def subscription(self, **more: object) -> Subscription:
        external_id = self.book.add_subscription(SARA, timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.book.change_subscription(external_id, **more)
        store_seen(self.account, [self.book.contracts[external_id]], timezone.now())
        return Subscription.objects.get(account=self.account, external_id=external_id)

    def search(self, typed: str = PHONE) -> Search:
        return start_search(typed, self.corner.branch, self.corner.clerk, now=timezone.now())


def open_books(corner: Corner) -> Books:
    connected = connect_account(
        provider="rekaz",
        branch=corner.branch,
        base_url="http://127.0.0.1:9/rekaz/api/public",
        environment=Environment.SANDBOX,
        values={**all_twins()["rekaz"].login(), "branch_id": OLAYA},
    )
    book = Book()
    store_customers(connected.account, list(book.customers.values()), timezone.now())
    return Books(corner, book, connected.account)


def day_full(books: Books) -> dict[str, Reservation]:
    """One who is served, one who waits, one who is late and owes, one who has paid, one who cancelled. It is the middle of the
    trading day, whatever the clock says."""
    far_from_midnight(books.corner.branch)
    rows = {
        "served": books.known(minutes=-20, status=ReservationStatus.CONFIRMED, remaining=Decimal(0)),
        "waits": books.known(minutes=20, status=ReservationStatus.CONFIRMED),
        "late": books.known(OMAR, minutes=-12),
        "done": books.known(OMAR, minutes=-50, status=ReservationStatus.DONE, remaining=Decimal(0)),
        "off": books.known(OMAR, minutes=-40, status=ReservationStatus.CANCELLED),
    }
    books.came(rows["served"])
    books.came(rows["waits"])
    return rows
