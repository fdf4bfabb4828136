"""What a twin knows: records that keep their past, and drafts that land whole or not at all."""

from __future__ import annotations

import bisect
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

import msgspec

Record = Mapping[str, Any]
Key = tuple[str, str]  # kind of record, its name
DIVISIBLE = ("voucher", "reservation")  # kinds of which one request may change several


Who = Literal["api", "portal"]


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a twin did that cannot be undone. The ledger fills in the numbers and the circumstances."""

    code: str
    amounts: dict[str, str]
    order_id: str
    user: str  # the account that asked; "portal" for a person there
    actor: Who = "api"
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

    def put(self, key: Key, record: Record, at: float, *, always: bool = True) -> None:
        """`always`: the first version has always been there. A voucher added for a test is older than any stale read of it,
        and a booking that a client made is not."""
        versions = self._versions.setdefault(key, [])
        first = 0.0 if always else at
        versions.append((max(at, versions[-1][0]) if versions else first, record))

    def names_of(self, kind: str) -> list[str]:
        return [name for of, name in self._versions if of == kind]


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
        """What is there, with what this draft changes and adds."""
        added = [name for of, name in self.changes if of == kind]
        found = (self.find(kind, name) for name in dict.fromkeys([*self._shelf.names_of(kind), *added]))
        return (record for record in found if record is not None)

    def put(self, kind: str, name: str, record: Record) -> None:
        self.changes[(kind, name)] = record

    def keep_only(self, codes: Collection[str]) -> None:
        """As if the provider had died in the middle: what became of these vouchers or bookings stays, and nothing else."""
        self.changes = {key: record for key, record in self.changes.items() if key[0] in DIVISIBLE and key[1] in codes}
        self.effects = [effect for effect in self.effects if effect.code in codes]

    @classmethod
    def copy_of(cls, draft: Draft) -> Draft:
        """For what may be refused in its middle: `take` it, or drop it."""
        copy = cls(draft._shelf, draft._as_of)
        copy.changes, copy.effects = dict(draft.changes), list(draft.effects)
        return copy

    def take(self, other: Draft) -> None:
        self.changes, self.effects = other.changes, other.effects

    def happened(self, effect: Effect) -> None:
        self.effects.append(effect)

    def next_number(self, name: str, first: int) -> int:
        counter = self.find("counter", name)
        number = counter["value"] + 1 if counter else first
        self.put("counter", name, {"value": number})
        return int(number)

    def rule(self, name: str, default: str) -> str:
        return str((self.find("rules", "") or {}).get(name, default))
