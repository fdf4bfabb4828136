"""When our twin's clinic is open and who is free: slots, and whether a time can be booked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from providers.rekaz import sandbox_clinic as clinic
from providers.rekaz.sandbox_clinic import RIYADH, Row, iso
from providers.rekaz.sandbox_lists import Query, one, rows_of
from providers.rekaz.sandbox_say import invalid, not_there
from providers.rekaz.sandbox_shapes import bare, in_utc
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Answer, Request

FRIDAY = 4
LONGEST_RANGE = dt.timedelta(days=92)
HOLDS = ("Confirmed", "Pending", "Done")


class Price(NamedTuple):
    product: Row
    price: Row

    @property
    def length(self) -> dt.timedelta:
        return dt.timedelta(minutes=self.price["duration"] or 60)


def opening(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Nine to nine, on Fridays from four in the afternoon."""
    return clinic.wall(day, 16 if day.weekday() == FRIDAY else 9), clinic.wall(day, 21)


def price_of(identifier: str, draft: Draft) -> Price | None:
    for product in rows_of("product", draft):
        for price in product["pricing"]:
            if price["id"] == identifier.lower():
                return Price(product, price)
    return None


def free(price: Price, starts: dt.datetime, ends: dt.datetime, draft: Draft, but: str = "") -> list[str]:
    """Who of those that give this service has nothing else to do then."""
    busy = {
        who["id"]
        for row in rows_of("reservation", draft)
        if row["status"] in HOLDS and row["id"] != but and _overlaps(row, starts, ends)
        for who in row["providers"]
    }
    return [one["id"] for one in price.product["productProviders"] if one["id"] not in busy]


def _overlaps(row: Row, starts: dt.datetime, ends: dt.datetime) -> bool:
    return iso(starts) < str(row["endAt"]) and str(row["startAt"]) < iso(ends)


def is_open(starts: dt.datetime, ends: dt.datetime) -> bool:
    opens, closes = opening(starts.astimezone(RIYADH).date())
    return opens <= starts < ends <= closes


def slots(query: Query, request: Request, draft: Draft) -> Answer:
    wrong = _wrong(query)
    if wrong:
        return invalid(wrong, draft)
    price = price_of(one(query, "PriceId"), draft)
    if price is None:
        return not_there("Price", one(query, "PriceId"), draft)
    starts, ends = (_wall(one(query, name)) for name in ("StartDate", "EndDate"))
    wanted = next((values for name, values in query.items() if name.casefold() == "providersids"), [])
    needed = max(1, int(one(query, "MinProvidersCount") or 1))
    found = [
        slot
        for begins in _starts(price, starts, ends, padded=draft.rule("faithful_filters", "off") == "off")
        if (slot := _slot(price, begins, request.at, wanted, needed, draft))
    ]
    return bare(found, draft)


def _wrong(query: Query) -> dict[str, str]:
    found = {}
    for name in ("StartDate", "EndDate"):
        try:
            _wall(one(query, name))
        except ValueError:
            found[name] = f"The value '{one(query, name)}' is not valid for {name}."
    if not re.fullmatch(r"[0-9a-fA-F-]{36}", one(query, "PriceId")):
        found["PriceId"] = f"The value '{one(query, 'PriceId')}' is not valid for PriceId."
    if not re.fullmatch(r"[1-9]\d{0,8}", one(query, "MinQuantity")):
        found["MinQuantity"] = "The field MinQuantity must be between 1 and 2147483647."
    if not found and _wall(one(query, "EndDate")) - _wall(one(query, "StartDate")) > LONGEST_RANGE:
        found["EndDate"] = "The range is too long."
    return found


def _wall(text: str) -> dt.datetime:
    """Wall time of Riyadh; a zone is what they warn of. Raises ValueError."""
    found = dt.datetime.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError("a zone")
    return found.replace(tzinfo=RIYADH)


def _starts(price: Price, starts: dt.datetime, ends: dt.datetime, *, padded: bool) -> Iterator[dt.datetime]:
    """Windows as long as the service, sliding by an hour at most. Live, the range grows by a day in front."""
    step = min(price.length, dt.timedelta(hours=1))
    first = starts.date() - dt.timedelta(days=1 if padded else 0)
    for offset in range((ends.date() - first).days + 1):
        begins, closes = opening(first + dt.timedelta(offset))
        while begins + price.length <= closes:
            if padded or starts <= begins < ends:
                yield begins
            begins += step


def _slot(
    price: Price, begins: dt.datetime, now: dt.datetime, wanted: Sequence[str], needed: int, draft: Draft
) -> Row | None:
    """A taken one disappears: of 192 that were seen none was unavailable."""
    ends = begins + price.length
    found = free(price, begins, ends, draft)
    if len([one for one in found if not wanted or one in wanted]) < needed:
        return None
    amount, reduced = price.price["amount"], price.price["discountedAmount"]
    return {
        "from": iso(begins),
        "to": iso(ends),
        "availableReservationsCount": len(found),
        "availableProvidersCount": len(found),
        "availableProviderIds": found,
        "isOutDated": begins < now,
        "isAvailable": True,
        "amounts": {
            "basePrice": 0,
            "priceWithTax": 0,
            "totalPrice": amount,
            "effectiveQuantity": 1,
            "totalAfterDiscount": reduced,
            "depositAmount": price.price["depositAmount"],
        },
        "maxConnectedTo": iso(ends),
        "allProvidersAvailability": {one["id"]: one["id"] in found for one in price.product["productProviders"]},
    }


def moment(text: object, draft: Draft) -> dt.datetime | None:
    """A time that a client sends, None for what is none."""
    try:
        return in_utc(text, draft.rule("wire_zone", "utc")) if isinstance(text, str) else None
    except ValueError:
        return None
