"""The vouchers our twin of Alreaaiaa starts with: those of its documentation, and invented ones to play with.

The documentation's dates lie in the past; all are moved so that a voucher it calls verified is good for thirty more days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from providers.sandbox.twin import Unfit, check_fields

Voucher = dict[str, Any]

DOCUMENTED_ON = dt.date(2025, 6, 21)  # thirty days before the documentation's verified voucher expires
DAYS_LEFT = 30

TEST_CLIENT = {
    "id": 4,
    "name": "test client",
    "country_code": "+966",
    "phone": "501234569",
    "identity_number": "501234569",
}
AHMAD = {"id": 6, "name": "احمد احمد", "country_code": "+966", "phone": "512345678", "identity_number": "512345678"}

HOLDERS = (
    *("سارة بنت عبدالله القحطاني", "Fatima Zahra Benali", "محمد العتيبي", "Jean-Luc O'Connor", "نورة الشمري"),
    *("Aisha Khan", "عبدالرحمن بن محمد آل سعود", "José Ñuñez", "خالد الدوسري", "Mary Smith"),
)
LONGEST_NAME = "عبدالرحمن بن عبدالعزيز بن محمد بن عبدالله " * 5 + "Al-Muhammad-Al-Abdulrahman-Al-Qahtani"
HOSTILE_NAMES = ("<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>', "Ahmad \u202egnp.exe\u202c Saleh")
FIELD_TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("id", "center_id", "voucher_id"), (int,)),
    **dict.fromkeys(("voucher_code", "status", "expiry_date", "created_at", "updated_at"), (str,)),
    "price_value": (int, float),
    "reason": (str, type(None)),
    "client": (dict,),
    "client_cards": (list,),
}
VALUES: tuple[int | float, ...] = (50, 75.5, 100, 150, 200, 350, 500)
OTHER_STATES = ("used", "used", "used", "expired", "expired", "expired", "canceled", "canceled", "canceld")
DEMO_STATES = ("verified",) * 29 + OTHER_STATES + ("pending", "pending", "frozen")


def moved(documented: str, today: dt.date) -> str:
    """A date of the documentation, as far from today as it was from the documentation's own day."""
    return (today + (dt.date.fromisoformat(documented) - DOCUMENTED_ON)).isoformat()


def card(number: int, name: str, phone: str, valid: tuple[str, str], gender: str | None, **others: str) -> Voucher:
    return {
        "id": number,
        "fullname": name,
        "phone": phone,
        "nationality": others.get("nationality", "SA"),
        "start_date": valid[0],
        "end_date": valid[1],
        "gender": gender,
        "identity_number": others.get("identity_number", phone),
        "email": others.get("email", "testclient@gmail.com"),
    }


def voucher(number: int, code: str, status: str, value: float, expires: str, **others: Any) -> Voucher:
    """As the twin keeps it. `client` and `client_cards` show in find, the last four only after mark used."""
    return {
        "id": number,
        "price_value": value,
        "expiry_date": expires,
        "voucher_code": code,
        "status": status,
        "reason": None,
        "client": TEST_CLIENT,
        "client_cards": [],
        "center_id": 5918904,
        "voucher_id": 3,
        "created_at": "2025-04-22 12:32:10",
        "updated_at": "2025-04-22 12:32:10",
        **others,
    }


def of_scenario(scenario: str, today: dt.date) -> Iterator[Voucher]:
    if scenario != "empty":
        yield from documented(today)
    if scenario in ("demo", "hostile"):
        yield from demo(today)
    if scenario == "hostile":
        yield from hostile(today)


def documented(today: dt.date) -> Iterator[Voucher]:
    """Every voucher of the documentation that exists there."""
    valid = moved("2025-03-11", today), moved("2026-03-11", today)
    first = card(316, "client name", "966330033300", valid, "male", identity_number="501234569")
    family = [
        first,
        card(317, "any name", "96634510", valid, "female"),
        card(4361176, "name ali", "96634510021", valid, None),
    ]
    stamps = {
        "created_at": f"{moved('2025-04-22', today)} 12:32:10",
        "updated_at": f"{moved('2025-04-22', today)} 12:32:10",
    }
    good, past = (today + dt.timedelta(DAYS_LEFT)).isoformat(), moved("2025-05-15", today)
    yield voucher(105, "VCL6C5944NO4058", "verified", 200, good, client_cards=family, **stamps)
    # Of these two the documentation shows the first card and dots.
    yield voucher(104, "VCL6C5944NO9216", "used", 200, past, client_cards=[first], **stamps)
    yield voucher(103, "VCL6C5944NO9352", "expired", 200, past, client_cards=[first], **stamps)
    yield voucher(109, "VCL6C5881NO4658", "verified", 150, good, **ahmads_voucher(today))


def ahmads_voucher(today: dt.date) -> Voucher:
    person = {"identity_number": "512345678", "email": "user@gmail.com"}
    valid = [(moved(f"2025-03-{day}", today), moved(f"2026-03-{day}", today)) for day in (13, 15)]
    stamp = f"{moved('2025-04-23', today)} 21:28:05"
    return {
        "client": AHMAD,
        "client_cards": [
            card(318, "احمد احمد", "966501234567", valid[0], "male", nationality="SY", **person),
            card(320, "احمد احمد عبد الله", "966501234567", valid[1], "male", **person),
        ],
        "center_id": 5881,
        "voucher_id": 4,
        "created_at": stamp,
        "updated_at": stamp,
    }


def demo(today: dt.date) -> Iterator[Voucher]:
    """Forty-one, always the same: most of them usable, one in every other state."""
    for place, status in enumerate(DEMO_STATES):
        name = LONGEST_NAME if place == 6 else HOLDERS[place % len(HOLDERS)]
        yield invented(place, name, status, today)


def hostile(today: dt.date) -> Iterator[Voucher]:
    """Holders whose names attack whoever shows them unescaped."""
    for place, name in enumerate(HOSTILE_NAMES, start=len(DEMO_STATES)):
        yield invented(place, name, "verified", today)


def demo_code(place: int) -> str:
    return f"VCL7C{1000 + place * 37:04d}NO{1000 + place * 7919 % 9000:04d}"


def invented(place: int, name: str, status: str, today: dt.date) -> Voucher:
    days = -10 - place if status == "expired" else 5 + place * 3
    stamp = f"{today - dt.timedelta(40 + place)} 09:{place:02d}:00"
    phone = f"5{50000000 + place * 1234:08d}"
    client = {"id": 700 + place, "name": name, "country_code": "+966", "phone": phone, "identity_number": f"10{phone}"}
    return voucher(
        2000 + place,
        demo_code(place),
        status,
        VALUES[place % len(VALUES)],
        (today + dt.timedelta(days)).isoformat(),
        client=client,
        client_cards=[family_card(place, member, name, today) for member in range(1 + place % 5)],
        reason="Requested by the client" if status.startswith("cancel") else None,
        created_at=stamp,
        updated_at=stamp,
    )


def family_card(place: int, member: int, name: str, today: dt.date) -> Voucher:
    valid = (today - dt.timedelta(100)).isoformat(), (today + dt.timedelta(265)).isoformat()
    own_name = name if member == 0 else f"{name.rsplit(maxsplit=1)[-1]} {member + 1}"
    phone = f"9665{50000000 + place * 1234 + member:08d}"
    gender = (None, "female", "male")[(place + member) % 3]
    return card(9000 + place * 10 + member, own_name, phone, valid, gender, email=f"family{place}@example.com")


def fresh(number: int, code: str, today: dt.date) -> Voucher:
    return voucher(number, code, "verified", 100, (today + dt.timedelta(DAYS_LEFT)).isoformat())


def check(fields: Voucher) -> None:
    check_fields(fields, FIELD_TYPES, "voucher_code")
    if "client" in fields and not isinstance(fields["client"].get("id"), int):
        raise Unfit("client needs an integer id")
