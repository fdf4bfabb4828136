"""What our twin of Altegio is stocked with: a chain of three places, its people, cards and programs; and many people if asked.

All names are invented, and the numbers are of ranges that are nobody's.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
CHAIN, OTHER_CHAIN = 145071, 145072
OLAYA, MAARIF, LYON = 4564, 4565, 4566
PLACES = {
    OLAYA: ("Ruba Clinics Olaya", "Asia/Riyadh", "SAR"),
    MAARIF: ("Ruba Clinics Maarif", "Africa/Casablanca", "MAD"),
    LYON: ("Ruba Clinics Lyon", "Europe/Paris", "EUR"),
}
RIGHTS = ("loyalty_access", "loyalty_cards_manual_transactions_access", "clients_access")
CASHBACK, REFERRAL, FIXED = 10992, 8230, 10993  # types of cards
PROGRAMS: dict[int, Row] = {
    18005: {"title": "Ten percent", "type": "discount_static", "kind": 1, "value": Decimal(10), "card": FIXED},
    18006: {
        "title": "Cashback",
        "type": "cashback_accumulative_paid",
        "kind": 7,
        "value": Decimal(5),
        "card": CASHBACK,
    },
    18007: {"title": "invited", "type": "discount_static", "kind": 1, "value": Decimal(10), "card": REFERRAL},
}
TYPES = {CASHBACK: "Cashback", REFERRAL: "Referral program", FIXED: "Ten percent"}
INVITED = 18007  # whoever is brought along gets this, and the card of whoever brought them the same again
BRINGS = Decimal(20)
STAFF = {9: "Alex", 11: "Nadia"}
SERVICES = {2560779: ("Waxing", Decimal(3000)), 2560780: ("Physiotherapy", Decimal("350.50"))}
GOODS = {5048384: ("Shampoo", Decimal(20))}
MANY_CLIENTS, MANY_CARDS = 50_000_000, 60_000_000
MOST = 1_000_000
_NAMES = ("Sara", "Omar", "Noura", "Aisha", "Khalid", "Fahd", "Mary", "Lama", "Reem", "José", "Hind", "Rayan", "سارة")
_FAMILIES = ("Alqahtani", "Alotaibi", "Khan", "Aldosari", "Smith", "Alghamdi", "Nair", "الحربي")
_PEOPLE = (
    ("Sara Alqahtani", "966501234567", Decimal(100), CASHBACK),
    ("Omar Alotaibi", "966501234568", Decimal("250.75"), CASHBACK),
    ("Noura Aldosari", "966501234569", Decimal(0), CASHBACK),
    ("Fahd Alghamdi", "966501234570", Decimal(40), REFERRAL),
    ("Mary Smith", "966501234571", Decimal(10), FIXED),
    ("Hind Khan", "966501234572", None, 0),
)


def stamp(at: dt.datetime, place: int) -> str:
    """A moment as they print it: the offset without its colon."""
    return at.astimezone(ZoneInfo(PLACES[place][1])).strftime("%Y-%m-%dT%H:%M:%S%z")


def client(identifier: int, name: str, phone: str, at: dt.datetime, place: int = OLAYA) -> Row:
    return {"id": identifier, "_place": place, "name": name, "_phone": phone, "email": "", "_changed": at.isoformat()}


def card(identifier: int, type_id: int, client_id: int, phone: str, balance: Decimal, number: str = "") -> Row:
    return {
        "id": identifier,
        "balance": str(balance),
        "number": number or number_of(identifier),
        "type_id": type_id,
        "client_id": client_id,
        "phone": phone,
        "gone": False,
    }


def number_of(identifier: int) -> str:
    """As theirs are made: chain and card, eight digits each."""
    return f"{CHAIN:08d}{identifier:08d}"


def record(identifier: int, visit: int, person: Row | None, starts: dt.datetime, place: int = OLAYA) -> Row:
    """`starts` with its zone. The second of each pair has something from the shelf as well."""
    services = [2560779] if identifier % 2 else [2560780]
    return {
        "id": identifier,
        "visit_id": visit,
        "_place": place,
        "_starts": starts.isoformat(),
        "_client": person["id"] if person else 0,
        "_services": services,
        "_goods": [5048384] if identifier % 2 else [],
        "attendance": 0,
        "deleted": False,
        "_made": (starts - dt.timedelta(days=3)).isoformat(),
        "_changed": (starts - dt.timedelta(days=2)).isoformat(),
    }


def people(today: dt.date) -> list[tuple[Row, Row | None]]:
    """Clients of the first place, each with a card or without."""
    at = dt.datetime.combine(today - dt.timedelta(days=30), dt.time(9), dt.UTC)
    found: list[tuple[Row, Row | None]] = []
    for place, (name, phone, balance, type_id) in enumerate(_PEOPLE):
        person = client(401 + place, name, phone, at + dt.timedelta(hours=place))
        owned = None if balance is None else card(9210520 + place, type_id, person["id"], phone, balance)
        found.append((person, owned))
    return found


def records(today: dt.date) -> list[Row]:
    """One visit for each of the clients, two records in the first; time that is blocked; one in summer, elsewhere."""
    zone = ZoneInfo(PLACES[OLAYA][1])
    persons = [person for person, _card in people(today)]
    found = [
        record(501 + n, 9001 + n, person, dt.datetime.combine(today, dt.time(10 + n), zone))
        for n, person in enumerate(persons)
    ]
    second = record(520, 9001, persons[0], dt.datetime.combine(today, dt.time(11), zone))
    blocked = record(530, 9030, None, dt.datetime.combine(today, dt.time(20), zone))
    summer = dt.datetime(today.year - 1, 7, 12, 12, 10, tzinfo=ZoneInfo(PLACES[LYON][1]))
    abroad = client(431, "Jeanne Martin", "33612345678", summer, LYON)
    return [*found, second, blocked, record(541, 9041, abroad, summer, LYON)]


# Many -------------------------------------------------------------------------------------------------------------------


def many_client(number: int, seed: int, at: dt.datetime) -> Row:
    dice = (number * 2654435761 + seed * 40503 + 977) & 0xFFFF_FFFF
    name = f"{_NAMES[dice % len(_NAMES)]} {_FAMILIES[(dice >> 7) % len(_FAMILIES)]}"
    changed = at - dt.timedelta(minutes=number)
    return client(MANY_CLIENTS + number, name, f"96655{number:07d}", changed)


def many_card(number: int) -> Row:
    balance = Decimal(number % 500) + Decimal(number % 100) / 100
    return card(MANY_CARDS + number, CASHBACK, MANY_CLIENTS + number, f"96655{number:07d}", balance)
