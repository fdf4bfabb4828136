"""The table of the race: 22 typed columns beside the id, the raw JSON, four indexes. Set Django up before importing it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec
import psycopg
from django.db import connection, models
from sync_stub import COLUMNS, SIZE, row

from providers.contracts import Collection, Page
from providers.http import Reader
from providers.models import Account, MirrorRow
from providers.sync import Mirror, mirrored

TEXTS = {"code", "status", "payment_status", "source"}


class Booking(MirrorRow):
    number = models.IntegerField()
    code = models.CharField(max_length=40)
    status = models.CharField(max_length=20)
    customer_id = models.UUIDField(db_index=True)
    customer_name = models.CharField(max_length=200)
    customer_phone = models.CharField(max_length=40)
    product_id = models.UUIDField()
    product_name = models.CharField(max_length=200)
    price_id = models.UUIDField()
    price_name = models.CharField(max_length=200)
    place_id = models.UUIDField()
    place_name = models.CharField(max_length=200)
    practitioner = models.CharField(max_length=200)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    quantity = models.IntegerField()
    total = models.DecimalField(max_digits=10, decimal_places=2)
    remaining = models.DecimalField(max_digits=10, decimal_places=2)
    paid = models.BooleanField()
    payment_status = models.CharField(max_length=20)
    source = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta(MirrorRow.Meta):
        app_label = "providers"
        db_table = "race_booking"


class Row(msgspec.Struct):
    """As a client would decode it."""

    id: str
    number: int
    code: str
    status: str
    customer_id: str
    customer_name: str
    customer_phone: str
    product_id: str
    product_name: str
    price_id: str
    price_name: str
    place_id: str
    place_name: str
    practitioner: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    quantity: int
    total: Decimal
    remaining: Decimal
    paid: bool
    payment_status: str
    source: str
    created_at: dt.datetime


class Named(msgspec.Struct):
    id: str


class Answer(msgspec.Struct):
    totalCount: int
    items: list[msgspec.Raw]


class Names(msgspec.Struct):
    items: list[Named]


ROW, NAMED, NAMES, ANSWER = (msgspec.json.Decoder(kind) for kind in (Row, Named, Names, Answer))
mirrored(Mirror("vouchers", "bookings", Booking, COLUMNS, attrgetter(*COLUMNS)))


class BookingSource:
    """The engine's client of the stub, over the one HTTP layer."""

    def __init__(self, url: str) -> None:
        self.http = Reader(url, allow_loopback=True, journal=lambda call: None, max_bytes=8 << 20, total_seconds=60)

    def __enter__(self) -> BookingSource:
        return self

    def __exit__(self, *_args: object) -> None:
        self.http.close()

    def collections(self) -> list[Collection]:
        return [Collection("bookings", SIZE)]

    def page(self, collection: str, at: str, since: str = "") -> Page:
        skip = int(at or 0)
        body = self.http.read("GET", f"/items?skip={skip}", headers={}).body
        found = ANSWER.decode(body)
        following = skip + SIZE
        return Page(
            found.items,
            found.totalCount,
            str(following) if following < found.totalCount else "",
            lambda: [item.id for item in NAMES.decode(body).items],
        )

    def id_of(self, collection: str, content: bytes) -> str:
        return str(NAMED.decode(content).id)

    def decode(self, collection: str, content: bytes) -> Row:
        return ROW.decode(content)


def account() -> Account:
    found, _created = Account.objects.get_or_create(
        provider="alreaaiaa", label="race", environment="sandbox", base_url="http://127.0.0.1:1"
    )
    return found


def typed(item: dict[str, Any]) -> dict[str, Any]:
    found = {name: item[name] for name in COLUMNS}
    for name in ("starts_at", "ends_at", "created_at"):
        found[name] = dt.datetime.fromisoformat(found[name])
    for name in ("total", "remaining"):
        found[name] = Decimal(found[name])
    return found


def made_rows(count: int) -> list[tuple[Any, ...]]:
    mine, now = str(account().pk), dt.datetime.now(dt.UTC)
    found = []
    for n in range(count, 0, -1):
        item = row(n, 0)
        payload = msgspec.json.encode(item).decode()
        cells = [
            "t" if value is True else "f" if value is False else str(value)
            for value in (item[name] for name in COLUMNS)
        ]
        found.append((mine, item["id"], payload, b"0" * 16, b"0" * 16, now, None, *cells))
    return found


def bare_copy(rows: list[tuple[Any, ...]]) -> None:
    names = "account_id, external_id, payload, raw_hash, content_hash, seen_at, gone_at, " + ", ".join(COLUMNS)
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection).copy(f"COPY race_booking ({names}) FROM STDIN") as copy:
        for found in rows:
            copy.write_row(found)
