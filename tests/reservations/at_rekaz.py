"""The clinic of Rekaz's twin, spoken to by the real client: what is there is read into the mirror first, as a night does it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from branches.models import Branch, User
from customers.models import ProviderCustomer
from providers.accounts import connect_account
from providers.contracts.booking_orders import SlotQuery
from providers.contracts.bookings import BookingProvider, SlotRecord
from providers.models import Account, Environment
from providers.operations.journal import Journal
from providers.registry import bookings_for
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from providers.sandbox.shelf import Effect
from reservations import services
from reservations.models import Act, Product, Reservation, Subscription
from reservations.selectors import Slot
from reservations.services import Choice, Content, NewPerson, Place
from reservations.sync import store_seen

SLUG = "rekaz"
PHONE, NEW_PHONE = "+966561239874", "+966599000001"  # one woman's alone, and nobody's
CLEANING, MONTHLY = "تنظيف وتلميع الأسنان", "برنامج العلاج الطبيعي الشهري"


@dataclass
class AtRekaz:
    twin: RunningSandbox
    account: Account
    client: BookingProvider
    place: Place
    supervisor: Place
    customer: ProviderCustomer

    @property
    def now(self) -> dt.datetime:
        return timezone.now()

    def fresh(self, place: Place | None = None) -> Place:
        """A form of its own."""
        return dataclasses.replace(place or self.place, form_token=uuid.uuid4())

    # What is there ----------------------------------------------------------------------------------------------------

    def product(self, name: str) -> Product:
        return Product.objects.get(account=self.account, name=name)

    def slots(self, product: Product) -> list[SlotRecord]:
        day = dt.datetime.combine(self.now.astimezone(self.place.branch.zone).date() + dt.timedelta(days=2), dt.time())
        query = SlotQuery(product.price_list[0].price_id, day, day + dt.timedelta(days=1))
        return [one for one in self.client.slots(query) if one.is_bookable]

    def slot(self, n: int = 0, who: str = "") -> Slot:
        """The n-th free time, of those at which this one has nothing else to do."""
        product = self.product(CLEANING)
        found = [one for one in self.slots(product) if not who or who in one.practitioner_ids][n]
        price = product.price_list[0].price_id
        return Slot(found.wire_from, found.wire_to, found.starts_at, found.ends_at, price)

    def known(self, external_id: str) -> Reservation:
        found = self.client.reservation(external_id)
        assert found
        store_seen(self.account, [found], self.now)
        return Reservation.objects.get(account=self.account, external_id=external_id)

    def subscription(self, external_id: str) -> Subscription:
        found = self.client.subscription(external_id)
        assert found
        store_seen(self.account, [found], self.now)
        return Subscription.objects.get(account=self.account, external_id=external_id)

    def running(self) -> Subscription:
        """One of theirs that is paid and not paused."""
        rows = [one for name in PEOPLE for one in self.client.customers_with(name)]
        found = [row for one in rows for row in self.client.subscriptions_of(one.external_id)]
        return self.subscription(next(row.external_id for row in found if row.status == "active" and not row.paused_at))

    def effects(self) -> list[Effect]:
        return self.twin.control.ledger(SLUG)

    # What is done -----------------------------------------------------------------------------------------------------

    def book(self, n: int = 0, **more: Any) -> Act:
        choices = [Choice(self.product(CLEANING), self.slot(n).price_id, self.slot(n))]
        return services.book_reservation(self.customer, choices, self.fresh(), now=self.now, **more)

    def move(self, row: Reservation, n: int = 3) -> Act:
        names = {one.name: one.external_id for one in self.client.practitioners()}
        slot = self.slot(n, names[row.practitioners[0]["name"]])
        return services.reschedule_reservation(row, slot, self.fresh(), now=self.now)

    def confirm(self, row: Reservation) -> Act:
        return services.confirm_reservation(row, self.fresh(), now=self.now)

    def cancel(self, row: Reservation) -> Act:
        return services.cancel_reservation(row, "مريضة", self.fresh(self.supervisor), notify=True, now=self.now)

    def end(self, row: Reservation) -> Act:
        return services.finish_reservation(row, self.fresh(), now=self.now)

    def check_in(self, row: Reservation | Subscription) -> Act:
        return services.check_in(row, self.fresh(), now=self.now)

    def check_out(self, row: Reservation | Subscription) -> Act:
        return services.check_out(row, self.fresh(), now=self.now)

    def create(self) -> Act:
        person = NewPerson("ليلى الفهد", NEW_PHONE)
        return services.create_customer(person, self.account, self.fresh(), now=self.now)

    def subscribe(self) -> Act:
        product = self.product(MONTHLY)
        content = Content(product, product.price_list[0])
        return services.subscribe_customer(self.customer, [content], self.today(1), self.fresh(), now=self.now)

    def pause(self, row: Subscription, first: int = 0) -> Act:
        place = self.fresh(self.supervisor)
        return services.pause_subscription(row, self.today(first), self.today(first + 7), place, now=self.now)

    def resume(self, row: Subscription) -> Act:
        return services.resume_subscription(row, self.today(0), self.fresh(self.supervisor), now=self.now)

    def today(self, days: int) -> dt.date:
        return self.place.branch.business_date(self.now) + dt.timedelta(days=days)


PEOPLE = ("+966501234567", "+966555010203", "+966540112233")


def at_rekaz(twin: RunningSandbox, branch: Branch, person: User, supervisor: User) -> AtRekaz:
    connected = connect_account(
        provider=SLUG,
        branch=branch,
        base_url=twin.base_url(SLUG),
        environment=Environment.SANDBOX,
        values=all_twins()[SLUG].login(),
    )
    account = connected.account
    client = bookings_for(account, Journal(account))
    people = client.customers_with(PHONE)
    store_seen(account, [*client.places(), *client.practitioners(), *client.products(), *people], timezone.now())
    customer = ProviderCustomer.objects.get(account=account, external_id=people[0].external_id)
    place = Place(person, branch, branch.tills.get(number=1))
    return AtRekaz(twin, account, client, place, Place(supervisor, branch), customer)
