"""A provider with one collection, newest first and paged by position, that does what a test says while it is read."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from providers.contracts import Collection, Page
from providers.errors import Misconfigured
from providers.http import Reader
from providers.sync import Mirror, Pace, mirrored
from tests.models import Thing

SIZE = 10
BRISK = Pace(pause=0.01, save_every=0.0, batch=SIZE, lease=30, database_pause=0.2, database_tries=60, tries=3)


def patience() -> Pace:
    """Of a process that a test starts: its lease may be short."""
    return replace(BRISK, lease=float(os.environ.get("MIRROR_LEASE", "30")))


@dataclass(frozen=True)
class ThingRecord:
    external_id: str
    name: str
    price: Decimal | None
    starts_at: dt.datetime | None
    is_paid: bool
    tags: Sequence[str]
    raw: bytes = b""


THINGS = Mirror(
    kind="vouchers",
    collection="things",
    model=Thing,
    columns=("name", "price", "starts_at", "is_paid", "tags"),
    values=lambda record: (record.name, record.price, record.starts_at, record.is_paid, record.tags),
)
mirrored(THINGS)


def thing(n: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": f"id-{n:05d}",
        "name": f"thing {n} \\ \t قطعة",
        "price": f"{n}.50",
        "starts_at": "2026-11-01T09:00:00Z",
    }
    return row | {"paid": n % 2 == 0, "tags": ["a", "b"], "state": "open", "served_at": "now"} | changes


def as_bytes(row: Any) -> bytes:
    return row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode()


def ids(page: Sequence[Any]) -> list[str] | None:
    """As a client reads them in one go. The pages that come over the wire have none."""
    found = [row["id"] for row in page if isinstance(row, dict) and isinstance(row.get("id"), str)]
    return found if len(found) == len(page) else None


def nobody_asks() -> None:
    raise AssertionError("nobody reads this shop over the wire")


def at_request(number: int, deed: Callable[[], object]) -> Callable[[int], object]:
    return lambda n: deed() if n == number else None


@dataclass
class Shop:
    rows: list[Any] = field(default_factory=list)  # newest first; bytes for a row that json would not write
    honours_since: bool = False
    says_total: bool = True
    total: int | None = None  # a lie
    before: Callable[[int], object] = lambda n: None  # told the number of the request, before it is served
    instead: dict[int, Callable[[], Page]] = field(default_factory=dict)  # request number -> what happens in its place
    always: Callable[[str, str], Page] | None = None  # whatever is asked, in place of the honest page
    kill: Callable[[], object] = nobody_asks  # whoever asked last, while it is served
    asked: int = 0
    starts: list[tuple[str, str]] = field(default_factory=list)

    def page(self, at: str, since: str = "") -> Page:
        self.asked += 1
        self.starts.append((at, since))
        self.before(self.asked)
        if self.asked in self.instead:
            return self.instead.pop(self.asked)()
        return (self.always or self.honest)(at, since)

    def honest(self, at: str, since: str = "") -> Page:
        rows = self.rows
        if since and self.honours_since:
            rows = [row for row in rows if isinstance(row, dict) and row.get("created", "2000") >= since]
        skip = int(at or 0)
        page = rows[skip : skip + SIZE]
        total = (self.total if self.total is not None else len(rows)) if self.says_total else None
        return Page(
            [as_bytes(row) for row in page],
            total,
            str(skip + SIZE) if skip + SIZE < len(rows) else "",
            lambda: ids(page),
        )


@dataclass
class Source:
    """What a client does with bytes; the pages come from the shop itself or over the wire."""

    fetch: Callable[[str, str], Page]
    since: str = ""
    volatile: frozenset[str] = frozenset({"served_at"})

    def collections(self) -> Sequence[Collection]:
        words = {"state": frozenset({"open", "done"})}
        return [Collection("things", SIZE, self.volatile, words, self.since)]

    def page(self, collection: str, at: str, since: str = "") -> Page:
        return self.fetch(at, since)

    def id_of(self, collection: str, row: bytes) -> str:
        found = msgspec.json.decode(row)
        if not isinstance(found, dict) or not isinstance(found.get("id"), str):
            raise ValueError("it has no id")  # noqa: TRY004 - one kind of error, as promised
        return str(found["id"])

    def decode(self, collection: str, row: bytes) -> ThingRecord:
        return decoded(row)


def decoded(row: bytes) -> ThingRecord:
    found = msgspec.json.decode(row)
    if not isinstance(found.get("name"), str):
        raise ValueError("its name is not text")  # noqa: TRY004 - one kind of error, as promised
    price = Decimal(found["price"]) if found.get("price") is not None else None
    starts = dt.datetime.fromisoformat(found["starts_at"]) if found.get("starts_at") else None
    return ThingRecord(found["id"], found["name"], price, starts, bool(found["paid"]), found["tags"], row)


def mirror_now(live: bool = True) -> dict[str, Any]:
    """What our table says, by id."""
    rows = Thing.objects.filter(gone_at__isnull=True) if live else Thing.objects.all()
    return {row.external_id: row.payload for row in rows}


def theirs(shop: Shop) -> dict[str, Any]:
    return {row["id"]: row for row in shop.rows if isinstance(row, dict)}


# Over the wire ----------------------------------------------------------------------------------------------------------


@contextmanager
def served(shop: Shop) -> Iterator[str]:
    """The shop on a socket that stays open between two requests. `?pid=` lets a test kill whoever asks."""

    pids: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            pids.append(int(query.get("pid", 0)))
            try:
                page = shop.page(query.get("at", ""), query.get("since", ""))
            except Raw as raw:
                self.wfile.write(raw.content)
                self.close_connection = True
                return
            body = b'{"total":%s,"next":%s,"items":[%s]}' % (
                json.dumps(page.reported).encode(),
                json.dumps(page.next).encode(),
                b",".join(page.rows),
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    shop.kill = lambda: os.kill(pids[-1], signal.SIGKILL)
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
    finally:
        server.shutdown()
        server.server_close()


class Raw(Exception):
    """Send these bytes instead of an answer, and hang up."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content = content


class Envelope(msgspec.Struct):
    total: int | None
    next: str
    items: list[msgspec.Raw]


def over_the_wire(url: str) -> tuple[Source, Callable[[], None], list[Any]]:
    """A source that reads through the one HTTP layer, how to close it, and the calls it made."""
    calls: list[Any] = []
    http = Reader(url, allow_loopback=True, journal=calls.append, total_seconds=5)

    def fetch(at: str, since: str) -> Page:
        query = urlencode({"at": at, "since": since, "pid": os.getpid()})
        answer = http.read("GET", f"/things?{query}", headers={})
        if answer.status == 401:
            raise Misconfigured("login_refused", status=401)
        return page_of(answer.body)

    return Source(fetch), http.close, calls


def page_of(body: bytes) -> Page:
    from providers.errors import BrokenContract

    try:
        found = msgspec.json.decode(body, type=Envelope)
    except msgspec.DecodeError:
        raise BrokenContract("not_json") from None
    return Page([bytes(item) for item in found.items], found.total, found.next)


def counts(run: Any) -> Mapping[str, Any]:
    return {name: getattr(run, name) for name in ("status", "read", "changed", "gone", "quarantined")}
