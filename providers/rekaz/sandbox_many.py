"""A hundred thousand reservations that nobody keeps: each is made when somebody asks, always the same from its number.

A page of a hundred takes about a millisecond, so that a mirror's speed can be measured and not the sandbox's.
"""

from __future__ import annotations

import bisect
import datetime as dt
import functools
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from providers.rekaz import sandbox_clinic as clinic

A_DAY = 400
MOST = 2_000_000
_RESERVATION, _CUSTOMER = "3a1d0000-0000-4000-8000-", "3a1d0000-0000-4000-9000-"
_NAMES = ("سارة", "محمد", "نورة", "Aisha", "خالد", "فهد", "Mary", "لمى", "عبدالعزيز", "ريم", "José", "هند", "ريان")
_FAMILIES = (
    "القحطاني",
    "العتيبي",
    "الشمري",
    "Khan",
    "الدوسري",
    "المطيري",
    "Smith",
    "السبيعي",
    "الغامدي",
    "Nair",
    "الحربي",
)
_MASK = 0xFFFF_FFFF
_HIDES = {"Cancelled": "طلب العميل"}


@dataclass(frozen=True, slots=True)
class Bulk:
    count: int
    seed: int
    day: dt.date
    gone: tuple[int, ...]  # numbers of rows that were deleted, sorted

    @property
    def customers(self) -> int:
        return max(1, self.count // 5)

    def __len__(self) -> int:
        return self.count - len(self.gone)

    def visible(self, place: int) -> int:
        """The number of the row at this place, when those that are gone are not counted."""
        number = place
        while (step := place + bisect.bisect_right(self.gone, number)) != number:
            number = step
        return number

    def numbers(self) -> Sequence[int]:
        gone = set(self.gone)
        return [number for number in range(self.count) if number not in gone] if gone else range(self.count)


class Facts(NamedTuple):
    """What filters look at."""

    starts: dt.datetime
    status: str
    customer: int
    phone: str


def bulk_of(record: Any) -> Bulk | None:
    if not record or not record["count"]:
        return None
    return Bulk(record["count"], record["seed"], dt.date.fromisoformat(record["day"]), tuple(record["gone"]))


def reservation_id(number: int) -> str:
    return f"{_RESERVATION}{number:012x}"


def customer_id(number: int) -> str:
    return f"{_CUSTOMER}{number:012x}"


def number_of(identifier: str, bulk: Bulk | None) -> int | None:
    """Which generated reservation this is, if it is one."""
    return _number(identifier, _RESERVATION, bulk.count if bulk else 0, bulk.gone if bulk else ())


def customer_number_of(identifier: str, bulk: Bulk | None) -> int | None:
    return _number(identifier, _CUSTOMER, bulk.customers if bulk else 0, ())


def _number(identifier: str, prefix: str, count: int, gone: Sequence[int]) -> int | None:
    found = re.fullmatch(f"{prefix}([0-9a-f]{{12}})", identifier.lower())
    number = int(found[1], 16) if found else count
    return number if number < count and number not in gone else None


def facts(bulk: Bulk, number: int) -> Facts:
    """The newest first, as their list is: a week ahead of us at its head, the past behind."""
    dice = _dice(bulk.seed, number)
    days = 7 - number // A_DAY
    starts = clinic.wall(bulk.day + dt.timedelta(days), 9 + dice % 11, 30 * (dice >> 4 & 1))
    chance = (dice >> 8) % 20
    status = "Cancelled" if chance == 0 else "Done" if days < 0 else "Pending" if chance < 4 else "Confirmed"
    customer = (dice >> 3) % bulk.customers
    return Facts(starts, status, customer, phone(bulk.seed, customer))


def phone(seed: int, customer: int) -> str:
    """Every third shares the phone of the one before: families."""
    owner = customer - (customer % 3 == 2)
    return f"9665{_dice(seed + 7, owner) % 10**8:08d}"


def name(seed: int, customer: int) -> str:
    dice = _dice(seed + 3, customer)
    return f"{_NAMES[dice % len(_NAMES)]} {_FAMILIES[(dice >> 7) % len(_FAMILIES)]}"


def _dice(seed: int, number: int) -> int:
    mixed = (number * 2654435761 + seed * 40503 + 977) & _MASK
    mixed ^= mixed >> 15
    mixed = mixed * 2246822519 & _MASK
    return mixed ^ mixed >> 13


def row(bulk: Bulk, number: int) -> clinic.Row:
    """One reservation in full, as the twin would keep it."""
    found = facts(bulk, number)
    product = _SERVICES[_dice(bulk.seed + 1, number) % len(_SERVICES)]
    person = {"id": customer_id(found.customer), "name": name(bulk.seed, found.customer), "mobileNumber": found.phone}
    paid = found.status in ("Done", "Confirmed")
    return clinic.reservation(
        20_000_000 - number,
        person,
        product,
        found.starts,
        id=reservation_id(number),
        status=found.status,
        cancellationReason=_HIDES.get(found.status),
        orderPaymentStatusString="Paid" if paid else "Pending",
        remainingAmount=0 if paid else product["pricing"][0]["discountedAmount"],
        creationTime=clinic.iso(clinic.wall(bulk.day, 8) - dt.timedelta(minutes=number)),
    )


def customer_row(bulk: Bulk, number: int) -> clinic.Row:
    shown = name(bulk.seed, number)
    return clinic.customer(customer_id(number), shown, phone(bulk.seed, number), number=900_000 + number)


_SERVICES = [product for product in clinic.products() if product["type"] == 0]


@functools.lru_cache(maxsize=1200)
def page(bulk: Bulk, numbers: Sequence[int], shaped: Callable[[clinic.Row], clinic.Row]) -> bytes:
    """Rows as they stand in an answer, one after another: encoded once, and read again by every run of a measurement."""
    return ",".join(json.dumps(shaped(row(bulk, number)), separators=(",", ":")) for number in numbers).encode()
