"""A clinic in Casablanca that takes several vouchers in one sale, in points: for each test its own, with vouchers nobody else
has."""

from __future__ import annotations

import itertools
from decimal import Decimal

from django.utils import timezone

from branches.models import Till, User
from branches.services import add_branch
from providers.accounts import connect_account
from providers.models import Environment
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from tests.browser.clinic import Clinic
from tests.sale import SHOP, SaleDesk
from vouchers.services import set_rate

AMINA, KARIM = "+212661234501", "+212672345602"
AS_SHE_SAYS_IT = "0661234501"
RATE = Decimal("0.9")  # so that no amount is the points by accident
_numbers = itertools.count(1)


class Shop(Clinic):
    def points(self, amount: float = 10, owner: str = AMINA, **fields: object) -> str:
        """A voucher of the twin, Amina's unless said otherwise; its code."""
        code = f"Qx{next(_numbers):04d}Rm"
        wanted = {"code": code, "customer": owner, "points_amount": amount, "status": "available", **fields}
        self.twin.control.put_vouchers(SHOP, wanted)
        return code

    def three(self) -> tuple[str, str, str]:
        """10, 25.5 and 12.35 points: 9.00, 22.95 and 11.12 dirhams, 43.07 together."""
        return self.points(10), self.points(25.5), self.points(12.35)

    def sale_desk(self, user: User, number: int = 1) -> SaleDesk:
        return SaleDesk(self.place(user, number), self.twin)


def opened_shop(twin: RunningSandbox) -> Shop:
    number = next(_numbers)
    names = {"ar": f"المعاريف {number}", "en": f"Maarif {number}, Casablanca", "fr": f"Maârif {number}, Casablanca"}
    branch, _created = add_branch(
        code=f"shop-{number}", names=names, country="MA", timezone="Africa/Casablanca", currency="MAD"
    )
    branch.company_ar, branch.company_en = "عيادات رُبى", "Ruba Clinics"
    branch.save()
    Till.objects.create(branch=branch, number=2)
    connected = connect_account(
        provider=SHOP,
        branch=branch,
        base_url=twin.base_url(SHOP),
        environment=Environment.SANDBOX,
        values=all_twins()[SHOP].login(),
        label=branch.code,
    )
    now = timezone.now()
    set_rate(branch, SHOP, RATE, branch.business_date(now), by=None, now=now)
    return Shop(branch, connected.account, twin)
