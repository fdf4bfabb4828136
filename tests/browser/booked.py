"""Every state of a booking that a page can show, made by the services themselves with no worker at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from branches.models import User
from customers.models import ProviderCustomer
from providers.models import Evidence, State, SyncDeed
from providers.operations import decide, send_operation
from providers.operations.life import move
from reservations import services
from reservations.cards.booking import DAYS
from reservations.models import Act, Ask, Horizon, Product, Reservation, Subscription
from reservations.selectors import candidates_of, offer_of, slots_of
from reservations.services import Choice, Place
from tests.browser.booking_desk import CHECK_UP, FAMILY, SLUG, BookingClinic
from tests.web.mirrors import mirrored, run_of
from tests.web.world import walk

LONG_SERVICE = "جلسة علاج طبيعي وتأهيل متقدمة للعمود الفقري والمفاصل مع متابعة منزلية لمدة شهر"
LONG_PRACTITIONER = "الدكتورة عائشة بنت عبدالرحمن بن محمد آل الشيخ الأنصاري"
KeepPath = Callable[[str, str], object]
LONG = "+966500000017"  # of somebody with a very long name


class Booked:
    """`keep` takes the name of a page and its path."""

    def __init__(self, clinic: BookingClinic, clerk: User, chief: User, keep: KeepPath) -> None:
        self.clinic, self.clerk, self.chief, self._keep = clinic, clerk, chief, keep
        self.customer = clinic.know(LONG)
        self.row, self.running = clinic.reservation(), clinic.subscription()
        self._drafts()
        self._acts()
        self._changes()
        self._doubts()
        self._mirrors()

    def keep(self, name: str, view: str, *arguments: object) -> None:
        self._keep(name, reverse(f"reservations:{view}", args=arguments))

    def place(self, user: User | None = None) -> Place:
        return Place(user or self.clerk, self.clinic.branch, self.clinic.till())

    # Drafts -----------------------------------------------------------------------------------------------------------

    def _drafts(self) -> None:
        self.keep("book", "book")
        self.keep("book person", "book_person", self._who(FAMILY).pk)
        self.keep("book new", "book_person", self._who(self.clinic.new_phone()).pk)
        self.keep("book what", "book_what", self.customer.pk)
        ask = self._times()
        self.keep("book times", "book_times", self.customer.pk, ask.pk)
        self.keep("book confirm", "book_confirm", self.customer.pk, ask.pk, 0)
        others = "&".join(f"with={ask.pk.hex}-{number}" for number in (1, 2))
        self._keep("book another", reverse("reservations:book_what", args=[self.customer.pk]) + f"?{others}")
        path = reverse("reservations:book_confirm", args=[self.customer.pk, ask.pk, 0])
        self._keep("book confirm of three", f"{path}?{others}")
        self.clinic.twin.control.fault("status", provider=SLUG, endpoint="product", status=503)
        self.keep("book no answer", "book_times", self.customer.pk, self._times().pk)
        self.keep("book asking", "book_times", self.customer.pk, self._waiting().pk)
        monthly = Product.objects.filter(account=self.clinic.account, kind="subscription").order_by("name")[0]
        price = f"{monthly.pk}:{monthly.price_list[0].stable_id}"
        self.keep("subscribe", "subscribe", self.customer.pk)
        day = timezone.localdate() + dt.timedelta(days=40)
        query = f"?price={price}&day={day.isoformat()}&days=Sunday&days=Tuesday&off=10&off_kind=percentage"
        path = reverse("reservations:subscribe_confirm", args=[self.customer.pk, self._times(monthly).pk])
        self._keep("subscribe confirm", path + query)

    def _who(self, phone: str) -> Ask:
        ask = services.ask_customers(self.clinic.account, phone, self.place(), now=timezone.now())
        return self._answered(ask)

    def _times(self, product: Product | None = None) -> Ask:
        about = product or self.clinic.product(CHECK_UP)
        stable, now = about.price_list[0].stable_id, timezone.now()
        return self._answered(services.ask_slots(about, stable, now.date(), DAYS, self.place(), now=now))

    def _answered(self, ask: Ask) -> Ask:
        assert services.answer_ask(ask.pk)
        ask.refresh_from_db()
        return ask

    def _waiting(self) -> Ask:
        """For an hour, and nobody may ask."""
        hour, product = dt.timedelta(hours=1), self.clinic.product(CHECK_UP)
        with transaction.atomic():
            now = timezone.now() - hour
            ask = services.ask_slots(product, product.price_list[0].stable_id, now.date(), DAYS, self.place(), now=now)
            Ask.objects.filter(pk=ask.pk).update(next_at=timezone.now() + hour)
        return ask

    # Acts -------------------------------------------------------------------------------------------------------------

    def _acts(self) -> None:
        self.keep("act done", "act", self._booked(self.customer, 0).pk)
        self.keep("act done: slip", "act_slip", self._booked(self.clinic.know(), 1).pk)
        for n, state in enumerate((State.CREATED, State.UNKNOWN, State.NEEDS_REVIEW, State.NOT_SENT), 2):
            act = self._pressed(self.customer, n)
            walk(act.operation, state)
            self.keep(f"act {state.value}", "act", act.pk)
        act = self._pressed(self.customer, 6)
        walk(act.operation, State.SENDING)
        refused = {"now": timezone.now(), "by": "test", "refusal_code": "provider_refused", "sends": 1}
        move(act.operation, State.REFUSED, **refused)
        self.keep("act refused by them", "act", act.pk)

    def _pressed(self, customer: ProviderCustomer, number: int) -> Act:
        ask, now = self._times(), timezone.now()
        slot = slots_of(ask, now)[number]
        choice = Choice(self.clinic.product(CHECK_UP), slot.price_id, slot)
        return services.book_reservation(customer, [choice], self.place(), now=now, again=True)

    def _booked(self, customer: ProviderCustomer, number: int) -> Act:
        act = self._pressed(customer, number)
        assert send_operation(act.operation_id) == State.SUCCEEDED
        for ask in Ask.objects.filter(branch=self.clinic.branch, kind=Ask.Kind.RESERVATION, state=Ask.State.WAITING):
            services.answer_ask(ask.pk)
        return act

    # Changes ----------------------------------------------------------------------------------------------------------

    def _changes(self) -> None:
        row: Reservation = self.row
        for view in ("finish", "check_in", "cancel", "reschedule"):
            self.keep(f"change {view}", view, row.pk)
        offer = offer_of(row)
        assert offer
        ask = self._times(offer[0])
        self.keep("move times", "move_times", row.pk, ask.pk)
        self.keep("move", "move", row.pk, ask.pk, 0)
        act = services.check_in(row, self.place(), now=timezone.now())
        assert send_operation(act.operation_id) == State.SUCCEEDED
        self.keep("act attended", "act", act.pk)
        self.keep("undo", "undo", act.pk)
        running: Subscription = self.running
        for view in ("pause", "resume", "check_in_subscription"):
            self.keep(f"subscription {view}", view, running.pk)

    # What a person must decide, and how the mirrors stand ----------------------------------------------------------------

    def _doubts(self) -> None:
        """Of somebody with a very long name: two of theirs fit what we asked for, and a third by another clock."""
        for name, decided in (("act to decide", False), ("act decided", True)):
            customer = self.clinic.know() if decided else self.customer
            act = self._doubtful(customer, len(self.clinic.acts("booking.book")))
            if decided:
                found = [one.external_id for one in candidates_of(act) if one.may_be_ours]
                decide(act.operation, self.chief, applied=True, reason="issuer_portal", named=found[:1], note_text="ok")
            self._keep(name, reverse("desk:act_review", args=[act.pk]))

    def _doubtful(self, customer: ProviderCustomer, number: int) -> Act:
        act = self._pressed(customer, number)
        walk(act.operation, State.NEEDS_REVIEW)
        now, slot = timezone.now(), act.asked["items"][0]["starts"]
        ids = [f"{act.pk}-{n}" for n in range(3)]
        for n, key in enumerate(ids):
            starts = dt.datetime.fromisoformat(slot) + dt.timedelta(hours=3 * (n == 2))
            Reservation.objects.create(
                **{"account": self.clinic.account, "external_id": key, "payload": {}, "seen_at": now, "made_at": now},
                **{
                    "raw_hash": b"0" * 16,
                    "content_hash": b"0" * 16,
                    "customer_id": act.customer_id,
                    "number": f"90{n}",
                },
                **{"starts_at": starts, "ends_at": starts + dt.timedelta(hours=1), "source": "WebBooking"},
                **{"product_name": LONG_SERVICE if n else CHECK_UP, "status": "pending", "price_name": "Once"},
                practitioners=[{"id": "dr-1", "name": LONG_PRACTITIONER if n else "Dr Salma"}],
            )
        facts = {"made": ids[:1], "of": 1, "more": 1, "also": ids[1:2], "otherwise": ids[2:]}
        for source, verdict, code in (("before", "clear", ""), ("read", "unclear", "several")):
            told = facts if code else {}
            Evidence.objects.create(
                operation=act.operation, source=source, verdict=verdict, code=code, at=now, facts=told
            )
        return act

    def _mirrors(self) -> None:
        """Runs of every kind, one of them going on."""
        account, now = self.clinic.account, timezone.now()
        mirrored(account)
        run_of(account, "attendances", "running", reported=1000, read=250)
        SyncDeed.objects.create(
            account=account, collection="customers", deed=SyncDeed.Deed.RETRY, by=self.chief, at=now
        )
        Horizon.objects.create(
            branch=self.clinic.branch, until=now + dt.timedelta(days=3), found_at=now, tried_at=now, products=3
        )
