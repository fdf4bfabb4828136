"""A night reads all that Altegio keeps: what has no list by the client, what has no time by the day."""

from __future__ import annotations

import datetime as dt

import pytest

from branches.models import Branch
from loyalty.models import CardsRead, Holding
from providers.accounts import connect_account
from providers.models import Environment
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from tests.loyalty.nights import SLUG, Nights, differences

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def nights(twin: RunningSandbox, olaya: Branch, quick: None) -> Nights:
    twin.control.rules(SLUG, limits="off")
    login, sandbox = all_twins()[SLUG].login(), Environment.SANDBOX
    made = connect_account(provider=SLUG, branch=olaya, base_url=twin.base_url(SLUG), environment=sandbox, values=login)
    return Nights(made.account)


def test_the_first_night_ends_equal_to_the_twin(nights: Nights, twin: RunningSandbox) -> None:
    twin.control.act(SLUG, "earn", card="9210520", amount="12.50")
    runs = nights.read()
    assert {name: (run.status, run.reasons) for name, run in runs.items()} == dict.fromkeys(runs, ("green", []))
    assert differences(nights.account, twin.base_url(SLUG), dt.datetime.now(dt.UTC).date()) == []
    assert Holding.objects.get(card_id="9210520").client_id == "401"
    assert CardsRead.objects.filter(read_at__isnull=False).count() == 6
    assert runs["cards"].requests == 6
