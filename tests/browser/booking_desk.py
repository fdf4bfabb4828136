"""A clinic that books through the provider's twin, for each test its own; the twin's people and hours are everybody's."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from branches.models import Till
from branches.services import add_branch
from customers.models import ProviderCustomer
from providers.accounts import connect_account
from providers.contracts import BookingItem, BookingOrder, SlotQuery
from providers.models import Environment
from providers.operations.journal import Journal
from providers.registry import client_for
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from providers.sandbox.shelf import Effect
from reservations.models import Act, Ask, Product, Reservation, Subscription
from reservations.selectors import practitioner_ids_of
from reservations.sync import store_seen
from tests.browser import audit
from tests.browser.clinic import Clinic
from tests.browser.screen import ON_SCREEN, Screen
from tests.scene import eventually

SLUG = "rekaz"
FAMILY, ALONE = "0501234567", "0561239874"  # three people, and نورة الشمري
CHECK_UP, POLISHING = "Dental check-up", "Scaling and polishing"
_numbers = itertools.count(1)


class BookingClinic(Clinic):
    """Its mirror knows what is offered, and nobody yet."""

    def new_phone(self) -> str:
        return f"05888{next(_numbers):05d}"

    def product(self, name: str = CHECK_UP) -> Product:
        return Product.objects.get(account=self.account, name_en=name)

    def client(self) -> Any:
        return client_for(self.account, Journal(self.account))

    def know(self, phone: str = "+966561239874") -> ProviderCustomer:
        """Somebody of theirs, in our mirror."""
        [record] = self.client().customers_with(phone)
        store_seen(self.account, [record], timezone.now())
        return ProviderCustomer.objects.get(account=self.account, external_id=record.external_id)

    def reservation(self, *, status: str = "confirmed") -> Reservation:
        """A new one of theirs, the day after tomorrow or later, in our mirror."""
        client, now, customer = self.client(), timezone.now(), self.know()
        price = self.product().price_list[0].price_id
        first = dt.datetime.combine(timezone.localdate() + dt.timedelta(days=2), dt.time())
        free = client.slots(SlotQuery(price, first, first + dt.timedelta(days=20)))
        item = BookingItem(price, 1, free[0].wire_from, free[0].wire_to, free[0].practitioner_ids[:1])
        made = client.book(BookingOrder(customer.external_id, "", (item,))).references["reservations"]
        if status == "confirmed":
            client.confirm(made)
        store_seen(self.account, [client.reservation(made)], now)
        return Reservation.objects.get(account=self.account, external_id=made)

    def subscription(self, phone: str = "+966501234567") -> Subscription:
        """A running one of theirs, with its customer, in our mirror."""
        client, now = self.client(), timezone.now()
        for customer in client.customers_with(phone):
            for record in client.subscriptions_of(customer.external_id):
                if record.status.value == "active" and not record.is_paused and not record.paused_at:
                    store_seen(self.account, [customer, record], now)
                    return Subscription.objects.get(account=self.account, external_id=record.external_id)
        raise AssertionError("they have no running subscription")

    def take(self, path: str, row: Reservation) -> None:
        """Somebody else books, with the same practitioner, the time that this page is about to move a reservation to."""
        [ask_id, number] = path.rstrip("/").split("/")[-2:]
        ask = Ask.objects.get(pk=ask_id)
        slot = ask.result["slots"][int(number)]
        who = tuple(practitioner_ids_of(row))
        item = BookingItem(ask.result["price_id"], 1, slot["from"], slot["to"], who)
        self.client().book(BookingOrder(self.know().external_id, "", (item,)))

    def effects(self, external_id: str) -> list[Effect]:
        return [effect for effect in self.twin.control.ledger(SLUG) if effect.code == external_id]

    def acts(self, kind: str) -> list[Act]:
        rows = Act.objects.filter(operation__branch=self.branch, operation__kind=kind)
        return list(rows.select_related("operation").order_by("operation__created_at"))


def opened_clinic(twin: RunningSandbox) -> BookingClinic:
    number = next(_numbers)
    names = {"ar": f"الروضة {number}، الرياض", "en": f"Rawdah {number}, Riyadh", "fr": f"Rawdah {number}, Riyad"}
    branch, _created = add_branch(
        code=f"book-{number}", names=names, country="SA", timezone="Asia/Riyadh", currency="SAR"
    )
    branch.company_ar, branch.company_en, branch.shows_hijri = "عيادات رُبى", "Ruba Clinics", True
    branch.save()
    Till.objects.create(branch=branch, number=2)
    connected = connect_account(
        provider=SLUG,
        branch=branch,
        base_url=twin.base_url(SLUG),
        environment=Environment.SANDBOX,
        values=all_twins()[SLUG].login(),
        label=branch.code,
    )
    clinic = BookingClinic(branch, connected.account, twin)
    client = clinic.client()
    store_seen(clinic.account, [*client.places(), *client.practitioners(), *client.products()], timezone.now())
    return clinic


def nobody_asks(clinic: BookingClinic) -> None:
    """Every question of this clinic has had its answer."""
    eventually(lambda: not Ask.objects.filter(branch=clinic.branch, state=Ask.State.WAITING).exists())


# On the screen --------------------------------------------------------------------------------------------------------

PHONE_BOX, WHO, NAME = "#phone:focus", "#part input[name=customer]", "#part #name:focus"
WHAT, TIMES, CONFIRM = "#part input[name=price]", "#part input[name=slot]", "#part form[data-confirm]"
ANOTHER = "#part a[href*='with=']:not(.taken a):not([data-key])"
DONE, REFUSED, CHECKING, PERSON = (f"#part .rc.t-{tone}" for tone in ("done", "refused", "checking", "person"))


def up_to_what(screen: Screen, phone: str, digit: str = "") -> None:
    screen.open("/reservations/book/").see(PHONE_BOX)
    screen.type(phone)
    screen.press("Enter")
    screen.see(f"{WHO}:focus")
    if digit:
        choose(screen, digit)
    screen.press("Enter")
    screen.see(f"{WHAT}:focus")


def somebody_new(screen: Screen, phone: str) -> None:
    """With no other booking anywhere."""
    screen.open("/reservations/book/").see(PHONE_BOX)
    screen.type(phone)
    screen.press("Enter")
    screen.see(NAME)
    screen.type("ليلى المطيري")
    screen.press("Enter")
    screen.see(f"{WHAT}:focus")  # by itself, as soon as she is in our mirror


def choose(screen: Screen, digit: str) -> None:
    """By its number, as the card shows it."""
    screen.press(digit)
    screen.see(f"#part [data-digit='{digit}']:checked")


def up_to_confirm(screen: Screen, service: str = "1") -> None:
    """The first service, the nearest time."""
    choose(screen, service)
    screen.press("Enter")
    screen.see(f"{TIMES}:focus")
    screen.press("Enter")
    ready(screen)


def ready(screen: Screen) -> None:
    screen.see(f"{CONFIRM} button:focus")
    eventually(lambda: screen.page.evaluate(ON_SCREEN) > 450)


def in_order(screen: Screen) -> None:
    assert audit.sticks_out(screen.page) == []
