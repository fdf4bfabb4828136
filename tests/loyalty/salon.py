"""The clinic of Altegio's twin, spoken to by the real client: what is there is read into the mirror first, as at night."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from branches.models import Branch, User
from customers.models import ProviderCustomer
from loyalty import selectors, services
from loyalty.effects.shared import bill_of, cards_of
from loyalty.models import Act, Appointment, Card, CardType, Proposal, Visit
from loyalty.services import Place
from loyalty.sync import store_seen
from providers.accounts import connect_account
from providers.contracts.loyalty import LoyaltyProvider
from providers.models import Account, Environment
from providers.operations.journal import Journal
from providers.registry import loyalty_for
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from providers.sandbox.shelf import Effect

SLUG = "altegio"
SARA, OMAR, NOURA, FAHD, MARY, HIND = "401", "402", "403", "404", "405", "406"
CASHBACK, REFERRAL, FIXED, TEN_PERCENT = "10992", "8230", "10993", "18005"
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass
class Salon:
    twin: RunningSandbox
    account: Account
    client: LoyaltyProvider
    place: Place
    supervisor: Place

    @property
    def now(self) -> dt.datetime:
        return timezone.now()

    def fresh(self, place: Place | None = None) -> Place:
        """A form of its own."""
        return dataclasses.replace(place or self.place, form_token=uuid.uuid4())

    # What is there ----------------------------------------------------------------------------------------------------

    def customer(self, client_id: str = SARA) -> ProviderCustomer:
        return ProviderCustomer.objects.get(account=self.account, external_id=client_id)

    def card(self, client_id: str = SARA) -> Card:
        """As it stands there now."""
        store_seen(self.account, [cards_of(self.client, client_id)], self.now)
        (card,) = selectors.cards_held_by(self.customer(client_id))
        return card

    def visit(self, client_id: str = SARA) -> Visit:
        """This client's visit of today, with its bill as it stands there now."""
        row = Appointment.objects.filter(account=self.account, client_id=client_id).order_by("starts_at").first()
        assert row is not None
        seen = bill_of(self.client, {"visit_id": row.visit_id, "record_id": row.external_id, "place_id": ""})
        assert seen is not None
        store_seen(self.account, [seen], self.now)
        return Visit.objects.get(account=self.account, external_id=row.visit_id)

    def card_type(self, type_id: str) -> CardType:
        return CardType.objects.get(account=self.account, external_id=type_id)

    def effects(self) -> list[Effect]:
        return self.twin.control.ledger(SLUG)

    def balance(self, client_id: str = SARA) -> Decimal:
        (card,) = self.client.cards_of_client(client_id)
        return card.balance

    # What is done -----------------------------------------------------------------------------------------------------

    def move(self, amount: str, client_id: str = SARA, place: Place | None = None, **more: Any) -> Act | Proposal:
        reason = more.pop("reason", "goodwill")
        card = self.card(client_id)
        return services.move_points(card, Decimal(amount), reason, self.fresh(place), now=self.now, **more)

    def give(self, amount: str, **more: Any) -> Act:
        act = self.move(amount, **more)
        assert isinstance(act, Act)
        return act

    def withdraw(self, amount: str, client_id: str = SARA) -> Act:
        visit, card = self.visit(client_id), self.card(client_id)
        return services.withdraw_points(visit, card, Decimal(amount), self.fresh(), now=self.now)

    def cancel(self, client_id: str = SARA) -> Act:
        return services.cancel_withdrawal(self.visit(client_id), self.card(client_id), self.fresh(), now=self.now)

    def apply_program(self, client_id: str = MARY) -> Act:
        visit, card = self.visit(client_id), self.card(client_id)
        return services.apply_program(visit, card, TEN_PERCENT, self.fresh(), now=self.now)

    def cancel_program(self, client_id: str = MARY) -> Act:
        visit, card = self.visit(client_id), self.card(client_id)
        return services.cancel_program(visit, card, TEN_PERCENT, self.fresh(), now=self.now)

    def refer(self, client_id: str = SARA) -> Act:
        phone = self.customer(FAHD).phone
        return services.apply_referral(self.visit(client_id), client_id, phone, self.fresh(), now=self.now)

    def issue(self, client_id: str = HIND, type_id: str = CASHBACK, **more: Any) -> Act:
        kind = self.card_type(type_id)
        return services.issue_card(self.customer(client_id), kind, self.fresh(), now=self.now, **more)

    def remove(self, client_id: str = SARA, reason: str = "Lost") -> Act:
        return services.remove_card(self.card(client_id), reason, self.fresh(self.supervisor), now=self.now)


def salon_at(twin: RunningSandbox, branch: Branch, person: User, supervisor: User) -> Salon:
    twin.control.rules(SLUG, limits="off")
    connected = connect_account(
        provider=SLUG,
        branch=branch,
        base_url=twin.base_url(SLUG),
        environment=Environment.SANDBOX,
        values=all_twins()[SLUG].login(),
    )
    account = connected.account
    client = loyalty_for(account, Journal(account))
    rows = [*client.card_types(), *client.programs(), *client.clients(LONG_AGO), *client.appointments(LONG_AGO)]
    store_seen(account, rows, timezone.now())
    place = Place(person, branch, branch.tills.get(number=1))
    return Salon(twin, account, client, place, Place(supervisor, branch))
