"""Rekaz's collections as the mirror engine reads them: rows stay bytes until somebody needs what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec

from providers.contracts import Collection, Page
from providers.http import strict_json
from providers.rekaz import mapping, wire, words
from providers.rekaz.mapping import DECODERS, Zones
from providers.rekaz.payloads import Named, RawPage

PAGE = 100  # documented default and most
# Pages overlap: a row deleted while we read moves all behind it one place forward, past the edge of a page.
OVERLAP = 10
PATHS = {
    "branches": "/branches",
    "practitioners": "/providers",
    "products": "/products",
    "customers": "/customers",
    "reservations": "/reservations",
    "subscriptions": "/subscriptions",
    "attendances": "/attendances",
}
_PAGED = frozenset({"customers", "reservations", "subscriptions", "attendances"})
_FAR = 10_000_000
_ATTENDANCE = frozenset({"reservation", "subscription", "checkin", "checkout", "check-in", "check-out", "0", "1"})
COLLECTIONS = (
    Collection("branches", PAGE),
    Collection("practitioners", PAGE),
    Collection("products", PAGE, enums={"typeString": frozenset({"reservation", "subscription", "merchandise"})}),
    Collection("customers", PAGE),
    Collection("reservations", PAGE, enums={"status": frozenset(words.RESERVATIONS)}, since="dateMin"),
    Collection("subscriptions", PAGE, enums={"status": frozenset(words.SUBSCRIPTIONS)}),
    Collection(
        "attendances",
        PAGE,
        volatile=frozenset({"customerImageUrl"}),
        enums={"type": _ATTENDANCE, "actionType": _ATTENDANCE},
    ),
)
_SINCE = {collection.name: collection.since for collection in COLLECTIONS}
_figures = msgspec.json.Encoder(decimal_format="number")
_pages = msgspec.json.Decoder(list[msgspec.Raw] | RawPage)
_names = msgspec.json.Decoder(Named)


def page_path(collection: str, at: str, since: str) -> str:
    """The address of the page that begins at `at`. Raises ValueError for a collection or a place that is none."""
    query = {"skipCount": str(_skipped(at)), "maxResultCount": str(PAGE)}
    if since and _SINCE[collection]:
        query[_SINCE[collection]] = since
    if collection in ("branches", "practitioners"):
        return PATHS[collection]  # they have no pages
    return f"{PATHS[collection]}?{urlencode(query)}"


def page_of(collection: str, at: str, body: bytes) -> Page:
    """Raises ValueError for a body that is no collection."""
    try:
        found = _pages.decode(body)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None
    rows = found if isinstance(found, list) else found.items
    reported = None if isinstance(found, list) else found.total_count
    return Page(
        rows, reported, _next(collection, _skipped(at), len(rows), reported), partial(_ids_of, collection, rows)
    )


def _ids_of(collection: str, rows: Sequence[bytes]) -> list[str] | None:
    """None where a row has none: whoever asks for each by itself learns which."""
    try:
        return None if collection == "attendances" else [id_of(collection, row) for row in rows]
    except ValueError:
        return None


def _next(collection: str, skipped: int, rows: int, reported: int | None) -> str:
    """A full page is never the last, whatever their count says: counts lie while rows move. A short one is, unless their
    count says that there are more."""
    paged = collection in _PAGED or (collection == "products" and reported is not None)
    more = rows >= PAGE or (reported is not None and skipped + rows < reported)
    if not paged or not rows or not more:
        return ""
    return str(skipped + max(rows - OVERLAP, 1))


def _skipped(at: str) -> int:
    if at and not (at.isascii() and at.isdigit() and int(at) < _FAR):
        raise ValueError("This is not a place in a collection.")
    return int(at or 0)


def id_of(collection: str, row: bytes) -> str:
    if collection == "attendances":
        return mapping.attendance_id(strict_json(bytes(row)))
    try:
        return wire.identifier(str(_names.decode(row).id))
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from None


def bytes_of(row: Any) -> bytes:
    """A row that was read on its own, as the mirror keeps rows: the same content, figure by figure."""
    return _figures.encode(row)


def decode(collection: str, row: bytes, zones: Zones) -> Any:
    """`row` as a page has it: its bytes, or a view of them."""
    content = bytes(row)
    return DECODERS[collection](strict_json(content), zones, content)
