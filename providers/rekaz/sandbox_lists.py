"""What our twin of Rekaz tells when it is asked, with the filters that work and those that are taken and ignored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qsl

from providers.rekaz import sandbox_clinic as clinic
from providers.rekaz import sandbox_many as many
from providers.rekaz.sandbox_clinic import Row
from providers.rekaz.sandbox_say import invalid, not_there
from providers.rekaz.sandbox_shapes import bare, enveloped, in_utc, listed, shaper, size_of
from providers.sandbox.shelf import Draft, Record
from providers.sandbox.twin import Answer, Request, in_json

Query = Mapping[str, Sequence[str]]
Fits = Callable[[Row], bool]
ENTITIES = {
    "customers": "Customer",
    "reservations": "Reservation",
    "subscriptions": "Subscription",
    "products": "Product",
}
KINDS = {"customers": "customer", "reservations": "reservation", "subscriptions": "subscription", "products": "product"}
# Measured in July 2026: of all their filters these work.
MEASURED = {
    "customers": frozenset({"mobileNumber"}),
    "reservations": frozenset({"customerMobile"}),
    "subscriptions": frozenset({"customerId"}),
    "attendances": frozenset({"customerId", "mobileNumber", "customerNumber"}),
}
DOCUMENTED = {
    "customers": frozenset[str](),
    "reservations": frozenset(
        {"dateMin", "dateMax", "statuses", "customerId", "customerMobile", "upcoming", "keyword", "branchId"}
    ),
    "subscriptions": frozenset(
        {"customerId", "customerMobile", "startAtMin", "startAtMax", "statuses", "branchId", "keyword"}
    ),
    "attendances": MEASURED["attendances"],
}


def query_of(request: Request) -> dict[str, list[str]]:
    """Names in any case, as their framework binds them; the first spelling is kept."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        known = next((one for one in found if one.casefold() == name.casefold()), name)
        found.setdefault(known, []).append(value)
    return found


def one(query: Query, name: str) -> str:
    return next((values[-1] for key, values in query.items() if key.casefold() == name.casefold()), "")


def bulk_in(draft: Draft) -> many.Bulk | None:
    return many.bulk_of(draft.find("bulk", ""))


def rows_of(kind: str, draft: Draft) -> list[Row]:
    return [dict(row) for row in draft.of_kind(kind) if not row.get("_gone")]


def find(kind: str, identifier: str, draft: Draft) -> Row | None:
    """A row that is kept, or one that is made when it is asked for."""
    kept = draft.find(kind, identifier.lower())
    if kept is not None:
        return None if kept.get("_gone") else dict(kept)
    bulk = bulk_in(draft)
    if bulk and kind == "reservation" and (number := many.number_of(identifier, bulk)) is not None:
        return many.row(bulk, number)
    if bulk and kind == "customer" and (number := many.customer_number_of(identifier, bulk)) is not None:
        return many.customer_row(bulk, number)
    return None


def show(kind: str, identifier: str, draft: Draft) -> Answer:
    if not re.fullmatch(r"[0-9a-zA-Z-]{36}", identifier):
        return invalid({"id": f"The value '{identifier}' is not valid."}, draft)
    found = find(KINDS[kind], identifier, draft)
    return in_json(200, shaper(draft)(found)) if found else not_there(ENTITIES[kind], identifier, draft)


def show_branch(identifier: str, draft: Draft) -> Answer:
    found = next((branch for branch in clinic.BRANCHES if branch["id"] == identifier.lower()), None)
    return in_json(200, _branch(found, draft)) if found else not_there("Branch", identifier, draft)


def branches(draft: Draft) -> Answer:
    return in_json(200, [_branch(branch, draft) for branch in clinic.BRANCHES])


def _branch(branch: Row, draft: Draft) -> Row:
    """A live merchant's English names were Arabic too."""
    return branch if draft.rule("fields", "measured") == "documented" else {**branch, "nameEn": branch["nameAr"]}


def providers(draft: Draft) -> Answer:
    return in_json(200, {"items": list(clinic.PROVIDERS)})


def products(query: Query, draft: Draft) -> Answer:
    rows = rows_of("product", draft)
    if draft.rule("envelopes", "measured") == "documented":
        return bare(rows, draft)
    return _paged(rows, None, query, draft)


def people(query: Query, draft: Draft) -> Answer:
    rows, bulk = rows_of("customer", draft), bulk_in(draft)
    fits = _filter("customers", query, draft)
    more = [many.customer_row(bulk, number) for number in range(bulk.customers)] if bulk and fits else []
    if fits:
        return _paged([row for row in [*rows, *more] if fits(row)], None, query, draft)
    return _paged(rows, bulk, query, draft, of_customers=True)


def bookings(query: Query, draft: Draft) -> Answer:
    bulk = bulk_in(draft)
    rows = sorted(rows_of("reservation", draft), key=lambda row: str(row["creationTime"]), reverse=True)
    rows = [row for row in rows if many.number_of(row["id"], bulk) is None]
    fits = _filter("reservations", query, draft)
    if fits is None:
        return _paged(rows, bulk, query, draft)
    more = [many.row(bulk, number) for number in _likely(bulk, query, draft)] if bulk else []
    return _paged([row for row in [*rows, *more] if fits(row)], None, query, draft)


def _likely(bulk: many.Bulk, query: Query, draft: Draft) -> Sequence[int]:
    """Which of the generated ones are worth making: a look at a hundred thousand would take seconds."""
    working = _working("reservations", draft)
    wanted = _digits(one(query, "customerMobile")) if "customerMobile" in working else ""
    since = one(query, "dateMin") if "dateMin" in working else ""
    found = bulk.numbers()
    if since:
        days = (in_utc(since, draft.rule("wire_zone", "utc")).date() - bulk.day).days
        found = [number for number in found if 7 - number // many.A_DAY >= days - 1]
    return [number for number in found if wanted in many.facts(bulk, number).phone] if wanted else found


def plans(query: Query, draft: Draft) -> Answer:
    rows = sorted(rows_of("subscription", draft), key=lambda row: str(row["creationTime"]), reverse=True)
    fits = _filter("subscriptions", query, draft)
    return _paged([row for row in rows if fits is None or fits(row)], None, query, draft)


def visits(query: Query, draft: Draft) -> Answer:
    rows = list(reversed(rows_of("attendance", draft)))
    fits = _filter("attendances", query, draft)
    return _paged([attendance(row, draft) for row in rows if fits is None or fits(row)], None, query, draft)


def attendance(row: Record, draft: Draft) -> Row:
    """Their GET has the two words in each other's place; nobody knows which way round it is live."""
    subject, direction = row["_subject"], row["_direction"]
    words = {
        "swapped": (direction, subject),
        "straight": (subject, direction),
        "numbers": (int(subject == "Subscription"), int(direction == "CheckOut")),
    }[draft.rule("attendance_words", "swapped")]
    return {"type": words[0], "actionType": words[1], **row}


def _paged(
    rows: Sequence[Row], bulk: many.Bulk | None, query: Query, draft: Draft, *, of_customers: bool = False
) -> Answer:
    skip, size = one(query, "skipCount") or "0", size_of(one(query, "maxResultCount"), draft)
    if not skip.isdigit():
        return invalid({"skipCount": f"The value '{skip}' is not valid for SkipCount."}, draft)
    if size is None:
        return invalid({"maxResultCount": "The field MaxResultCount must be between 1 and 100."}, draft)
    if bulk is None:
        return listed(rows, draft, int(skip), size)
    return _with_bulk(rows, bulk, draft, int(skip), size, of_customers=of_customers)


def _with_bulk(
    rows: Sequence[Row], bulk: many.Bulk, draft: Draft, skip: int, size: int, *, of_customers: bool
) -> Answer:
    shaped = shaper(draft)
    own = rows[skip : skip + size]
    count = bulk.customers if of_customers else len(bulk)
    first = max(0, skip - len(rows))
    places = range(first, min(count, first + size - len(own)))
    head = [in_json(200, shaped(row)).body for row in own]
    if of_customers:
        tail = [in_json(200, shaped(many.customer_row(bulk, place))).body for place in places]
    else:
        tail = _generated(bulk, tuple(bulk.visible(place) for place in places), draft)
    return enveloped(len(rows) + count, [*head, *tail])


def _generated(bulk: many.Bulk, numbers: tuple[int, ...], draft: Draft) -> list[bytes]:
    """As they were made, unless one of them has been changed since."""
    shaped = shaper(draft)
    kept = {number: draft.find("reservation", many.reservation_id(number)) for number in numbers}
    if not any(kept.values()):
        return [many.page(bulk, numbers, shaped)] if numbers else []
    return [in_json(200, shaped(dict(kept[number] or many.row(bulk, number)))).body for number in numbers]


def _working(collection: str, draft: Draft) -> frozenset[str]:
    return (DOCUMENTED if draft.rule("faithful_filters", "off") == "on" else MEASURED)[collection]


def _filter(collection: str, query: Query, draft: Draft) -> Fits | None:
    """What of the query does anything; None for nothing."""
    working = {name.casefold(): name for name in _working(collection, draft)}
    asked = {
        working[name.casefold()]: values for name, values in query.items() if name.casefold() in working and any(values)
    }
    zone = draft.rule("wire_zone", "utc")
    return (lambda row: all(_fits(row, name, values, zone) for name, values in asked.items())) if asked else None


def _fits(row: Row, name: str, values: Sequence[str], zone: str) -> bool:
    value = values[-1]
    phone = str(row.get("customerMobile") or row.get("mobileNumber") or row.get("customerMobileNumber") or "")
    if name in ("customerMobile", "mobileNumber"):
        part = _digits(value) if "%" not in value else value
        return bool(part) and part in _digits(phone)
    if name in ("dateMin", "startAtMin", "dateMax", "startAtMax"):
        starts, limit = in_utc(str(row["startAt"]), "utc"), in_utc(value, zone)
        return starts >= limit if name.endswith("Min") else starts <= limit
    if name == "statuses":
        return row["status"] in [part for each in values for part in each.split(",")]
    if name == "keyword":
        return (
            value.casefold()
            in f"{row.get('customerName')} {row.get('reservationNumber')} {row.get('productName')}".casefold()
        )
    if name == "upcoming":
        return value.casefold() != "true" or row["status"] in ("Confirmed", "Pending")
    return str(row.get(name, "")).casefold() == value.casefold()


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
