"""Every state of cards and visits that a page can show, made by the services themselves with no worker at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from branches.models import User
from customers.models import ProviderCustomer
from loyalty import services
from loyalty.models import Act, Appointment, Ask, Card, CardType, Visit
from loyalty.services import Place
from providers.models import State
from providers.operations import send_operation
from tests.browser.card_desk import FAHD, HIND, MARY, NOURA, OMAR, SARA, TEN_PERCENT, CardClinic
from tests.web.card_corner import Cards
from tests.web.world import Corner

LONG_NAME = "الأستاذة الجوهرة بنت عبدالعزيز بن عبدالرحمن آل الشيخ الأنصاري الخزرجي"
LONG_TYPE = "بطاقة الأصدقاء والعائلة الذهبية للمشتركات الدائمات في جميع فروع العيادات"
HOSTILE = "<img src=x onerror=alert(1)> \u202eabc"
KeepPath = Callable[[str, str], object]


class Carded:
    """`keep` takes the name of a page and its path."""

    def __init__(self, clinic: CardClinic, clerk: User, chief: User, keep: KeepPath) -> None:
        self.clinic, self.clerk, self.chief, self._keep = clinic, clerk, chief, keep
        kind = CardType.objects.filter(account=clinic.account).order_by("pk")[0]
        self.made = Cards(Corner(clinic.branch, clinic.account, clerk), clinic.account, clinic.customer(SARA), kind)
        self._read()
        self._customers()
        self._visits()
        self._issuing()
        self._acts()
        self._doubts()
        self._old()

    def keep(self, name: str, view: str, *arguments: object) -> None:
        self._keep(name, reverse(f"loyalty:{view}", args=arguments))

    def place(self, user: User | None = None) -> Place:
        return Place(user or self.clerk, self.clinic.branch, self.clinic.till())

    # What is there ----------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        for client in (SARA, OMAR, FAHD, MARY):
            self.clinic.card(client)
        for client in (SARA, OMAR, MARY):
            self.clinic.bill(client)

    def _customers(self) -> None:
        self.keep("cards of one", "customer", self.clinic.customer(SARA).pk)
        self.keep("cards of nobody", "customer", self.clinic.customer(HIND).pk)
        crowded = self._crowded()
        self.keep("cards of many", "customer", crowded.pk)
        card = self.clinic.card(SARA)
        for n in range(30):
            self.made.movement(card, str(n), day=None if n < 2 else timezone.localdate() - dt.timedelta(days=n))
        self.keep("card", "card", card.pk)
        self._keep("cards refreshing", f"{self.paths('customer', SARA)}?asked={self._waiting().pk}")

    def paths(self, view: str, client: str) -> str:
        return reverse(f"loyalty:{view}", args=[self.clinic.customer(client).pk])

    def _crowded(self) -> ProviderCustomer:
        """A very long name, many cards of long types, a program with an attack in it."""
        row = self.made.client(LONG_NAME)
        for n in range(5):
            program = {"id": f"9{n}", "title": HOSTILE if n == 1 else LONG_TYPE, "value": "10.5", "unit": "percent"}
            programs = [{**program, "is_discount": True, "is_cashback": None}] * (n % 3)
            title = LONG_TYPE if n % 2 else HOSTILE
            self.made.card(f"{10 ** (2 * n)}.25", row, type_title=title, programs=programs, number=f"900{n}" * 4)
        return row

    def _waiting(self) -> Ask:
        """For an hour, and nobody may ask."""
        hour = dt.timedelta(hours=1)
        with transaction.atomic():
            ask = services.refresh_client(self.clinic.customer(SARA), self.place(), now=timezone.now() - hour)
            Ask.objects.filter(pk=ask.pk).update(next_at=timezone.now() + hour)
        return ask

    # Visits -----------------------------------------------------------------------------------------------------------

    def _visits(self) -> None:
        mary, card = self.clinic.appointment(MARY), self.clinic.card(MARY)
        self.keep("visit", "visit", mary.pk)
        self.keep("visit not read", "visit", self.clinic.appointment(NOURA).pk)
        self.keep("visit amount", "withdraw", mary.pk, card.pk)
        path = reverse("loyalty:withdraw_confirm", args=[mary.pk, card.pk])
        self._keep("visit confirm", f"{path}?amount=100")
        self.keep("visit discount", "apply_program", mary.pk, card.pk, TEN_PERCENT)
        self.keep("visit referral", "referral", mary.pk)
        ask = services.ask_clients(self.clinic.account, "0501234567", self.place(), now=timezone.now())
        self.keep("visit referrer", "referral_confirm", mary.pk, self._answered(ask).pk)
        nobody = services.ask_clients(self.clinic.account, "0599999999", self.place(), now=timezone.now())
        self.keep("visit referrer unknown", "referral_confirm", mary.pk, self._answered(nobody).pk)
        paid = self._paid()
        self.keep("visit paid in parts", "visit", paid.pk)
        mine = self.crowd_card
        self.keep("visit cancel points", "cancel_points", paid.pk, mine.pk)
        self.keep("visit cancel discount", "cancel_program", paid.pk, mine.pk, "90")

    def _paid(self) -> Appointment:
        """By points on two items, a discount, a referral and money; by somebody with a very long name."""
        client = self.made.client(LONG_NAME)
        program = {"id": "90", "title": LONG_TYPE, "value": "10", "unit": "percent", "is_discount": True}
        self.crowd_card: Card = self.made.card("1234567.89", client, type_title=LONG_TYPE, programs=[program])
        row = self.made.appointment(client, services=[{"id": "1", "title": LONG_TYPE, "cost": "1"}])
        one = {"movement": "withdrawal", "card": self.crowd_card.external_id, "program": ""}
        loyalty = [{"id": "1", "amount": "40.00", **one}, {"id": "2", "amount": "20.50", **one}]
        loyalty += [{"id": "3", "amount": "10", **one, "movement": "discount", "program": "90"}]
        loyalty += [{"id": "4", "amount": "5", "movement": "discount", "card": "", "program": ""}]
        item = {"title": LONG_TYPE, "kind": "service", "quantity": "1", "first_cost": "60", "discount": "0"}
        items = [{**item, "id": str(n), "record_id": row.external_id, "cost": "1000050.25"} for n in range(3)]
        payments = [{"id": "7", "amount": "12.34", "paid_at": None}]
        Visit.objects.create(
            **self.made.mirror(row.visit_id),
            **{"record_id": row.external_id, "items": items, "loyalty": loyalty, "payments": payments},
            **{"total": Decimal("3000150.75"), "left_to_pay": Decimal("3000062.91")},
        )
        return row

    # Issuing ----------------------------------------------------------------------------------------------------------

    def _issuing(self) -> None:
        hind, sara = self.clinic.customer(HIND), self.clinic.customer(SARA)
        self.keep("issue", "issue", hind.pk)
        self.keep("issue choose", "issue_choose", hind.pk, self._types(hind).pk)
        has = self._types(sara)
        self.keep("issue has one", "issue_choose", sara.pk, has.pk)
        path = reverse("loyalty:issue_choose", args=[sara.pk, has.pk])
        self._keep("issue beside", f"{path}?beside=yes")
        self.keep("card removal", "remove", self.clinic.card(OMAR).pk)

    def _types(self, customer: ProviderCustomer) -> Ask:
        return self._answered(services.ask_card_types(customer, self.place(), now=timezone.now()))

    def _answered(self, ask: Ask) -> Ask:
        assert services.answer_ask(ask.pk)
        ask.refresh_from_db()
        return ask

    # Acts -------------------------------------------------------------------------------------------------------------

    def _acts(self) -> None:
        for state in (State.CREATED, State.UNKNOWN, State.NEEDS_REVIEW, State.NOT_SENT):
            self.keep(f"points {state.value}", "act", self.made.withdrawal(state).pk)
        clamped = self._pressed(OMAR, "300")
        assert send_operation(clamped.operation_id) == State.SUCCEEDED
        self.keep("points clamped", "act", clamped.pk)
        whole = self._pressed(MARY, "5")
        assert send_operation(whole.operation_id) == State.SUCCEEDED
        self.keep("points taken", "act", whole.pk)
        removed = services.remove_card(self.clinic.card(FAHD), "Lost", self.place(self.chief), now=timezone.now())
        assert send_operation(removed.operation_id) == State.SUCCEEDED
        self.keep("card removed", "act", removed.pk)

    def _pressed(self, client: str, points: str) -> Act:
        bill, card = self.clinic.bill(client), self.clinic.card(client)
        return services.withdraw_points(bill, card, Decimal(points), self.place(), now=timezone.now())

    def _doubts(self) -> None:
        act = self.made.points(State.NEEDS_REVIEW)
        for code in ("", "several"):
            self.made.looked(act, code=code)
        self._keep("card to decide", reverse("desk:card_review", args=[act.pk]))

    def _old(self) -> None:
        """Read days ago."""
        row = self.made.client("نورة الشمري")
        card = self.made.card("77", row)
        ago = timezone.now() - dt.timedelta(days=3)
        type(card).objects.filter(pk=card.pk).update(seen_at=ago)
        type(row).objects.filter(pk=row.pk).update(seen_at=ago)
        self.keep("cards of days ago", "customer", row.pk)
