"""A Moroccan desk: several vouchers in one sale, in points, known by their owner's phone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from branches.models import Branch
from branches.roles import Role
from providers.accounts import connect_account
from providers.models import Account, Environment
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from tests.conftest import Hire
from tests.sale import SHOP, SaleDesk
from tests.scene import Desk
from tests.vouchers.disputes import redeemed
from vouchers.models import Redemption
from vouchers.services import Place, set_rate


@pytest.fixture
def done(desk: Desk) -> Redemption:
    """Worth 200 SAR, used."""
    return redeemed(desk)


@pytest.fixture
def shop(maarif: Branch, twin: RunningSandbox) -> Account:
    values = all_twins()[SHOP].login()
    base_url, sandbox = twin.base_url(SHOP), Environment.SANDBOX
    return connect_account(provider=SHOP, branch=maarif, base_url=base_url, environment=sandbox, values=values).account


@pytest.fixture
def rate(maarif: Branch) -> Decimal:
    now = timezone.now()
    return set_rate(maarif, SHOP, Decimal("0.9"), maarif.business_date(now), by=None, now=now).rate


@pytest.fixture
def counter(maarif: Branch, shop: Account, rate: Decimal, twin: RunningSandbox, hire: Hire, quick: None) -> SaleDesk:
    """Salma's till in Casablanca."""
    salma = hire("salma", Role.RECEPTIONIST, maarif)
    return SaleDesk(Place(salma, maarif, maarif.tills.get(number=1)), twin)
