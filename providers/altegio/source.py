"""Altegio's collections as the mirror engine reads them: rows stay bytes until somebody needs what is in them.

Clients and records are paged by number, without a documented order. So pages do not overlap, and a row that moves while we
read is found by the total that they report, or the next night. Transactions are read by the day (days.py), cards by the client.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec

from providers.altegio import days, wire
from providers.altegio.answers import total_of
from providers.altegio.mapping import ATTENDANCES, DECODERS, MOVEMENTS
from providers.altegio.payloads import RawEnvelope
from providers.contracts import Collection, Page, Reading
from providers.contracts.loyalty_movements import with_day
from providers.http import strict_json

PAGE = 200
COLLECTIONS = (
    Collection("card_types", PAGE),
    Collection("programs", PAGE),
    Collection("clients", PAGE, since="changed_after"),
    Collection(
        "records",
        PAGE,
        volatile=frozenset({"sms_remain_hours", "email_remain_hours", "short_link"}),
        enums={"attendance": frozenset(ATTENDANCES) - {""}},
        since="changed_after",
    ),
    Collection("transactions", PAGE, enums={"type_id": frozenset(MOVEMENTS)}, reading=Reading.DAYS),
    Collection("cards", PAGE, reading=Reading.EACH),
)
PATHS = {
    "card_types": "/loyalty/card_types/salon/{place}",
    "programs": "/company/{place}/loyalty/programs/search",
    "clients": "/clients/{place}",
    "records": "/records/{place}",
    "transactions": "/chain/{chain}/loyalty/transactions",
    "cards": "/loyalty/client_cards/{at}",
}
_PAGED = frozenset({"clients", "records"})
_figures = msgspec.json.Encoder(decimal_format="number")
_pages = msgspec.json.Decoder(list[msgspec.Raw] | RawEnvelope)
_names = msgspec.json.Decoder(dict[str, msgspec.Raw])


def page_path(collection: str, at: str, since: str, place: str, chain: str) -> str:
    """The address of the page that begins at `at`. Raises ValueError for a place that is none."""
    whose = wire.identifier(at) if collection == "cards" else ""
    path = PATHS[collection].format(place=place, chain=chain, at=whose)
    if collection == "transactions":
        return f"{path}?{urlencode(days.stretch(at, since).query(PAGE))}"
    if collection not in _PAGED:
        return path
    query = {"page": str(_place(at)[0]), "count": str(PAGE)}
    if collection == "records":
        query["with_deleted"] = "1"
    if since:
        query["changed_after"] = since
    return f"{path}?{urlencode(query)}"


def page_of(collection: str, at: str, body: bytes, since: str = "") -> Page:
    """Raises ValueError for a body that is no list."""
    try:
        found = _pages.decode(body)
    except msgspec.DecodeError as error:
        single = _single(collection, body)
        if single is None:
            raise ValueError(str(error)) from None
        found = [single]
    if isinstance(found, RawEnvelope) and not found.success:
        raise ValueError("They say no.")
    rows = found if isinstance(found, list) else found.data
    if collection == "transactions":
        here = days.stretch(at, since)
        following = here.following(len(rows))
        dated = [_dated(bytes(row), here.first) for row in rows] if here.days == 1 else []
        return Page(dated, None, following, partial(_ids_of, dated))
    meta: Any = {} if isinstance(found, list) else found.meta
    reported = total_of(meta.get("total_count")) if isinstance(meta, Mapping) else None
    return Page(rows, reported, _next(collection, at, len(rows), reported), partial(_ids_of, rows))


def _single(collection: str, body: bytes) -> msgspec.Raw | None:
    """Where a list of cards is meant their documentation has one card, in an envelope or without one."""
    if collection != "cards":
        return None
    try:
        named = _names.decode(body)
        inner = named if "id" in named else _names.decode(named["data"])
    except (msgspec.DecodeError, KeyError):
        return None
    said_no = inner is not named and named.get("success") != msgspec.Raw(b"true")
    return None if said_no or "id" not in inner else msgspec.Raw(body) if inner is named else named["data"]


def _dated(row: bytes, day: dt.date) -> bytes:
    """With the day under which it was listed. What is no object stays as it is, for whoever reads it to say so."""
    try:
        return with_day(row, day)
    except msgspec.DecodeError:
        return row


def _ids_of(rows: Sequence[bytes]) -> list[str] | None:
    """None where a row has none: whoever asks for each by itself learns which."""
    try:
        return [id_of("", row) for row in rows]
    except ValueError:
        return None


def _next(collection: str, at: str, rows: int, reported: int | None) -> str:
    """How long a page may be at most nobody knows, so a short one is not the last: an empty one is, or the one with which
    their total has been read. A full page never is, whatever their total says: totals lie while rows move."""
    if collection not in _PAGED:
        return ""
    number, read = _place(at)
    is_last = rows < PAGE and reported is not None and read + rows >= reported
    if not rows or is_last:
        return ""
    return f"{number + 1}-{read + rows}"


def _place(at: str) -> tuple[int, int]:
    """Which page, and how many rows were read before it."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})-([0-9]{1,9})", at or "1-0")
    if found is None:
        raise ValueError("This is not a place in a collection.")
    return int(found[1]), int(found[2])


def id_of(collection: str, row: bytes) -> str:
    try:
        named = msgspec.json.decode(_names.decode(row)["id"], type=int | str)
    except (msgspec.DecodeError, KeyError):
        raise ValueError("a row without an id") from None
    return wire.identifier(str(named))


def bytes_of(row: Any) -> bytes:
    """A row that was read on its own, as the mirror keeps rows: the same content, figure by figure."""
    return _figures.encode(row)


def decode(collection: str, row: bytes, zone: dt.tzinfo) -> Any:
    """`row` as a page has it: its bytes, or a view of them."""
    content = bytes(row)
    return DECODERS[collection](strict_json(content), zone, content)
