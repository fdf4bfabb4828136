"""A clinic of its own for each test: a branch with two tills, people, an account at the twin, vouchers nobody else has."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.test import Client
from django.utils import timezone

from branches.models import Branch, Till, User
from branches.roles import Role
from branches.services import add_branch, add_staff
from providers.accounts import connect_account
from providers.models import Account, Environment, Operation, State
from providers.sandbox.running import RunningSandbox
from tests.scene import SLUG, Desk, eventually
from tests.signed_in import sign_in
from vouchers import services
from vouchers.models import Lookup
from vouchers.services import Place

LOGIN = {"email": "centeradmintesting@admin.com", "password": "*@123#"}
PASSWORD = "a-long-password-2026"
FAMILY = ("سارة القحطاني", "فهد القحطاني", "Fatima Zahra Benali")
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Clinic:
    branch: Branch
    account: Account
    twin: RunningSandbox

    def hire(self, role: str = Role.RECEPTIONIST, language: str = "ar", name: str = "ريم") -> User:
        number = next(_numbers)
        user, _created = add_staff(username=f"{role}-{number}", role=role, branches=[self.branch], password=PASSWORD)
        user.first_name, user.last_name, user.language = name, "العتيبي", language
        user.save()
        return user

    def till(self, number: int = 1) -> Till:
        return Till.objects.get(branch=self.branch, number=number)

    def place(self, user: User, number: int = 1) -> Place:
        return Place(user, self.branch, self.till(number))

    def desk(self, user: User, number: int = 1) -> Desk:
        """The same person's work by the services, for states that no browser is needed to reach."""
        return Desk(self.place(user, number), self.twin)

    def redeemed(self, user: User, code: str, number: int = 1) -> Operation:
        """By the workers, as somebody else's work that is over."""
        lookup = services.start_lookup(code, self.place(user, number), now=timezone.now())
        eventually(lambda: Lookup.objects.filter(pk=lookup.pk, state=Lookup.State.FOUND))
        lookup.refresh_from_db()
        services.choose_person(lookup, lookup.cards[0]["id"])
        services.set_total(lookup, Decimal(600), now=timezone.now())
        redemption = services.redeem_voucher(lookup, self.place(user, number), now=timezone.now())
        done = Operation.objects.filter(redemption=redemption, state=State.SUCCEEDED)
        return eventually(done.first)

    def voucher(self, code: str = "", **fields: Any) -> str:
        """A voucher of the twin: 200 SAR, good for thirty days, with three cards, unless `fields` say otherwise."""
        number = next(_numbers)
        code = code or f"VCL8C{2000 + number}NO{6000 + number}"
        family = [card(number * 10 + place, name) for place, name in enumerate(FAMILY)]
        wanted = {"voucher_code": code, "status": "verified", "price_value": 200, "client_cards": family, **fields}
        self.twin.control.put_vouchers(SLUG, wanted)
        return code

    def session(self, user: User, number: int = 1) -> str:
        """The session cookie of somebody who is signed in at this till."""
        session = sign_in(Client(), user).session
        session["till"] = str(self.till(number).pk)
        session.save()
        return str(session.session_key)


def opened(twin: RunningSandbox) -> Clinic:
    number = next(_numbers)
    names = {"ar": f"العليا {number}، الرياض", "en": f"Olaya {number}, Riyadh", "fr": f"Olaya {number}, Riyad"}
    branch, _created = add_branch(
        code=f"clinic-{number}", names=names, country="SA", timezone="Asia/Riyadh", currency="SAR"
    )
    branch.company_ar, branch.company_en, branch.shows_hijri = "عيادات رُبى", "Ruba Clinics", True
    branch.save()
    Till.objects.create(branch=branch, number=2)
    connected = connect_account(
        provider=SLUG,
        branch=branch,
        base_url=twin.base_url(SLUG),
        environment=Environment.SANDBOX,
        values=LOGIN,
        label=branch.code,
    )
    return Clinic(branch, connected.account, twin)


def card(number: int, name: str) -> Mapping[str, Any]:
    return {
        "id": 40_000 + number,
        "fullname": name,
        "phone": f"9665{50_000_000 + number:08d}",
        "nationality": "SA",
        "start_date": "2026-01-01",
        "end_date": "2027-12-31",
        "gender": "female",
        "identity_number": f"10{number:08d}",
        "email": "family@example.com",
    }
