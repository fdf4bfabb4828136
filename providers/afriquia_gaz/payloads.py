"""Kenz'up's JSON, validated. Only what a rule needs is required; unknown fields are ignored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """Their one error body (fact sheet §3). Of the words in `error` only not_found is documented."""

    error: str
    message: str


class Named(msgspec.Struct, frozen=True):
    """What tells one voucher of a list from another."""

    code: str


class Voucher(msgspec.Struct, frozen=True):
    """A voucher's status (§4.1). Points as a number, the owner's mobile in E.164. `created_at` is in the sample only."""

    code: str
    status: str
    points_amount: Decimal
    customer: str | int | None = None
    created_at: Any = None


class Burned(msgspec.Struct, frozen=True):
    """The whole of a burn's answer (§4.2). `error` is in no sample: beside an order it would mean that not all went well."""

    order_id: str
    error: Any = None


class SaleRow(msgspec.Struct, frozen=True):
    """One row of the sales export (§2). Everything in it may be missing: of most columns there is one sample."""

    order_id: str | int | None = None
    terminal_id: str | int | None = None
    earn_burn: str | None = None
    sale_timestamp: str | int | None = None
