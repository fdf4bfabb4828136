"""What a branch of the world has when it books: an account that nobody answers for, a service, a customer, a reservation, a
subscription, answered questions, and acts in the states that a page shows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from branches.models import User
from customers.models import ProviderCustomer
from providers.accounts import connect_account
from providers.models import Account, Environment, State
from providers.sandbox.box import all_twins
from reservations import services
from reservations.models import Act, Ask, Product, Reservation, Subscription
from reservations.selectors import slots_of
from reservations.services import Place
from tests.reservations.shelf import OLAYA
from tests.web.world import Corner, walk

PHONE, STABLE, PRICE = "+966500000001", "stable-1", "price-1"
WANTED = {
    "book_person": ("ask_id",),
    "book_what": ("customer_id",),
    "book_times": ("customer_id", "ask_id"),
    "cancel": ("reservation_id",),
    "reschedule": ("reservation_id",),
    "subscribe": ("customer_id",),
    "pause": ("subscription_id",),
    "resume": ("subscription_id",),
}
ROADS = ("confirm", "cancel", "finish", "check_in", "check_out", "reschedule", "move_times", "move")


@dataclass
class Bookings:
    corner: Corner
    account: Account
    product: Product
    monthly: Product
    customer: ProviderCustomer

    def place(self, actor: User | None = None) -> Place:
        return Place(actor or self.corner.clerk, self.corner.branch, self.corner.till)

    def reservation(self, status: str = "confirmed", **more: Any) -> Reservation:
        now, name = timezone.now(), uuid.uuid4().hex
        times = {"starts_at": now + dt.timedelta(hours=2), "ends_at": now + dt.timedelta(hours=3)}
        wire = {"wire_starts": "2026-11-26T09:00:00Z", "wire_ends": "2026-11-26T10:00:00Z"}
        facts = {"number": name[:6], "customer_id": self.customer.external_id, "customer_name": self.customer.name}
        facts |= {"product_name": self.product.name, "price_name": "Once", "customer_phone": PHONE, "status": status}
        return Reservation.objects.create(**_mirror(self.account, f"res-{name}"), **times, **wire, **facts, **more)

    def subscription(self, status: str = "active", **more: Any) -> Subscription:
        now, name = timezone.now(), uuid.uuid4().hex
        facts: dict[str, Any] = {"code": name[:6], "status": status, "customer_id": self.customer.external_id}
        facts |= {"starts_at": now, "ends_at": now + dt.timedelta(days=20), "wire_starts": "2026-11-26T00:00:00Z"}
        facts |= {"items": [{"id": "1", "name": "Monthly", "product": "Care", "quantity": 1}]}
        return Subscription.objects.create(**_mirror(self.account, f"sub-{name}"), **facts, **more)

    def slots(self, product: Product | None = None) -> Ask:
        """Answered: one free time, in two hours."""
        about, now = product or self.product, timezone.now()
        ask = services.ask_slots(about, STABLE, now.date(), 2, self.place(), now=now)
        starts = now + dt.timedelta(hours=2)
        free = {"from": "2026-11-26T09:00:00Z", "to": "2026-11-26T10:00:00Z", "left": 1, "practitioners": []}
        free |= {"starts": starts.isoformat(), "ends": (starts + dt.timedelta(hours=1)).isoformat(), "total": "300"}
        _answer(ask, {"slots": [free], "price_id": PRICE, "last": starts.isoformat()})
        return ask

    def customers(self, phone: str = PHONE, *, answered: bool = True) -> Ask:
        ask = services.ask_customers(self.account, phone, self.place(), now=timezone.now())
        if answered:
            _answer(ask, {"ids": []})
        return ask

    def attended(self, actor: User | None = None) -> Act:
        row = self.reservation()
        act = services.check_in(row, self.place(actor), now=timezone.now())
        walk(act.operation, State.SUCCEEDED)
        return act

    def act(self, state: str = State.CREATED, actor: User | None = None) -> Act:
        act = services.confirm_reservation(self.reservation("pending"), self.place(actor), now=timezone.now())
        walk(act.operation, state)
        return act

    def booked(self) -> Act:
        ask = self.slots()
        slot = services.Choice(self.product, PRICE, slots_of(ask, timezone.now())[0])
        act = services.book_reservation(self.customer, [slot], self.place(), now=timezone.now(), again=True)
        walk(act.operation, State.SUCCEEDED)
        operation = act.operation
        operation.outcome = {"references": {"payment_link": "https://pay.example/1", "reservations": "r1"}}
        operation.save(update_fields=["outcome"])
        return act

    def objects(self) -> dict[str, dict[str, Any]]:
        """What stands in each address of the bookings."""
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        act, booked, row = self.act(State.UNKNOWN), self.booked(), self.reservation()
        ask, running = self.slots(), self.subscription()
        for name in ("act", "act_done", "act_check"):
            found[f"reservations:{name}"] = {"act_id": act.pk}
        found["reservations:act_slip"] = {"act_id": booked.pk}
        found["reservations:undo"] = {"act_id": self.attended().pk}
        found["reservations:book_person"] = {"ask_id": self.customers().pk}
        for name in ("book_what", "book_times", "book_confirm", "subscribe"):
            found[f"reservations:{name}"] = {"customer_id": self.customer.pk, "ask_id": ask.pk, "slot": 0}
        found["reservations:subscribe_confirm"] = {
            "customer_id": self.customer.pk,
            "ask_id": self.slots(self.monthly).pk,
        }
        for name in ROADS:
            found[f"reservations:{name}"] = {"reservation_id": row.pk, "ask_id": ask.pk, "slot": 0}
        found["reservations:confirm"] = {"reservation_id": self.reservation("pending").pk}
        for name in ("pause", "resume", "check_in_subscription", "check_out_subscription"):
            found[f"reservations:{name}"] = {"subscription_id": running.pk}
        found["reservations:resume"] = {"subscription_id": self.subscription("paused", is_paused=True).pk}
        return dict(found)

    def arguments(self, name: str) -> list[Any]:
        """Of one address, as its path has them."""
        found, wanted = self.objects()[f"reservations:{name}"] if name != "book" else {}, WANTED.get(name, ())
        return [found[one] for one in wanted]

    def bodies(self) -> dict[str, dict[str, str]]:
        """A good answer to each form."""
        today, price = timezone.localdate().isoformat(), f"{self.product.pk}:{STABLE}"
        until = (timezone.localdate() + dt.timedelta(days=40)).isoformat()
        monthly = {"price": f"{self.monthly.pk}:{STABLE}", "day": until}
        return {
            "reservations:book": {"phone": "0500000001"},
            "reservations:book_person": {"customer": str(self.customer.pk)},
            "reservations:book_what": {"price": price, "day": until},
            "reservations:book_times": {"slot": "0"},
            "reservations:book_confirm": {"again": "yes"},
            "reservations:cancel": {"reason": "asked"},
            "reservations:reschedule": {"day": until},
            "reservations:move_times": {"slot": "0"},
            "reservations:subscribe": monthly,
            "reservations:subscribe_confirm": monthly,
            "reservations:pause": {"first": until, "until": (timezone.localdate() + dt.timedelta(days=50)).isoformat()},
            "reservations:resume": {"day": until, "today": today},
        }


def _answer(ask: Ask, result: dict[str, Any]) -> None:
    ask.state, ask.result, ask.answered_at, ask.next_at = Ask.State.ANSWERED, result, timezone.now(), None
    ask.save()


def _mirror(account: Account, external_id: str) -> dict[str, Any]:
    hashes = {"raw_hash": b"0" * 16, "content_hash": b"0" * 16}
    return {"account": account, "external_id": external_id, "payload": {}, "seen_at": timezone.now(), **hashes}


def _product(account: Account, kind: str, name: str, english: str) -> Product:
    price = {"price_id": PRICE, "stable_id": STABLE, "names": ["Once", "مرة", "Once"], "amount": "300"}
    price |= {"discounted": "255.5", "deposit": None, "minutes": 60, "billing_cycle": "", "billing_days": None}
    price |= {"has_occurrence": False}
    more: dict[str, Any] = {"name": name, "name_ar": name, "name_en": english, "kind": kind, "prices": [price]}
    more |= {"practitioners": [{"id": "dr-1", "name": "د. سلمى"}], "fields": [], "minutes": 60}
    return Product.objects.create(**_mirror(account, f"product-{kind}"), **more)


def open_bookings(corner: Corner) -> Bookings:
    connected = connect_account(
        provider="rekaz",
        branch=corner.branch,
        base_url="http://127.0.0.1:9/rekaz/api/public",  # nobody listens there, and nobody is meant to ask
        environment=Environment.SANDBOX,
        values={**all_twins()["rekaz"].login(), "branch_id": OLAYA},  # as the books of the reading pages have it
    )
    account = connected.account
    product = _product(account, "reservation", "تنظيف البشرة", "Facial")
    monthly = _product(account, "subscription", "اشتراك شهري", "Monthly care")
    customer = ProviderCustomer.objects.create(
        **_mirror(account, "customer-1"), name="سارة القحطاني", folded_name="ساره القحطاني", phone=PHONE, number="7"
    )
    return Bookings(corner, account, product, monthly, customer)
