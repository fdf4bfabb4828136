"""The vouchers of one sale, and what they take off the bill. Nothing is sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from providers.contracts import POINTS
from providers.normalise import decimals_of
from vouchers import selectors
from vouchers.models import Lookup, Voucher
from vouchers.services.place import CannotRedeem


@dataclass(frozen=True, slots=True)
class Part:
    """One voucher of a sale. `worth` is money of the branch, whatever the issuer counts in."""

    lookup: Lookup
    voucher: Voucher
    worth: Decimal

    @property
    def points(self) -> Decimal | None:
        return self.voucher.value if self.voucher.currency == POINTS else None


@dataclass(frozen=True, slots=True)
class Sale:
    """`rate`: money a point, None where the issuer counts in money."""

    first: Lookup
    parts: tuple[Part, ...]
    rate: Decimal | None
    others_owners: tuple[Lookup, ...] = ()  # scanned, usable, and somebody else's: one customer, one sale

    @property
    def worth(self) -> Decimal:
        return sum((part.worth for part in self.parts), Decimal(0))

    @property
    def currency(self) -> str:
        return self.first.branch.currency


def sale_of(first: Lookup, now: dt.datetime) -> Sale:
    """What goes into this sale at today's rate: the first voucher and those added to it that can be used.

    Raises CannotRedeem: not_ready while one is being looked up, no_rate, other_currency.
    """
    if first.voucher is None:
        raise CannotRedeem("not_ready")
    others = selectors.others_of(first)
    if any(row.state == Lookup.State.WAITING for row in others):
        raise CannotRedeem("not_ready")
    usable = [row for row in others if row.state == Lookup.State.FOUND]
    same = [row for row in usable if _has_owner_of(first, row)]
    vouchers = [(row, row.voucher) for row in (first, *same) if row.voucher]
    rate = _rate(first, [voucher for _row, voucher in vouchers], now)
    parts = (Part(row, voucher, _worth(voucher, rate, first.branch.currency)) for row, voucher in vouchers)
    return Sale(first, tuple(parts), rate, tuple(row for row in usable if row not in same))


def _has_owner_of(first: Lookup, row: Lookup) -> bool:
    assert first.voucher is not None and row.voucher is not None
    return first.voucher.holder_phone_hash == row.voucher.holder_phone_hash


def _rate(first: Lookup, vouchers: list[Voucher], now: dt.datetime) -> Decimal | None:
    """The rate of today, where one is needed."""
    if any(voucher.currency not in (POINTS, first.branch.currency) for voucher in vouchers):
        raise CannotRedeem("other_currency")
    if all(voucher.currency != POINTS for voucher in vouchers):
        return None
    assert first.account is not None
    rate = selectors.rate_on(first.branch, first.account.provider, first.branch.business_date(now))
    if rate is None:
        raise CannotRedeem("no_rate")
    return rate


def _worth(voucher: Voucher, rate: Decimal | None, currency: str) -> Decimal:
    """In money. Each voucher is rounded for itself, so that the lines of a bill add up to its total."""
    if rate is None or voucher.currency != POINTS:
        return voucher.value
    return (voucher.value * rate).quantize(Decimal(1).scaleb(-decimals_of(currency)), ROUND_HALF_UP)
