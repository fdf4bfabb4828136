"""Records as a booking provider would give them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from providers.contracts.bookings import (
    AttendanceRecord,
    Attending,
    Direction,
    PractitionerRecord,
    PriceRecord,
    ProductKind,
    ProductRecord,
    Subject,
)

DAY = dt.date(2027, 1, 10)
HOURS = range(6, 15)  # 9 to 18 in Riyadh; their Z is true UTC here
SALMA, OMAR = PractitionerRecord("dr-salma", "Dr Salma"), PractitionerRecord("dr-omar", "Dr Omar")


def attendance(attending: Attending, n: int = 0) -> AttendanceRecord:
    record = AttendanceRecord(
        external_id=f"{attending.subject_id}:{attending.direction}:{n}",
        subject=Subject(attending.subject),
        direction=Direction(attending.direction),
        subject_id=attending.subject_id,
        subject_name="Facial",
        customer_id=attending.customer_id,
        customer_name="",
        customer_phone="",
        practitioners=(),
        starts_at=None,
        ends_at=None,
        is_active=True,
        may_check_in=True,
        is_first=False,
        is_package=False,
    )
    return with_raw(record)


def facial() -> ProductRecord:
    return _product("facial", "Facial", ProductKind.RESERVATION, _price("price-once", "Once"))


def service(name: str) -> ProductRecord:
    return _product(name.lower(), name, ProductKind.RESERVATION, _price(f"price-{name.lower()}", "Once"))


def monthly() -> ProductRecord:
    return _product("care", "Care", ProductKind.SUBSCRIPTION, _price("price-month", "Monthly"))


def _price(external_id: str, name: str) -> PriceRecord:
    money = Decimal(300)
    return PriceRecord(
        external_id, f"stable-{external_id}", name, "", "", money, money, None, 60, "", None, False, False
    )


def _product(external_id: str, name: str, kind: ProductKind, price: PriceRecord) -> ProductRecord:
    return ProductRecord(
        external_id=external_id,
        name=name,
        name_ar="",
        name_en="",
        description="",
        kind=kind,
        raw_kind=str(kind),
        minutes=60,
        most_per_order=None,
        out_of_stock=False,
        prices=(price,),
        practitioners=(SALMA,),
        fields=(),
        place_ids=(),
        raw=json.dumps({"id": external_id}).encode(),
    )


def hours(hour: int) -> tuple[str, str]:
    return f"{DAY}T{hour:02}:00:00Z", f"{DAY}T{hour + 1:02}:00:00Z"


def at(wire: str) -> dt.datetime:
    return dt.datetime.fromisoformat(wire)


def wire_at(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def raw_of(record: Any) -> bytes:
    return json.dumps({"id": record.external_id, "seen": repr(record)}).encode()


def with_raw(record: Any) -> Any:
    return replace(record, raw=raw_of(replace(record, raw=b"")))
