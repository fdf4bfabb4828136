"""From what our twin of Rekaz keeps to what it shows: measured names or documented ones, and the three kinds of a list."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable, Sequence

from providers.rekaz.sandbox_clinic import Row
from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Answer, in_json

Shaped = Callable[[Row], Row]
TIMES = ("startAt", "endAt", "pausedAt", "resumeAt", "from", "to", "maxConnectedTo", "actionDateFrom", "actionDateTo")
LIVE_ONLY = frozenset(
    {
        *("orderId", "orderTotalAmount", "orderPaymentStatusString", "cancellationReason", "creationTime"),
        *("subscriptionCode", "slug", "url", "isOutOfStock", "addOns"),
        *("immutableId", "billingPeriod", "depositAmount", "extraProperties", "isRequired", "localizedLabel"),
    }
)
JSON = {"Content-Type": "application/json; charset=utf-8"}


def shaper(draft: Draft) -> Shaped:
    return shaper_of(draft.rule("fields", "measured"), draft.rule("wire_zone", "utc"))


@functools.cache
def shaper_of(fields: str, zone: str) -> Shaped:
    """One function for each pair of rules, so that pages that were encoded by it can be kept."""

    def shaped(row: Row) -> Row:
        kept = {name: value for name, value in row.items() if not name.startswith("_")}
        if zone == "riyadh":
            kept |= {name: in_riyadh(kept[name]) for name in TIMES if kept.get(name)}
        return as_documented(kept) if fields == "documented" else kept

    return shaped


def in_riyadh(text: str) -> str:
    """The wall clock of Riyadh with the Z of UTC, as their internal interface and their webhooks have it."""
    return (dt.datetime.fromisoformat(text) + dt.timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%SZ")


def in_utc(text: str, zone: str) -> dt.datetime:
    """What a client means by a time that it sends. Raises ValueError."""
    found = dt.datetime.fromisoformat(text)
    if found.tzinfo is None:
        found = found.replace(tzinfo=dt.UTC)
    return found.astimezone(dt.UTC) - dt.timedelta(hours=3 if zone == "riyadh" and not found.utcoffset() else 0)


def as_documented(row: Row) -> Row:
    found = {name: value for name, value in row.items() if name not in LIVE_ONLY}
    if "reservationNumber" in row:
        names = [one["name"] for one in row["providers"]]
        found = {**found, "providers": names, "invoiceTotalAmount": row["orderTotalAmount"]}
        found["reservationRemainingAmount"] = found.pop("remainingAmount")
    if "pricing" in row:
        for name in ("pricing", "customFields"):
            found[name] = [{key: one[key] for key in one if key not in LIVE_ONLY} for one in row[name]]
    return found


def size_of(asked: str, draft: Draft) -> int | None:
    """How long a page will be; None for one that is refused. What they do above a hundred nobody has tried."""
    if not asked:
        return 100
    if not asked.isdigit() or int(asked) < 1:
        return None
    return None if int(asked) > 100 and draft.rule("page_size", "clamped") == "refused" else min(int(asked), 100)


def listed(rows: Sequence[Row], draft: Draft, skip: int, size: int) -> Answer:
    shaped = shaper(draft)
    encoded = [json.dumps(shaped(row), separators=(",", ":")).encode() for row in rows[skip : skip + size]]
    return enveloped(len(rows), encoded)


def enveloped(total: int, encoded: Sequence[bytes]) -> Answer:
    return Answer(200, b'{"totalCount":%d,"items":[%b]}' % (total, b",".join(one for one in encoded if one)), JSON)


def bare(rows: Sequence[Row], draft: Draft) -> Answer:
    shaped = shaper(draft)
    return in_json(200, [shaped(row) for row in rows])
