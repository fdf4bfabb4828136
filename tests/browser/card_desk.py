"""A clinic that keeps cards at the provider's twin, for each test its own branch; the twin's clients and visits are
everybody's, so each test changes those of a client that no other test needs."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.utils import timezone

from branches.models import Till
from branches.services import add_branch
from customers.models import ProviderCustomer
from loyalty.effects.shared import bill_of
from loyalty.models import Act, Appointment, Card, Visit
from loyalty.selectors import held_by
from loyalty.sync import cards_of, store_seen
from providers.accounts import connect_account
from providers.models import Environment
from providers.operations.journal import Journal
from providers.registry import loyalty_for
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from providers.sandbox.shelf import Effect
from tests.browser.clinic import Clinic
from tests.browser.screen import ON_SCREEN, Screen
from tests.scene import eventually

SLUG = "altegio"
CASHBACK, TEN_PERCENT = "10992", "18005"
SARA, OMAR, NOURA, FAHD, MARY, HIND = "401", "402", "403", "404", "405", "406"
_numbers = itertools.count(1)


class CardClinic(Clinic):
    def client(self) -> Any:
        return loyalty_for(self.account, Journal(self.account))

    def customer(self, client_id: str) -> ProviderCustomer:
        return ProviderCustomer.objects.get(account=self.account, external_id=client_id)

    def appointment(self, client_id: str) -> Appointment:
        return Appointment.objects.filter(account=self.account, client_id=client_id).order_by("starts_at")[0]

    def card(self, client_id: str) -> Card:
        """As it stands there now."""
        store_seen(self.account, [cards_of(self.client(), client_id)], timezone.now())
        return held_by(self.account.pk, client_id)[0].card

    def bill(self, client_id: str) -> Visit:
        row = self.appointment(client_id)
        seen = bill_of(self.client(), {"visit_id": row.visit_id, "record_id": row.external_id, "place_id": ""})
        assert seen
        store_seen(self.account, [seen], timezone.now())
        return Visit.objects.get(account=self.account, external_id=row.visit_id)

    def balance(self, client_id: str) -> Decimal:
        return self.card(client_id).balance

    def effects(self) -> list[Effect]:
        return self.twin.control.ledger(SLUG)

    def acts(self, kind: str) -> list[Act]:
        rows = Act.objects.filter(operation__branch=self.branch, operation__kind=kind)
        return list(rows.select_related("operation").order_by("operation__created_at"))


def opened_salon(twin: RunningSandbox) -> CardClinic:
    number = next(_numbers)
    names = {"ar": f"الياسمين {number}، الرياض", "en": f"Yasmin {number}, Riyadh", "fr": f"Yasmin {number}, Riyad"}
    branch, _created = add_branch(
        code=f"cards-{number}", names=names, country="SA", timezone="Asia/Riyadh", currency="SAR"
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
    twin.control.rules(SLUG, limits="off")
    clinic = CardClinic(branch, connected.account, twin)
    client, long_ago = clinic.client(), dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
    rows = [*client.card_types(), *client.programs(), *client.clients(long_ago), *client.appointments(long_ago)]
    store_seen(clinic.account, rows, timezone.now())
    return clinic


# On the screen --------------------------------------------------------------------------------------------------------

CONFIRM = "#part form[data-confirm]"
DONE, PART, REFUSED, CHECKING = (f"#part .rc.t-{tone}" for tone in ("done", "plain", "refused", "checking"))


def calm(screen: Screen) -> None:
    """The card that is on the screen has been there for a moment: only now does a key count."""
    seen = screen.page.evaluate("performance.now()")
    eventually(lambda: screen.page.evaluate("performance.now()") > seen + 450)


def ready(screen: Screen) -> None:
    screen.see(f"{CONFIRM} button:focus")
    eventually(lambda: screen.page.evaluate(ON_SCREEN) > 450)
