"""What the last complete reading met, row by row, in the order in which they sent it.

Pages move from night to night, but what stands on them keeps its order. So a row whose bytes come where they came last time is
ours already: neither its id is read nor the database asked for it. What was written to the mirror since, by whomever, is no
longer vouched for (`touch`), and neither is what could not be read and waits in quarantine. Both tables are unlogged: a crash
of the database empties them together, and the next night compares row by row.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from providers.models import Account, SyncRun, SyncSeen, SyncTouched
from providers.sync.raw import cursor
from providers.sync.rows import folded
from providers.sync.runs import chunks_of, last_complete, packed, unpacked

WIDTH = 16  # bytes of a hash
STRANGE = -1  # no id folds to it
NAMELESS = bytes(WIDTH)  # stands for a row that has no id: no hash is so
NEAR = 512 * WIDTH  # how far rows are looked for around the place where they are expected
SEARCHES = frozenset({3, 30, 300, 3000})  # after so many strange rows in a row it is looked for everywhere
ENOUGH = 5_000  # strange rows, if they are most: their order is another one


class Remembered:
    """A reading goes along it once; `restart` it for another."""

    def __init__(self, ids: array[int], hashes: bytes) -> None:
        assert len(hashes) == WIDTH * len(ids)
        self._ids, self._hashes = ids, hashes
        self.restart()

    def restart(self) -> None:
        self._at = self._strange = self._in_a_row = self._familiar = 0

    def meet(self, hashes: Sequence[bytes]) -> list[int]:
        """Of each row of a page its folded id where its bytes are where they were; STRANGE for the others."""
        found: list[int] = []
        self._meet(hashes, found)
        return found

    def _meet(self, hashes: Sequence[bytes], found: list[int]) -> None:
        """By halves: what did not change is compared in one go, whatever changed beside it."""
        rows = b"".join(hashes)
        for at in {self._at, self._at + self._in_a_row}:  # what was strange took the place of as much, or was added
            if self._hashes.startswith(rows, at * WIDTH):
                self._at = at + len(hashes)
                self._found(len(hashes))
                found += self._ids[at : self._at].tolist()
                return
        if len(hashes) == 1:
            found.append(self._one(hashes[0]))
        elif hashes:
            middle = len(hashes) // 2
            self._meet(hashes[:middle], found)
            self._meet(hashes[middle:], found)

    def _one(self, hashed: bytes) -> int:
        if self._strange > ENOUGH and self._strange > self._familiar:
            return STRANGE
        at = self._where(hashed)
        if at is None:
            self._strange += 1
            self._in_a_row += 1
            return STRANGE
        self._at = at + 1
        self._found(1)
        return self._ids[at]

    def _found(self, count: int) -> None:
        self._familiar += count
        self._in_a_row = 0

    def _where(self, hashed: bytes) -> int | None:
        start = self._at * WIDTH
        at = self._between(hashed, start, start + NEAR)
        if at is None:
            at = self._between(hashed, max(0, start - NEAR), start + WIDTH)
        if at is None and self._in_a_row in SEARCHES:
            at = self._between(hashed, 0, len(self._hashes))
        return at

    def _between(self, hashed: bytes, start: int, end: int) -> int | None:
        while (at := self._hashes.find(hashed, start, end)) >= 0:
            if at % WIDTH == 0:
                return at // WIDTH
            start = at + 1  # across two hashes
        return None


def load(account: Account, collection: str) -> Remembered | None:
    """None where nothing was read whole yet, or a crash of the database took the memory of it."""
    run = last_complete(account, collection)
    if run is None:
        return None
    ids, hashes = array("Q"), []
    for some, theirs in chunks_of(run):
        ids.frombytes(some)
        hashes.append(theirs)
    known = b"".join(hashes)
    whole = len(ids) == run.distinct and len(known) == WIDTH * len(ids)
    return Remembered(ids, known) if ids and whole else None


def touch(account: Account, collection: str, external_ids: Sequence[str], run: SyncRun | None = None) -> None:
    """In the transaction that writes them: these are not as the last complete reading met them. `run`: the one that writes,
    if when it is complete it will have met them itself."""
    statement = "INSERT INTO providers_synctouched (account_id, collection, run_id, ids) VALUES (%s, %s, %s, %b)"
    with cursor() as asked:
        asked.execute(statement, [account.pk, collection, run.pk if run else None, packed(folded(external_ids))])


def touched(account: Account, collection: str) -> set[int]:
    rows = SyncTouched.objects.filter(account=account, collection=collection).values_list("ids", flat=True)
    return {one for ids in rows for one in unpacked(bytes(ids))}


def touches(account: Account, collection: str, *, kept: bool) -> list[int]:
    """Those that a run which begins now looks at, by their keys. Without a memory (`kept`) there is nothing to take back."""
    rows = SyncTouched.objects.filter(account=account, collection=collection)
    keys = list(rows.values_list("pk", flat=True))
    if not kept:
        rows.filter(pk__in=keys).delete()
    return keys


def forget(account: Account, collection: str) -> None:
    """The mirror is not what it was said to be: the next reading compares row by row."""
    SyncSeen.objects.filter(run__account=account, run__collection=collection).delete()
