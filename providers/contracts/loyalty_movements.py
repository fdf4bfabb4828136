"""What moves on cards and bills: a loyalty provider's transactions, and a visit's bill with what has paid of it. Units as in
loyalty.py."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import msgspec

from providers.contracts.loyalty_orders import Movement

# Those that take something off a bill; an accrual stands beside them and takes nothing.
PAYING = frozenset(
    {Movement.DISCOUNT, Movement.WITHDRAWAL, Movement.CERTIFICATE, Movement.MEMBERSHIP, Movement.DEPOSIT_USE}
)

# How each movement changes the card it stands on; what is not here pays a bill, or nobody has documented it.
SIGNS = {
    Movement.ACCRUAL: 1,
    Movement.REFERRAL: 1,
    Movement.DEPOSIT_BY_HAND: 1,
    Movement.WITHDRAWAL: -1,
    Movement.WITHDRAWAL_BY_HAND: -1,
    Movement.EXPIRY: -1,
}


@dataclass(frozen=True, slots=True)
class LoyaltyTransactionRecord:
    """They give a transaction no time, no title and no client; a whole list of them may have been asked for by the day."""

    external_id: str
    movement: Movement
    raw_type: str
    amount: Decimal
    status: str
    card_id: str  # '' for none
    program_id: str
    visit_id: str
    chain_id: str
    item_id: str
    record_id: str  # the record whose item it stands on
    is_discount: bool
    is_withdrawal: bool
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class DatedTransaction:
    """A transaction and the day of the place under which it was listed; None where a visit or a look showed it."""

    record: LoyaltyTransactionRecord
    day: dt.date | None = None

    @property
    def external_id(self) -> str:
        return self.record.external_id

    @property
    def raw(self) -> bytes:
        """Theirs, with the day in it: the day is all of its time that they tell."""
        return with_day(self.record.raw or b"{}", self.day) if self.day else self.record.raw or b"{}"


def with_day(row: bytes, day: dt.date) -> bytes:
    """Raises msgspec.DecodeError for what is no object."""
    said = msgspec.json.decode(row, type=dict[str, msgspec.Raw])
    said["day"] = msgspec.Raw(msgspec.json.encode(day))
    return msgspec.json.encode(said)


@dataclass(frozen=True, slots=True)
class VisitItemRecord:
    item_id: str
    title: str
    kind: Literal["service", "good", "event", ""]
    record_id: str
    quantity: Decimal | None
    first_cost: Decimal | None
    discount: Decimal | None  # percent
    cost: Decimal  # what the item costs after its discount, before loyalty


@dataclass(frozen=True, slots=True)
class PaymentRecord:
    external_id: str
    amount: Decimal
    paid_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class VisitLoyaltyRecord:
    """A visit's bill: its items, and what loyalty and money have paid of them."""

    transactions: tuple[LoyaltyTransactionRecord, ...]
    items: tuple[VisitItemRecord, ...]
    payments: tuple[PaymentRecord, ...]
    raw: bytes = field(default=b"", repr=False, compare=False)

    def may_be_of(self, record_id: str) -> bool:
        """Not where its items are all another record's: such a bill is about another visit."""
        named = {item.record_id for item in self.items if item.record_id}
        return not named or record_id in named

    @property
    def total(self) -> Decimal:
        return sum((item.cost for item in self.items), Decimal(0))

    @property
    def left_to_pay(self) -> Decimal:
        by_loyalty = sum((one.amount for one in self.transactions if one.movement in PAYING), Decimal(0))
        by_money = sum((one.amount for one in self.payments), Decimal(0))
        return max(self.total - by_loyalty - by_money, Decimal(0))
