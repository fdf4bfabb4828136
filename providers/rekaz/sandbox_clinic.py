"""The clinic that our twin of Rekaz plays: teeth and joints in Riyadh, families on one phone, a day that is today.

All of it is invented. Ids are made from names, so that they are the same at every start.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]

RIYADH = dt.timezone(dt.timedelta(hours=3))
TENANT = "3a0f7c1e-5b2d-4e8a-9c41-7d2e6f80b935"
LONGEST_NAME = "عبدالرحمن بن عبدالعزيز بن محمد بن عبدالله " * 5 + "Al-Muhammad-Al-Abdulrahman-Al-Qahtani"
HOSTILE_NAMES = ("<img src=x onerror=alert(1)>", '"><svg/onload=alert(1)>', "Ahmad \u202egnp.exe\u202c Saleh")


def guid(text: str) -> str:
    """Shaped like the sequential ids of their framework."""
    found = hashlib.sha256(text.encode()).hexdigest()
    return f"3a1c{found[:4]}-{found[4:8]}-{found[8:12]}-{found[12:16]}-{found[16:28]}"


OLAYA, NAKHEEL = guid("branch olaya"), guid("branch nakheel")
BRANCHES = (
    {"id": OLAYA, "name": "فرع العليا", "nameAr": "فرع العليا", "nameEn": "Olaya Branch", "addressUrl": None},
    {
        "id": NAKHEEL,
        "name": "فرع النخيل",
        "nameAr": "فرع النخيل",
        "nameEn": "Nakheel Branch",
        "addressUrl": "https://maps.example.com/nakheel",
    },
)
PROVIDERS = tuple(
    {"id": guid(f"provider {name}"), "name": name}
    for name in (
        "د. ريم العتيبي",
        "د. خالد الحربي",
        "Dr. Sara Haddad",
        "أ. فيصل المالكي",
        "Layan Physio",
        "د. عمر باوزير",
    )
)
DENTISTS, THERAPISTS = PROVIDERS[:3], PROVIDERS[3:5]
PLACE_FIELD = {
    "id": guid("field note"),
    "name": guid("field note name"),
    "label": "ملاحظة الحجز",
    "placeholder": "",
    "showInCheckout": False,
    "amount": 0,
    "isRequired": False,
    "type": 1,
    "localizedLabel": "ملاحظة الحجز",
}
# Arabic, English, minutes, amount, discounted (as the JSON numbers that they send), who, what it is, cycle
SERVICES: tuple[tuple[str, str, int | None, float, float, tuple[Row, ...], int, int], ...] = (
    ("كشف أسنان", "Dental check-up", 30, 150, 150, DENTISTS, 0, 0),
    ("تنظيف وتلميع الأسنان", "Scaling and polishing", 60, 300, 255.5, DENTISTS, 0, 0),
    ("تبييض الأسنان", "Whitening", 90, 900, 900, DENTISTS[:2], 0, 0),
    ("جلسة علاج طبيعي", "Physiotherapy session", 60, 250, 250, THERAPISTS, 0, 0),
    ("استشارة عن بعد", "Online consultation", 30, 0, 0, PROVIDERS[5:], 0, 0),
    ("برنامج العلاج الطبيعي الشهري", "Monthly physiotherapy", None, 1600, 1600, THERAPISTS, 1, 1),
    ("متابعة التقويم", "Braces follow-up", None, 450, 400, DENTISTS, 1, 1),
    ("فرشاة أسنان كهربائية", "Electric toothbrush", None, 219, 199, (), 2, 0),
)
KINDS = ("Reservation", "Subscription", "Merchandise")
# Name, phone, and whether a company pays. One phone may be a whole family's.
PEOPLE: tuple[tuple[str, str, bool], ...] = (
    ("سارة بنت عبدالله القحطاني", "966501234567", False),
    ("عبدالله القحطاني", "966501234567", False),
    ("نوف عبدالله القحطاني", "966501234567", False),
    ("محمد العتيبي", "966555010203", False),
    ("هند العتيبي", "966555010203", False),
    ("Aisha Khan", "966540112233", False),
    ("Omar Khan", "966540112233", False),
    ("Jean-Luc O'Connor", "33612345678", False),
    ("خالد الدوسري", "0533344455", False),
    ("Mary Smith", "+966598877665", False),
    ("نورة الشمري", "966561239874", False),
    ("فهد بن سلطان المطيري", "966507776655", False),
    ("Fatima Zahra Benali", "212661234501", False),
    ("ريان الغامدي", "", False),
    ("José Ñuñez", "966544332211", False),
    ("شركة المدى للتجارة", "966112345678", True),
    (LONGEST_NAME, "966500000017", False),
    ("لمى السبيعي", "966538291047", False),
    ("عبدالعزيز آل سعود", "966509182736", False),
    ("Priya Nair", "966570123498", False),
)
DAY_PLAN = (
    (9, 0),
    (9, 30),
    (10, 0),
    (11, 0),
    (12, 30),
    (13, 0),
    (14, 30),
    (16, 0),
    (17, 30),
    (18, 0),
    (19, 0),
    (20, 0),
)


def products() -> Iterator[Row]:
    for place, (arabic, english, minutes, amount, discounted, who, kind, cycle) in enumerate(SERVICES):
        price = {
            "id": guid(f"price {english}"),
            "immutableId": guid(f"immutable {english}"),
            "name": arabic,
            "nameAr": arabic,
            "nameEn": english,
            "model": 0,
            "billingCycle": cycle,
            "billingPeriod": 30 if cycle else None,
            "amount": amount,
            "discountedAmount": discounted,
            "hasMinimum": False,
            "hasDeposit": amount >= 900,
            "depositAmount": 200 if amount >= 900 else None,
            "hasOccurrence": bool(cycle),
            "duration": minutes,
            "sku": None,
            "extraProperties": {},
        }
        yield {
            "id": guid(f"product {english}"),
            "name": arabic,
            "nameAr": arabic,
            "nameEn": english,
            "description": f"<p>{arabic}<br>في عياداتنا</p>",
            "shortDescription": "",
            "amount": amount,
            "duration": minutes,
            "slots": None,
            "productProviders": [{**one, "image": None, "description": ""} for one in who],
            "pricing": [price],
            "maximumQuantityPerOrder": 1 if kind == 0 else 5,
            "customFields": [PLACE_FIELD] if kind == 0 else [],
            "type": kind,
            "typeString": KINDS[kind],
            "branchIds": [] if place % 2 else [OLAYA, NAKHEEL],
            "slug": english.lower().replace(" ", "-"),
            "url": None,
            "isOutOfStock": False,
            "addOns": [],
        }


def customers(scenario: str) -> Iterator[Row]:
    names = [(name, "966500000099", False) for name in HOSTILE_NAMES] if scenario == "hostile" else []
    for place, (name, phone, is_company) in enumerate((*PEOPLE, *names)):
        yield customer(guid(f"customer {place}"), name, phone, number=123700 + place, is_company=is_company)


def customer(identifier: str, name: str, phone: str, *, number: int, is_company: bool = False, **more: Any) -> Row:
    return {
        "id": identifier,
        "name": name,
        "customerNumber": number,
        "mobileNumber": phone,
        "email": f"person{number}@example.com",
        "customerType": 2 if is_company else 1,
        "address": None,
        "companyName": name if is_company else None,
        "customFields": {},
        "branchIds": [OLAYA],
        "isBlocked": False,
        **more,
    }


def iso(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def wall(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=RIYADH)


def reservation(number: int, person: Row, product: Row, starts: dt.datetime, **more: Any) -> Row:
    """As the twin keeps it: the measured names, times in true UTC, and beneath a line what only it knows."""
    price = product["pricing"][0]
    minutes = price["duration"] or 30
    total = price["discountedAmount"]
    who = product["productProviders"]
    return {
        "id": more.pop("id", None) or guid(f"reservation {number}"),
        "startAt": iso(starts),
        "endAt": iso(starts + dt.timedelta(minutes=minutes)),
        "status": "Confirmed",
        "customStatus": None,
        "customerName": person["name"],
        "customerMobile": person["mobileNumber"],
        "customerId": person["id"],
        "reservationNumber": number,
        "productName": product["name"],
        "priceName": price["name"],
        "quantity": 1,
        "providers": [
            {"id": one["id"], "name": one["name"], "isDeleted": False} for one in who[number % len(who) :][:1]
        ],
        "customFields": [],
        "orderId": guid(f"order {number}"),
        "orderTotalAmount": total,
        "orderPaymentStatusString": "Paid",
        "reservationTotalAmount": total,
        "remainingAmount": 0,
        "branchId": OLAYA,
        "branchName": BRANCHES[0]["name"],
        "meetingUrl": None,
        "source": "Internal",
        "isZeroPrice": not total,
        "isWalkInCustomer": False,
        "cancellationReason": None,
        "creationTime": iso(starts - dt.timedelta(days=2, hours=number % 7)),
        "_priceId": price["id"],
        **more,
    }


def reservations(scenario: str, today: dt.date) -> Iterator[Row]:
    """A week back and a week ahead: done or cancelled behind us, confirmed or waiting before us."""
    people, services = list(customers(scenario)), [one for one in products() if one["type"] == 0]
    number = 10200
    for offset in range(-7, 8):
        day = today + dt.timedelta(offset)
        for place, (hour, minute) in enumerate(DAY_PLAN if offset == 0 else DAY_PLAN[:: 2 + abs(offset) % 2]):
            number += 1
            person, product = people[number % len(people)], services[(number + place) % len(services)]
            yield reservation(number, person, product, wall(day, hour, minute), **_state(offset, number))


def _state(offset: int, number: int) -> Row:
    if number % 9 == 0:
        return {"status": "Cancelled", "cancellationReason": "طلب العميل", "orderPaymentStatusString": "Refunded"}
    if offset < 0:
        return {"status": "Done"}
    if number % 4 == 0:
        return {"status": "Pending", "orderPaymentStatusString": "Pending", "remainingAmount": 150, "source": "Website"}
    branch = {"branchId": NAKHEEL, "branchName": BRANCHES[1]["name"]} if number % 5 == 0 else {}
    return {"status": "Confirmed", **branch}


SUBSCRIBED = ("Active", "Active", "Paused", "Pending", "Expired", "Cancelled", "Active")


def subscriptions(scenario: str, today: dt.date) -> Iterator[Row]:
    people, services = list(customers(scenario)), [one for one in products() if one["type"] == 1]
    for place, status in enumerate(SUBSCRIBED):
        begun = wall(today - dt.timedelta(days=70 if status == "Expired" else 6 + place), 0)
        more: Row = {}
        if status == "Paused":
            more = {
                "isPaused": True,
                "pausedAt": iso(wall(today - dt.timedelta(2), 0)),
                "resumeAt": iso(wall(today + dt.timedelta(5), 0)),
            }
        if place == len(SUBSCRIBED) - 1:  # a pause that is planned
            more = {
                "pausedAt": iso(wall(today + dt.timedelta(3), 0)),
                "resumeAt": iso(wall(today + dt.timedelta(9), 0)),
            }
        yield subscription(place + 1, people[place], services[place % len(services)], begun, status=status, **more)


def subscription(number: int, person: Row, product: Row, starts: dt.datetime, **more: Any) -> Row:
    price = product["pricing"][0]
    total = price["discountedAmount"]
    item = {"id": guid(f"item {number}"), "priceId": price["id"], "name": price["name"], "productName": product["name"]}
    return {
        "id": more.pop("id", None) or guid(f"subscription {number}"),
        "customerId": person["id"],
        "startAt": iso(starts),
        "endAt": iso(starts + dt.timedelta(30)),
        "status": "Active",
        "items": [{**item, "quantity": 1, "billingCycle": "Monthly"}],
        "discount": {"type": "Percentage", "value": 0},
        "branchId": OLAYA,
        "occurenceDays": ["Sunday", "Tuesday"],
        "customFields": [],
        "paidAmount": total,
        "totalAmount": total,
        "remainingAmount": 0,
        "lastInvoiceCode": f"INV-{starts.year}-{number:03d}",
        "lastInvoiceStatus": "Paid",
        "isPaused": False,
        "pausedAt": None,
        "resumeAt": None,
        "subscriptionCode": f"SUB-{7100 + number}",
        "creationTime": iso(starts - dt.timedelta(days=1)),
        **more,
    }
