"""What a loyalty provider's client gives and takes: cards and their points, programs, and what both do in a visit.

Balances and amounts are `Decimal` in the major unit of the chain's currency. Times are UTC; phones E.164 where they could be
read, else as they came; a card's number is a text, because its leading zeros belong to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from providers.contracts.accounts import Receipt
from providers.contracts.loyalty_orders import (
    CardIssue,
    CardRemoval,
    CardWithdrawal,
    ManualTransaction,
    Movement,
    ProgramCancellation,
    ProgramUse,
    Referral,
    TransactionQuery,
    WithdrawalCancellation,
)

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


class Attendance(StrEnum):
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    WAITING = "waiting"
    NO_SHOW = "no_show"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class CardTypeRecord:
    external_id: str
    title: str
    chain_id: str
    chain_title: str
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ProgramRecord:
    external_id: str
    title: str
    raw_kind: str  # "discount_static", "cashback_accumulative_paid"; of a card's program the title of its kind
    chain_id: str
    value: Decimal | None
    unit: Literal["percent", "amount", ""]
    is_discount: bool | None  # None where they do not say
    is_cashback: bool | None
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class LoyaltyCardRecord:
    external_id: str
    number: str = field(repr=False)
    balance: Decimal
    points: Decimal | None
    paid: Decimal | None
    sold: Decimal | None
    visits: int | None
    type_id: str
    type_title: str
    chain_id: str
    programs: tuple[ProgramRecord, ...]
    raw: bytes = field(default=b"", repr=False, compare=False)


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


@dataclass(frozen=True, slots=True)
class LoyaltyClientRecord:
    """A client of one location. A search gives less than a list: what it does not give is '' or None."""

    external_id: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    email: str = field(repr=False)
    card: str = field(repr=False)  # the number in their client form, not that of a loyalty card
    visits: int | None
    spent: Decimal | None
    last_visit_at: dt.datetime | None
    changed_at: dt.datetime | None
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ChainClientRecord:
    """The same phone at another location of the chain is another client."""

    external_id: str
    place_id: str
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    external_id: str
    title: str
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class AppointmentRecord:
    """What they call a record: one appointment. Several may be one visit."""

    external_id: str
    visit_id: str
    place_id: str
    starts_at: dt.datetime
    minutes: int | None
    attendance: Attendance
    client_id: str  # '' for time that is blocked
    client_name: str = field(repr=False)
    client_phone: str = field(repr=False)
    practitioner_id: str
    practitioner_name: str
    services: tuple[ServiceRecord, ...]
    comment: str = field(repr=False)
    made_at: dt.datetime | None
    changed_at: dt.datetime | None
    is_deleted: bool
    is_paid: bool
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class VisitRecord:
    external_id: str
    attendance: Attendance
    starts_at: dt.datetime | None
    comment: str = field(repr=False)
    appointments: tuple[AppointmentRecord, ...]


@dataclass(frozen=True, slots=True)
class LocationRecord:
    external_id: str
    title: str
    timezone: str  # IANA, '' where they do not say
    is_active: bool
    raw: bytes = field(default=b"", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ChainRecord:
    external_id: str
    title: str
    place_ids: tuple[str, ...]
    rights: frozenset[str]  # what our user may do there, in their words


class LoyaltyProvider(Protocol):
    """What every loyalty provider's client can do. Reads raise Unavailable, BrokenContract, Misconfigured or Rejected, and
    give None for what the provider does not have; writes raise any of the five and accumulate unless they say otherwise. A
    `place_id` that is '' means the account's own.

    A receipt's `references` hold, where there is one: card, balance (after it), visit, transactions (their ids separated by
    spaces), amounts (in the same order), applied (what the amounts come to: it may be less than was asked for), left_to_pay.
    """

    def check_login(self, secrets: Mapping[str, str]) -> str: ...

    def locations(self) -> Sequence[LocationRecord]: ...

    def location(self, external_id: str) -> LocationRecord | None: ...

    def chains(self) -> Sequence[ChainRecord]: ...

    def card_types(self, place_id: str = "") -> Sequence[CardTypeRecord]: ...

    def card_types_of_chain(self) -> Sequence[CardTypeRecord]: ...

    def card_types_for(self, phone: str, place_id: str = "") -> Sequence[CardTypeRecord]:
        """Those that can be issued to this phone."""

    def cards_of_client(self, client_id: str) -> Sequence[LoyaltyCardRecord]: ...

    def cards_of_phone(self, phone: str, place_id: str = "") -> Sequence[LoyaltyCardRecord]: ...

    def own_cards(self) -> Sequence[LoyaltyCardRecord]:
        """Of the user that we log in as."""

    def programs(self, place_id: str = "") -> Sequence[ProgramRecord]: ...

    def transactions(self, query: TransactionQuery) -> Sequence[LoyaltyTransactionRecord]: ...

    def visit_transactions(self, visit_id: str) -> Sequence[LoyaltyTransactionRecord]: ...

    def visit_loyalty(self, visit_id: str, record_id: str, place_id: str = "") -> VisitLoyaltyRecord | None: ...

    def visit(self, external_id: str) -> VisitRecord | None: ...

    def appointment(self, external_id: str, place_id: str = "") -> AppointmentRecord | None: ...

    def appointments(self, changed_after: dt.datetime, place_id: str = "") -> Sequence[AppointmentRecord]:
        """Also those that were deleted. `changed_after` is a moment with its zone."""

    def search_clients(self, text: str, place_id: str = "") -> Sequence[LoyaltyClientRecord]:
        """By phone, name or card, as the provider's own quick search finds them."""

    def one_client(self, external_id: str, place_id: str = "") -> LoyaltyClientRecord | None: ...

    def clients(self, changed_after: dt.datetime, place_id: str = "") -> Sequence[LoyaltyClientRecord]: ...

    def clients_in_chain(self, phone: str) -> Sequence[ChainClientRecord]: ...

    def issue_card(self, issue: CardIssue) -> Receipt: ...

    def remove_card(self, removal: CardRemoval) -> Receipt:
        """A setting: a card that is removed stays so."""

    def transact(self, transaction: ManualTransaction) -> Receipt: ...

    def withdraw(self, withdrawal: CardWithdrawal) -> Receipt: ...

    def cancel_withdrawal(self, cancellation: WithdrawalCancellation) -> Receipt: ...

    def apply_program(self, use: ProgramUse) -> Receipt: ...

    def cancel_program(self, cancellation: ProgramCancellation) -> Receipt: ...

    def apply_referral(self, referral: Referral) -> Receipt: ...
