"""What a loyalty provider is asked for: which transactions, which cards, and every change to a card or in a visit.

Theirs are named by external id, as text. Amounts are `Decimal` in the major unit of the chain's currency. No `place_id`, ''
means the account's own place.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal


class Movement(StrEnum):
    """What a loyalty transaction did."""

    DISCOUNT = "discount"  # of a program, in a visit
    ACCRUAL = "accrual"
    WITHDRAWAL = "withdrawal"  # from a card, in a visit
    REFERRAL = "referral"
    DEPOSIT_BY_HAND = "deposit_by_hand"
    WITHDRAWAL_BY_HAND = "withdrawal_by_hand"
    EXPIRY = "expiry"
    CERTIFICATE = "certificate"
    MEMBERSHIP = "membership"
    MEMBERSHIP_COST = "membership_cost"
    DEPOSIT_USE = "deposit_use"
    UNSEEN = "unseen"  # a number nobody has documented: `raw_type` has it


@dataclass(frozen=True, slots=True)
class TransactionQuery:
    """Days of the location, both included: they know no time of day."""

    starts: dt.date
    ends: dt.date
    movements: tuple[Movement, ...] = ()
    place_ids: tuple[str, ...] = ()
    visit_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CardIssue:
    """Without a number they make one."""

    card_type_id: str
    phone: str = field(repr=False)  # E.164
    number: str = field(default="", repr=False)
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class CardRemoval:
    card_id: str
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class ManualTransaction:
    """Above zero it gives, below zero it takes. `title` is read by people at the provider and by nobody else."""

    card_id: str
    amount: Decimal
    title: str
    scope: Literal["location", "chain"] = "location"
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class CardWithdrawal:
    """`known`: ids of the visit's transactions that were there before. What the answer has besides them is this one's."""

    card_id: str
    record_id: str
    visit_id: str
    amount: Decimal
    known: tuple[str, ...] = ()
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawalCancellation:
    """All withdrawals of this card in this visit: they know no single one."""

    card_id: str
    record_id: str
    visit_id: str
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class ProgramUse:
    card_id: str
    program_id: str
    record_id: str
    visit_id: str
    known: tuple[str, ...] = ()
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class ProgramCancellation:
    card_id: str
    program_id: str
    record_id: str
    visit_id: str
    place_id: str = ""


@dataclass(frozen=True, slots=True)
class Referral:
    """It cannot be cancelled: they have no call for it."""

    record_id: str
    visit_id: str
    referrer_phone: str = field(repr=False)  # E.164
    known: tuple[str, ...] = ()
    place_id: str = ""
