"""What staff and workers do, in few words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Now

from customers.models import ProviderCustomer
from providers import operations
from providers.models import Account, Operation, State
from reservations import services
from reservations.models import Act, Product, Reservation, Subscription
from reservations.selectors import Slot
from reservations.services import Choice, Place
from reservations.sync import store_seen
from tests.reservations.book import Book, Died
from tests.reservations.made import at, hours
from tests.scene import BUSY, make_due


@dataclass
class Clinic:
    book: Book
    account: Account
    place: Place
    supervisor: Place
    now: dt.datetime
    customer: ProviderCustomer
    product: Product

    nine = hours(6)  # in Riyadh

    def fresh(self, place: Place | None = None) -> Place:
        """A form of its own."""
        return dataclasses.replace(place or self.place, form_token=uuid.uuid4())

    def choice(self, hour: int = 6, **more: Any) -> Choice:
        return Choice(self.product, "price-once", slot(hour), **more)

    def order(self, *hour: int, customer: ProviderCustomer | None = None, **more: Any) -> Act:
        choices = [self.choice(one) for one in hour or (6,)]
        return services.book_reservation(customer or self.customer, choices, self.fresh(), now=self.now, **more)

    def move(self, row: Reservation, hour: int = 8, **more: Any) -> Act:
        return services.reschedule_reservation(row, slot(hour), self.fresh(), now=self.now, **more)

    def known(self, external_id: str) -> Reservation:
        store_seen(self.account, [self.book.bookings[external_id]], self.now)
        return Reservation.objects.get(account=self.account, external_id=external_id)

    def known_subscription(self, external_id: str) -> Subscription:
        store_seen(self.account, [self.book.contracts[external_id]], self.now)
        return Subscription.objects.get(account=self.account, external_id=external_id)


def slot(hour: int) -> Slot:
    wire_from, wire_to = hours(hour)
    return Slot(wire_from, wire_to, at(wire_from), at(wire_to), "price-once")


def turn(operation: Operation) -> None:
    """What the next scan does with this row; a worker may die in it, and its lease runs out."""
    make_due(operation)
    state = Operation.objects.values_list("state", flat=True).get(pk=operation.pk)
    try:
        if state in (State.CREATED, State.PREPARING):
            operations.send_operation(operation.pk)
        else:
            operations.settle_operation(operation.pk)
    except Died:
        Operation.objects.filter(pk=operation.pk).update(next_at=Now(), lease_until=Now())
    operation.refresh_from_db()


def finish(act: Act) -> Operation:
    finish_all([act])
    return Operation.objects.get(pk=act.operation_id)


def finish_all(acts: Sequence[Act], patience: float = 30) -> None:
    """Let the workers at them, by turns, until each has ended or wants a person."""
    mine, deadline = [act.operation_id for act in acts], time.monotonic() + patience
    while busy := list(Operation.objects.filter(pk__in=mine, state__in=BUSY)):
        for operation in busy:
            turn(operation)
        assert time.monotonic() < deadline, f"still {[operation.state for operation in busy]}"


def pass_review(operation: Operation) -> None:
    """As if it had been unknown for longer than a person should wait."""
    ago = dt.timedelta(seconds=1000)
    Operation.objects.filter(pk=operation.pk).update(sent_at=Now() - ago)
