"""The shapes that cross from a provider's folder into the rest of Wasl: records, never responses.

Frozen, typed, free of Django. Units: money is `Decimal` in the major unit with an ISO 4217 currency beside it, an issuer's
points are `Decimal` with `POINTS` beside them; dates are dates in the issuer's zone; phones are E.164 when they could be read,
else as the provider sent them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol

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
class Receipt:
    """Proof from a documented success answer that names our code or order. `references` keeps every id of the answer."""

    codes: tuple[str, ...] = field(repr=False)
    references: Mapping[str, str]
    names_each: bool = True  # else the answer speaks of the order alone, and a look has to see each code


@dataclass(frozen=True, slots=True)
class ExportedSale:
    """A sale in the provider's own export, found by our reference: it tells whose redemption a used voucher was."""

    order_ref: str
    terminal: str
    sold_at: str  # as the provider writes it
    kinds: tuple[str, ...]  # what its rows say happened, in the provider's words


@dataclass(frozen=True, slots=True)
class Session:
    """What `log_in` gives: an opaque token, and who the provider says we are."""

    token: str = field(repr=False)
    user_name: str
    user_id: str


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


class TokenStore(Protocol):
    """Where a client keeps its login token between calls. The registry gives one backed by the database."""

    def read(self) -> str:
        """The cached token, or ''."""

    def refresh(self, stale: str, log_in: LogIn) -> str:
        """One login under a lock: if another process already replaced `stale`, its token is returned and no login is made."""


class LogIn(Protocol):
    def __call__(self, credentials: Mapping[str, str]) -> Session: ...


class KeyStore(Protocol):
    """Where a client that has no login finds what it signs its calls with. The registry gives one backed by the database."""

    def read(self) -> Mapping[str, str]:
        """The secrets in use."""

    def replace(self, refused: Mapping[str, str], check: CheckLogin) -> Mapping[str, str] | None:
        """Others instead of those that were refused, under a lock: what another process has put there already, else the next
        ones once `check` has proved them. None when there are none. Raises what `check` raises."""


class CheckLogin(Protocol):
    def __call__(self, secrets: Mapping[str, str]) -> str: ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider as the journal keeps it: redacted, sized, timed."""

    at: dt.datetime
    method: str
    path: str
    status: int | None
    milliseconds: int
    sent: str  # redacted body
    received: str  # redacted body, cut
    received_sha256: str
    error: str  # '' or the error's code
    bytes_left: bool  # did any byte of the request leave this machine


class CodeFit(StrEnum):
    SURE = "sure"  # the shape of this issuer's codes
    POSSIBLE = "possible"  # could be one, in a shape nobody has documented
    NO = "no"


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """What the rest of Wasl may know about a provider without speaking to it. One a folder, listed in the registry."""

    slug: str
    names: Mapping[str, str]  # language -> name
    kind: str  # "vouchers", "loyalty", "reservations"
    secret_fields: Sequence[str]
    setting_fields: Mapping[str, str]  # name -> default ('' means required)
    hosts: Sequence[str]  # hosts that a live or testing account may point at
    currency: str  # of a sale
    optional_secret_fields: Sequence[str] = ()  # secrets that a login can do without
    pem_fields: Sequence[str] = ()  # secrets that are keys of several lines
    values_in: Literal["money", "points"] = "money"  # what a voucher's value is; points are no currency
    most_codes: int = 1  # vouchers in one sale
    owner_check: Literal["cards", "phone"] = "cards"  # whose voucher: a person on its card, or the phone of its owner
    code_pattern: str = ""  # full match, upper or exact case as the issuer writes it
    code_loose: str = ""
    code_folds_case: bool = False
    code_groups: str = ""  # regex whose groups are how the code is shown in groups
    letter_language: str = "en"  # in which we write to it
    journal_visible: Sequence[str] = ()  # keys whose values the call journal may keep in clear
    journal_masked: Sequence[str] = ()  # keys of which it keeps the last four characters

    @property
    def all_secret_fields(self) -> tuple[str, ...]:
        return (*self.secret_fields, *self.optional_secret_fields)
