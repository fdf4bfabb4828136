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

from providers.contracts.accounts import Receipt
from providers.contracts.loyalty_movements import LoyaltyTransactionRecord, VisitLoyaltyRecord
from providers.contracts.loyalty_orders import (
    CardIssue,
    CardRemoval,
    CardWithdrawal,
    ManualTransaction,
    ProgramCancellation,
    ProgramUse,
    Referral,
    TransactionQuery,
    WithdrawalCancellation,
)


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
