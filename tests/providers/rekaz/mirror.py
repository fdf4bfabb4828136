"""Rekaz's own client under the mirror engine: watched page by page, and compared with what the twin really has."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from providers.contracts import Collection, MirrorSource, Page
from providers.models import Account
from providers.registry import source_for
from providers.sync import mirror_of

COLLECTIONS = ("branches", "practitioners", "products", "customers", "reservations", "subscriptions", "attendances")
PATHS = {name: name for name in COLLECTIONS} | {"practitioners": "providers"}
SIZE = 100


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
