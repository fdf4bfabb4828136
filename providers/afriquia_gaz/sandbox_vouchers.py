"""The vouchers our twin of Kenz'up starts with: those of its documentation, and invented ones to play with.

The documentation's amounts and owners are its own; what its three vouchers of the burn are worth is invented.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from providers.sandbox.twin import check_fields

Voucher = dict[str, Any]

MOROCCO = dt.timezone(dt.timedelta(hours=1))
BURN_OWNER = "+212611223344"
AMINA, KARIM, SOUAD = "+212661234501", "+212672345602", "+212653456703"
FIELD_TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("code", "status", "customer", "created_at"), (str,)),
    "points_amount": (int, float),
}
DOCUMENTED = (
    ("dF54GFd7", "available", 10.55, "+212612345678", "2022-01-21T10:16:57.131872+01:00"),
    ("dF54GFd6", "available", 12.55, "+212612475678", "2022-01-20T10:16:57.131872+01:00"),
)
OF_THE_BURN = (("abcd0001", 25.5), ("abcd0002", 30), ("abcd0003", 44.5))
DEMO = (
    ("Kz7mPq2A", "available", 10, AMINA),
    ("Kz7mPq2B", "available", 25.5, AMINA),
    ("Kz7mPq2C", "available", 50, AMINA),
    ("Kz7mPq2D", "available", 12.35, AMINA),
    ("Wt4xNc8A", "available", 20, KARIM),
    ("Wt4xNc8B", "available", 75, KARIM),
    ("Wt4xNc8C", "burned", 30, KARIM),
    ("Wt4xNc8D", "canceled", 15, KARIM),
    ("Hs9vLd3A", "available", 5.05, SOUAD),
    ("Hs9vLd3B", "available", 100, SOUAD),
    ("Hs9vLd3C", "available", 150, SOUAD),
    ("Hs9vLd3D", "frozen", 40, SOUAD),
)
HOSTILE = (
    ("Xs5kRt1A", "<img src=x onerror=alert(1)>", 10, AMINA),
    ("Xs5kRt1B", "available", 10, '"><svg/onload=alert(1)>'),
    ("Xs5kRt1C", "available\u202e", 10, "+212 6 61-23-45-01"),
)


def voucher(code: str, status: str, points: float, customer: str, created_at: str) -> Voucher:
    """As it is shown: keys in the documentation's order."""
    return {
        "status": status,
        "code": code,
        "points_amount": points,
        "customer": customer,
        "created_at": created_at,
    }


def of_scenario(scenario: str, today: dt.date) -> Iterator[Voucher]:
    if scenario == "empty":
        return
    yield from (voucher(*each) for each in DOCUMENTED)
    yield from (voucher(code, "available", points, BURN_OWNER, made(today, 3)) for code, points in OF_THE_BURN)
    invented = {"demo": DEMO, "hostile": DEMO + HOSTILE}.get(scenario, ())
    for place, (code, status, points, customer) in enumerate(invented):
        yield voucher(code, status, points, customer, made(today, 1 + place))


def made(today: dt.date, days_ago: int) -> str:
    moment = dt.datetime.combine(today, dt.time(9, days_ago, 57, 131872), MOROCCO) - dt.timedelta(days_ago)
    return moment.isoformat()


def fresh(code: str, today: dt.date) -> Voucher:
    return voucher(code, "available", 10, AMINA, made(today, 1))


def check(fields: Voucher) -> None:
    check_fields(fields, FIELD_TYPES, "code")
