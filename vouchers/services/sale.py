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
    """`first` holds the draft, the first of the parts says whose it is. `rate`: money a point, None where the issuer counts
    in money."""

    first: Lookup
    parts: tuple[Part, ...]
    rate: Decimal | None
    others_owners: tuple[Lookup, ...] = ()  # scanned, usable, and somebody else's: one customer, one sale

    @property
    def worth(self) -> Decimal:
        return sum((part.worth for part in self.parts), Decimal(0))

    @property
    def owner(self) -> Lookup:
        return self.parts[0].lookup

    @property
    def currency(self) -> str:
        return self.first.branch.currency


def sale_of(first: Lookup, now: dt.datetime) -> Sale:
    """What goes into this sale at today's rate: of all that were scanned those that can be used, and have one owner.

    Raises CannotRedeem: not_ready while one is being looked up or none can be used, no_rate, other_currency.
    """
    rows = [first, *selectors.others_of(first)]
    usable = [row for row in rows if row.state == Lookup.State.FOUND]
    if first.first_id or not usable or any(row.state == Lookup.State.WAITING for row in rows):
        raise CannotRedeem("not_ready")
    same = [row for row in usable if has_same_owner(usable[0], row)]
    vouchers = [(row, row.voucher) for row in same if row.voucher]
    rate = _rate(first, [voucher for _row, voucher in vouchers], now)
    parts = (Part(row, voucher, _worth(voucher, rate, first.branch.currency)) for row, voucher in vouchers)
    return Sale(first, tuple(parts), rate, tuple(row for row in usable if row not in same))


def has_same_owner(one: Lookup, other: Lookup) -> bool:
    assert one.voucher is not None and other.voucher is not None
    return one.voucher.holder_phone_hash == other.voucher.holder_phone_hash


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
