"""What a run has taken and not saved yet: rows to compare, rows that are ours already, and rows that it cannot read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from itertools import repeat
from typing import Any, NamedTuple

from providers.contracts import MirrorSource, Page
from providers.sync.bad import Bad
from providers.sync.remembered import NAMELESS, STRANGE, Remembered
from providers.sync.rows import fold, folded

LONGEST_ID = 80
FEW = 4  # of a page are not more than one row in so many


Batched = tuple[bytes, bytes, dt.datetime]  # of a row its hash, its bytes, and when it was asked for


class Sure(NamedTuple):
    """Rows of one page whose bytes are ours already."""

    rows: Sequence[bytes]
    ids: Sequence[int]  # folded
    hashes: Sequence[bytes]
    seen_at: dt.datetime


class Taken:
    def __init__(self, source: MirrorSource, collection: str) -> None:
        self._source, self._collection = source, collection
        self.clear()

    def clear(self) -> None:
        self.batch: dict[str, Batched] = {}  # by their id
        self.bad: list[Bad] = []
        self.met: dict[int, bytes] = {}  # what was new in this round, by its folded id: its hash
        self.sure: list[Sure] = []
        self.repeated: set[str] = set()  # of the batch: what this round had met before

    def take(
        self,
        page: Page,
        hashes: Sequence[bytes],
        seen_at: dt.datetime,
        seen: AbstractSet[int],
        memory: Remembered | None,
    ) -> tuple[Sequence[int], int]:
        """`hashes`: of the page's rows; `seen`: what this round has met. Returns the folded ids, and how many of them stand for
        a row that has none."""
        known = memory.meet(hashes) if memory else []
        if found := self._mostly_known(page.rows, hashes, known, seen_at, seen):
            return found, 0
        ids = page.ids()
        if ids is not None and len(ids) == len(page.rows) and _all_usable(ids):
            return self._sort_out(ids, hashes, page.rows, seen_at, seen, known), 0
        return self._one_by_one(list(map(bytes, page.rows)), hashes, seen_at, seen)

    def _mostly_known(
        self,
        rows: Sequence[bytes],
        hashes: Sequence[bytes],
        known: Sequence[int],
        seen_at: dt.datetime,
        seen: AbstractSet[int],
    ) -> Sequence[int]:
        """A page with few strange rows, and none that this round met before: no other id is read. Else nothing is done."""
        others = known.count(STRANGE)
        if not known or others * FEW > len(known) or not seen.isdisjoint(known):
            return ()
        strange = [n for n, one in enumerate(known) if one == STRANGE] if others else []
        try:
            contents = [bytes(rows[n]) for n in strange]
            names = [_usable(self._source.id_of(self._collection, content)) for content in contents]
        except ValueError:
            return ()
        found = list(known)
        for n, name in zip(strange, names, strict=True):
            found[n] = fold(name)
        if strange and (len(set(found)) < len(found) or not seen.isdisjoint(found)):
            return ()
        for n, name, content in zip(strange, names, contents, strict=True):
            self.batch[name] = hashes[n], content, seen_at
        self._keep(Sure(rows, found, hashes, seen_at))  # to doubt what is in the batch changes nothing
        return found

    def _keep(self, sure: Sure) -> None:
        self.sure.append(sure)
        self.met.update(zip(sure.ids, sure.hashes, strict=True))

    def _sort_out(
        self,
        ids: Sequence[str],
        hashes: Sequence[bytes],
        rows: Sequence[bytes],
        seen_at: dt.datetime,
        seen: AbstractSet[int],
        known: Sequence[int],
    ) -> Sequence[int]:
        """A page with something that is new, or other, or met before. Of two of one id the later one stands, so what comes
        again is compared with the table, whatever is remembered of it."""
        folds = folded(ids)
        again, once_each = seen & set(folds), len(set(folds)) == len(folds)
        if known and once_each:
            ours = {
                n for n, (one, mine) in enumerate(zip(folds, known, strict=True)) if one == mine and one not in again
            }
            self._keep(Sure(_at(ours, rows), _at(ours, folds), _at(ours, hashes), seen_at))
            others = [n for n in range(len(ids)) if n not in ours]
            ids, hashes, rows = _at(others, ids), _at(others, hashes), _at(others, rows)
        self.batch.update(zip(ids, zip(hashes, map(bytes, rows), repeat(seen_at)), strict=True))
        if known or again or not once_each:
            for name, hashed in zip(ids, hashes, strict=True):
                self._meet(fold(name), name, hashed, seen)
        else:
            self.met.update(zip(folds, hashes, strict=True))
        return folds

    def _meet(self, one: int, name: str, hashed: bytes, seen: AbstractSet[int]) -> None:
        if one in seen:
            self.repeated.add(name)
        if one in self.met or one not in seen:
            self.met[one] = hashed

    def _one_by_one(
        self, rows: Sequence[bytes], hashes: Sequence[bytes], seen_at: dt.datetime, seen: AbstractSet[int]
    ) -> tuple[Sequence[int], int]:
        """A page of which not every row has an id, or whose client reads one at a time."""
        ids: list[int] = []
        nameless = 0
        for content, hashed in zip(rows, hashes, strict=True):
            try:
                external_id = _usable(self._source.id_of(self._collection, content))
            except ValueError as error:
                nameless += 1
                ids.append(fold(f"\0{hashed.hex()}"))
                self._meet(ids[-1], "", NAMELESS, seen)
                self.bad.append(Bad("", hashed, content, str(error), seen_at))
                continue
            ids.append(fold(external_id))
            self._meet(ids[-1], external_id, hashed, seen)
            self.batch[external_id] = hashed, content, seen_at
        return ids, nameless

    def doubt(self, doubted: AbstractSet[int]) -> None:
        """These are compared like any other after all."""
        for rows, ids, hashes, seen_at in self.sure:
            if doubted.isdisjoint(ids):
                continue
            for row, one, hashed in zip(rows, ids, hashes, strict=True):
                if one in doubted:
                    content = bytes(row)
                    self.batch.setdefault(self._source.id_of(self._collection, content), (hashed, content, seen_at))


def _at(places: Collection[int], column: Sequence[Any]) -> list[Any]:
    return [value for n, value in enumerate(column) if n in places]


def _all_usable(ids: Sequence[str]) -> bool:
    return all(ids) and max(map(len, ids), default=0) <= LONGEST_ID and "".join(ids).isprintable()


def _usable(external_id: str) -> str:
    if not external_id or len(external_id) > LONGEST_ID or not external_id.isprintable():
        raise ValueError("the row's id cannot be kept")
    return external_id
