"""Points by hand are told by the day, with how many of them no act of ours explains."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from branches.models import Branch
from loyalty import selectors
from loyalty.models import Act
from loyalty.services import answer_ask
from providers.contracts import ManualTransaction
from providers.operations.journal import Journal
from providers.registry import loyalty_for
from tests.loyalty.nights import Nights
from tests.loyalty.salon import Salon
from tests.reservations.clinic import finish

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_we_did_and_what_was_done_at_their_screens(salon: Salon, olaya: Branch, nakheel: Branch) -> None:
    act = salon.give("20")
    assert isinstance(act, Act)
    finish(act)
    for ask in selectors.asks_due():
        answer_ask(ask)
    elsewhere = loyalty_for(salon.account, Journal(salon.account))
    elsewhere.transact(ManualTransaction("9210521", Decimal(-7), "at their screens"))
    Nights(salon.account).read("transactions")
    today = dt.datetime.now(dt.UTC).date()
    (line,) = selectors.points_by_hand(olaya, today - dt.timedelta(days=1), today)
    assert (line.day, line.given, line.taken, line.ours, line.theirs) == (today, Decimal(20), Decimal(7), 1, 1)
    assert selectors.points_by_hand(nakheel, today, today) == []


def test_a_balance_is_as_old_as_its_last_reading(salon: Salon) -> None:
    card = salon.card()
    assert selectors.card_as_of(card) >= card.seen_at
