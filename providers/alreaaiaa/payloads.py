"""Alreaaiaa's JSON, validated. Numbers may come as strings and the other way round; unknown fields are ignored.

Only what a rule needs is required: their two calls answer different halves of the same voucher (fact sheet §4.8).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from providers.http import Loose


class Envelope(msgspec.Struct, frozen=True):
    """What all their answers have in common, and Laravel's own `message` where their code was not reached (§5).

    `content` is their "data": null there is an answer (no such voucher), its absence is not.
    """

    key: Loose = Loose()
    msg: Any = None
    message: Any = None
    content: Any = msgspec.field(name="data", default=msgspec.UNSET)


class Client(msgspec.Struct, frozen=True):
    """The voucher's owner."""

    name: Loose = Loose()
    country_code: Loose = Loose()
    phone: Loose = Loose()
    identity_number: Loose = Loose()


class ClientCard(msgspec.Struct, frozen=True):
    """A person on the owner's health-care card."""

    id: Loose = Loose()
    fullname: Loose = Loose()
    phone: Loose = Loose()
    start_date: Loose = Loose()
    end_date: Loose = Loose()
    identity_number: Loose = Loose()


class Voucher(msgspec.Struct, frozen=True):
    """What findClientCenterVouchers answers. Money in SAR, dates in the issuer's zone."""

    id: Loose
    voucher_code: str
    price_value: Decimal
    status: Loose = Loose()
    client_id: Loose = Loose()
    expiry_date: Loose = Loose()
    reason: Loose = Loose()
    client: Client | None = None
    client_cards: list[ClientCard] | None = None


class UsedVoucher(msgspec.Struct, frozen=True):
    """What makeClientCenterVouchersUsed answers. The code and the status are the proof, the rest is reference."""

    voucher_code: str
    status: Loose
    id: Loose = Loose()
    client_id: Loose = Loose()
    center_id: Loose = Loose()
    voucher_id: Loose = Loose()
    order_id: Loose = Loose()
    created_at: Loose = Loose()
    updated_at: Loose = Loose()


class User(msgspec.Struct, frozen=True):
    id: Loose = Loose()
    name: Loose = Loose()


class Login(msgspec.Struct, frozen=True):
    token: str
    user: User | None = None
