"""What a run needs to know of the issuer whose vouchers it redeems. A new issuer is one more of these, and nothing else."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from providers.contracts import POINTS, VoucherRecord, VoucherStatus
from providers.sandbox.shelf import Effect

OWNER = "+212661234501"


@dataclass(frozen=True)
class Trade:
    """`card` is the person present as a draft keeps her; `who` what is typed or chosen for that. `worth` is what one voucher
    takes off a bill; `most` how many go into a sale; `charged` what an effect says the bill came to."""

    slug: str
    place: dict[str, Any]  # country, timezone and currency of the branches
    most: int
    worth: Decimal
    new_code: Callable[[str, int, random.Random], str]
    fields: Callable[[str, int], dict[str, Any]]  # code, number -> as the twin keeps it
    record: Callable[[str, int], VoucherRecord]
    charged: Callable[[Effect], Decimal]
    card: dict[str, Any]
    who: dict[str, str]
    rates: dict[str, float] = field(default_factory=dict)  # of faults, where a sale takes a read for each of its codes
    without: tuple[
        str, ...
    ] = ()  # of the login: with their export what a stranger used would wait for a person, rightly
    has_login: bool = True  # tokens that can be revoked, and are got again by logging in


def _record(code: str, number: str, value: Decimal, currency: str, phone: str = "") -> VoucherRecord:
    return VoucherRecord(
        code=code,
        external_id=number,
        status=VoucherStatus.USABLE,
        raw_status="usable",
        value=value,
        currency=currency,
        expires_on=None if phone else dt.date.today() + dt.timedelta(days=20),  # noqa: DTZ011  # any day far enough
        reason="",
        holder_name="" if phone else "سارة القحطاني",
        holder_phone=phone,
        holder_id_number="",
        cards=(),
        payload={},
    )


ALREAAIAA = Trade(
    slug="alreaaiaa",
    place={"country": "SA", "timezone": "Asia/Riyadh", "currency": "SAR"},
    most=1,
    worth=Decimal(100),
    new_code=lambda tag, n, dice: f"VCL{tag}C{100000 + n}NO{dice.randrange(1000, 9999)}",
    fields=lambda code, n: {"voucher_code": code, "status": "verified", "price_value": 100, "id": 10_000 + n},
    record=lambda code, n: _record(code, str(10_000 + n), Decimal(100), "SAR"),
    charged=lambda effect: Decimal(effect.amounts["total_services_price"]),
    card={"id": "1", "name": "سارة القحطاني", "phone": "", "last4": "4321", "hash": "", "valid_until": ""},
    who={},
)
AFRIQUIA_GAZ = Trade(
    slug="afriquia_gaz",
    place={"country": "MA", "timezone": "Africa/Casablanca", "currency": "MAD"},
    most=5,
    worth=Decimal(20),
    new_code=lambda tag, n, dice: f"{dice.choice('abcdXYZW')}{tag}{n:06d}",
    fields=lambda code, n: {"code": code, "status": "available", "points_amount": 20, "customer": OWNER},
    record=lambda code, n: _record(code, "", Decimal(20), POINTS, OWNER),
    charged=lambda effect: Decimal(effect.amounts["amount"]),
    card={"id": "holder", "name": "", "phone": "", "last4": "", "hash": "", "valid_until": "", "e164": OWNER},
    who={"phone": "0661234501"},
    rates={"find": 0.12},
    without=("export_basic",),
    has_login=False,
)
# Of bookings a run needs the place alone: who redeems nothing has no codes (booked.py).
REKAZ = replace(ALREAAIAA, slug="rekaz", has_login=False)
ALTEGIO = replace(ALREAAIAA, slug="altegio")  # of cards too (carded.py)
TRADES = {trade.slug: trade for trade in (ALREAAIAA, AFRIQUIA_GAZ, REKAZ, ALTEGIO)}
