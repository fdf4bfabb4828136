"""What a twin knows: records that keep their past, and drafts that land whole or not at all."""

from __future__ import annotations

import bisect
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

import msgspec

Record = Mapping[str, Any]
Key = tuple[str, str]  # kind of record, its name


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a twin did that cannot be undone. The ledger fills in the numbers and the circumstances."""

    code: str
    amounts: dict[str, str]
    order_id: str
    user: str  # the account that asked; "portal" for a person there
    actor: Literal["api", "portal"] = "api"
    endpoint: str = "redeem"
    body_sha256: str = ""
    provider: str = ""
    sequence: int = 0
    at: str = ""
    request: int = 0  # sequence of the request that caused it
    fault: str = ""  # kind of the fault that request met


class Shelf:
    """Every version of every record, so that a read can be answered as of an earlier moment. Not locked: its owner is."""

    def __init__(self) -> None:
        self._versions: dict[Key, list[tuple[float, Record]]] = {}

    def find(self, key: Key, as_of: float | None = None) -> Record | None:
        versions = self._versions.get(key, [])
        count = len(versions) if as_of is None else bisect.bisect_right(versions, as_of, key=lambda version: version[0])
        return versions[count - 1][1] if count else None

    def put(self, key: Key, record: Record, at: float) -> None:
        versions = self._versions.setdefault(key, [])
        # A record's first version has always been there: a voucher added for a test is older than any stale read of it.
        versions.append((max(at, versions[-1][0]) if versions else 0.0, record))

    def of_kind(self, kind: str) -> Iterator[Record]:
        return (versions[-1][1] for key, versions in self._versions.items() if key[0] == kind)


class Draft:
    """Changes to one shelf that nobody sees until they are committed. Dropping it is a rehearsal without consequences."""

    def __init__(self, shelf: Shelf, as_of: float | None = None) -> None:
        self._shelf = shelf
        self._as_of = as_of
        self.changes: dict[Key, Record] = {}
        self.effects: list[Effect] = []

    def find(self, kind: str, name: str) -> Record | None:
        key = (kind, name)
        return self.changes.get(key) or self._shelf.find(key, self._as_of)

    def of_kind(self, kind: str) -> Iterator[Record]:
        return self._shelf.of_kind(kind)

    def put(self, kind: str, name: str, record: Record) -> None:
        self.changes[(kind, name)] = record

    def keep_only(self, codes: Collection[str]) -> None:
        """As if the provider had died in the middle: what became of these vouchers stays, and nothing else."""
        self.changes = {key: record for key, record in self.changes.items() if key[0] == "voucher" and key[1] in codes}
        self.effects = [effect for effect in self.effects if effect.code in codes]

    def happened(self, effect: Effect) -> None:
        self.effects.append(effect)

    def next_number(self, name: str, first: int) -> int:
        counter = self.find("counter", name)
        number = counter["value"] + 1 if counter else first
        self.put("counter", name, {"value": number})
        return int(number)

    def rule(self, name: str, default: str) -> str:
        return str((self.find("rules", "") or {}).get(name, default))
