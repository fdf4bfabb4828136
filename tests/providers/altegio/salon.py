"""What a clinic does at the twin, with a client over a real socket."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from providers.altegio.client import Altegio
from providers.contracts import Call, LoyaltyCardRecord, VisitLoyaltyRecord
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from tests.providers.altegio.account import client_at

SLUG = "altegio"
LOGIN = dict(all_twins()[SLUG].login())
SARA, OMAR, NOURA, FAHD, MARY, HIND = (f"+9665012345{n}" for n in (67, 68, 69, 70, 71, 72))
CASHBACK, REFERRAL, FIXED, TEN_PERCENT = "10992", "8230", "10993", "18005"
FIRST, VISIT = "501", "9001"  # Sara's: two records in one visit, of 3020 and 350.50
DIALECTS: dict[str, dict[str, str]] = {
    "documented": {"envelope": "bare", "meta": "object", "removal": "200", "card_number": "number"},
    "measured": {"numbers": "texts", "page_size": "25"},
    "noisy": {"numbers": "noisy", "page_size": "50", "meta": "object"},
}


def client_of(twin: RunningSandbox, **options: Any) -> Altegio:
    calls: list[Call] = []
    values = {**LOGIN, **options.pop("values", {})}
    return client_at(twin.base_url(SLUG), values, calls, total_seconds=20, **options)


def card_of(client: Altegio, phone: str) -> LoyaltyCardRecord:
    (card,) = client.cards_of_phone(phone)
    return card


def bill_of(client: Altegio, visit: str, record: str) -> VisitLoyaltyRecord:
    bill = client.visit_loyalty(visit, record)
    assert bill is not None
    return bill


def points(twin: RunningSandbox, card: str) -> Decimal:
    """What the ledger says that a card's balance has changed by."""
    effects = [effect for effect in twin.control.ledger(SLUG) if effect.code == card]
    return sum((Decimal(effect.amounts["points"]) for effect in effects), Decimal(0))
