"""What a voucher provider's client gives and takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from providers.contracts.accounts import Receipt

POINTS = "PTS"  # stands where a currency stands, for a value that is the issuer's points and no money


class VoucherStatus(StrEnum):
    USABLE = "usable"
    USED = "used"
    EXPIRED = "expired"
    CANCELED = "canceled"
    PENDING = "pending"
    UNSEEN = "unseen"  # a status word nobody has documented: blocks and alerts, never mapped to a guess


@dataclass(frozen=True, slots=True)
class CardRecord:
    """One person named on a voucher's card. `id_number` is personal data: hash it, keep the last four, drop the rest."""

    external_id: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    id_number: str = field(repr=False)
    valid_from: dt.date | None
    valid_until: dt.date | None


@dataclass(frozen=True, slots=True)
class VoucherRecord:
    """What a provider says of one voucher code right now."""

    code: str = field(
        repr=False
    )  # as the provider returned it; the client has checked that it is the code we asked for
    external_id: str
    status: VoucherStatus
    raw_status: str
    value: Decimal
    currency: str  # or POINTS
    expires_on: dt.date | None
    reason: str
    holder_name: str = field(repr=False)
    holder_phone: str = field(repr=False)
    holder_id_number: str = field(repr=False)
    cards: tuple[CardRecord, ...]
    payload: Mapping[str, Any] = field(repr=False)  # allow-listed raw fields for the mirror; no person's data, no code


@dataclass(frozen=True, slots=True)
class RedemptionOrder:
    """One redemption as the provider must receive it. Frozen when the intent is committed; re-sent byte for byte.

    `values` are in the issuer's own unit (`ProviderSpec.values_in`). `services_total` and `client_pays` are what the
    customer's bill comes to before and after the vouchers, in `currency`. Where values are money,
    `services_total - sum(values) == client_pays`; what points take off a bill is the clinic's rule, and no client checks it.
    """

    order_ref: str  # our reference, unique; sent only where the provider takes one
    codes: tuple[str, ...] = field(repr=False)
    values: tuple[Decimal, ...]
    services_total: Decimal
    client_pays: Decimal
    currency: str
    customer_phone: str = field(default="", repr=False)  # the vouchers' owner, where the provider wants one
    at: str = ""  # ISO 8601 wall time with the branch's offset, where the provider wants one


@dataclass(frozen=True, slots=True)
class ExportedSale:
    """A sale in the provider's own export, found by our reference: it tells whose redemption a used voucher was."""

    order_ref: str
    terminal: str
    sold_at: str  # as the provider writes it
    kinds: tuple[str, ...]  # what its rows say happened, in the provider's words


class VoucherProvider(Protocol):
    """What every voucher provider's client can do. Reads raise Unavailable, BrokenContract or Misconfigured; the write
    raises any of the five."""

    def check_login(self, secrets: Mapping[str, str]) -> str:
        """Prove that these secrets are accepted, and change nothing. Returns what the provider calls us, '' if nothing."""

    def find_voucher(self, code: str) -> VoucherRecord | None:
        """The voucher, or None when the provider does not know the code."""

    def redeem_vouchers(self, order: RedemptionOrder) -> Receipt:
        """Use every code of the order. Never retried here."""

    def is_ours(self, order: RedemptionOrder) -> bool | None:
        """Was a use that is seen now made by this order? None where the provider does not tell. Raises what a read may."""
