"""Rekaz's own client under the mirror engine: watched page by page, and compared with what the twin really has."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from providers.contracts import Collection, MirrorSource, Page
from providers.models import Account, SyncRun
from providers.registry import source_for
from providers.rekaz.source import OVERLAP
from providers.sandbox.running import RunningSandbox
from providers.sync import mirror_of, sync_collection
from tests.providers.sync.shop import BRISK

COLLECTIONS = ("branches", "practitioners", "products", "customers", "reservations", "subscriptions", "attendances")
PATHS = {name: name for name in COLLECTIONS} | {"practitioners": "providers"}
SIZE = 100
PACE = replace(BRISK, batch=100)
STEP = 100 - OVERLAP
MANY = 400  # generated reservations; five or six pages with the twin's own


@dataclass
class Watched:
    """The client, and somebody who is told of each page before it is asked for. `instead` takes the answer's place."""

    source: MirrorSource
    before: Callable[[int], object] = lambda n: None
    instead: dict[int, Callable[[Page], Page]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def collections(self) -> Sequence[Collection]:
        return self.source.collections()

    def page(self, collection: str, at: str, since: str = "") -> Page:
        self.asked.append((at, since))
        number = len(self.asked)
        self.before(number)
        page = self.source.page(collection, at, since)
        return self.instead.pop(number)(page) if number in self.instead else page

    def id_of(self, collection: str, row: bytes) -> str:
        return self.source.id_of(collection, row)

    def decode(self, collection: str, row: bytes) -> Any:
        return self.source.decode(collection, row)


@contextmanager
def watched(account: Account, before: Callable[[int], object] = lambda n: None) -> Iterator[Watched]:
    source, close = source_for(account, lambda call: None)
    try:
        yield Watched(source, before)
    finally:
        close()


def theirs(url: str, login: dict[str, str], collection: str) -> dict[str, Any]:
    """All rows by id, read without our client: page after page that do not overlap. An attendance has no id of its own."""
    place = urlsplit(url)
    token = base64.b64encode(f"{login['key']}:{login['secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "__tenant": login["tenant"], "User-Agent": "somebody else"}
    rows: list[Any] = []
    connection = HTTPConnection(place.hostname or "", place.port, timeout=20)
    try:
        while True:
            query = f"skipCount={len(rows)}&maxResultCount={SIZE}"
            connection.request("GET", f"{place.path}/{PATHS[collection]}?{query}", headers=headers)
            content = json.loads(connection.getresponse().read())
            found = content if isinstance(content, list) else content["items"]
            rows += found
            if len(found) < SIZE:
                return {str(row.get("id") or json.dumps(row, sort_keys=True)): row for row in rows}
    finally:
        connection.close()


def ours(account: Account, collection: str) -> dict[str, Any]:
    """What our table says of what is there now, in the same shape."""
    mirror = mirror_of("reservations", collection)
    assert mirror
    rows = mirror.model._default_manager.filter(account=account, gone_at__isnull=True)
    named = {row.external_id: row.payload for row in rows}
    if collection == "attendances":
        return {json.dumps(payload, sort_keys=True): payload for payload in named.values()}
    return named


class Read:
    """A run, each a day after the one before it."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.day = timezone.now() - dt.timedelta(days=300)
        self.asked: list[tuple[str, str]] = []  # by the last one

    def __call__(
        self,
        collection: str = "reservations",
        *,
        full: bool = False,
        now: dt.datetime | None = None,
        before: Callable[[int], object] = lambda n: None,
        instead: dict[int, Callable[[Page], Page]] | None = None,
    ) -> SyncRun:
        self.day += dt.timedelta(days=1)
        with watched(self.account, before) as source:
            source.instead = dict(instead or {})
            self.asked = source.asked
            return sync_collection(self.account, collection, now=now or self.day, source=source, pace=PACE, full=full)


def login(twin: RunningSandbox) -> dict[str, str]:
    return dict(twin.box.twins["rekaz"].login())


def there(twin: RunningSandbox, collection: str = "reservations") -> dict[str, Any]:
    return theirs(twin.base_url("rekaz"), login(twin), collection)


def generate(twin: RunningSandbox, count: int = MANY) -> None:
    twin.control.act("rekaz", "generate", count=count)


def assert_equal(account: Account, twin: RunningSandbox, collection: str = "reservations") -> None:
    assert ours(account, collection) == there(twin, collection)
