"""From the bytes of what differs to rows that can be written; what cannot be read is set aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from providers.contracts import Collection, MirrorSource
from providers.sync.bad import Bad
from providers.sync.rows import Shapes, content_hash, parsed, parsed_many
from providers.sync.tables import Mirror
from providers.sync.taking import Batched, Taken
from providers.sync.text import cells_of, cells_of_many
from providers.sync.write import SLICE, Known, Ready


class Decoding:
    def __init__(self, mirror: Mirror, source: MirrorSource, collection: Collection, shapes: Shapes) -> None:
        self._mirror, self._source, self._collection, self._shapes = mirror, source, collection, shapes

    def ready(self, taken: Taken, ids: Sequence[str], different: Sequence[Known]) -> tuple[list[Ready], list[Ready]]:
        """What we do not have, and what we have otherwise."""
        new: list[Ready] = []
        other: list[Ready] = []
        for start in range(0, len(different), SLICE):
            some = different[start : start + SLICE]
            for known, row in self._slice(taken, some, [ids[known.n] for known in some]):
                (new if known.content_hash is None else other).append(row)
        return new, other

    def _slice(self, taken: Taken, different: Sequence[Known], ids: Sequence[str]) -> list[tuple[Known, Ready]]:
        rows = [taken.batch[external_id] for external_id in ids]
        try:
            return self._together(different, ids, rows)
        except ValueError:  # one of them cannot be read
            return self._one_by_one(taken, different, ids, rows)

    def _together(
        self, different: Sequence[Known], ids: Sequence[str], rows: Sequence[Batched]
    ) -> list[tuple[Known, Ready]]:
        """Each step for all of them. Raises ValueError when one cannot be read, and then nothing is noted."""
        forms = parsed_many([row for _hashed, row, _seen_at in rows])
        contents = self._contents(different, forms)
        name, decode, values = self._collection.name, self._source.decode, self._mirror.values
        records = [
            decode(name, row) for (_, row, _), content in zip(rows, contents, strict=True) if content is not None
        ]
        cells = iter(cells_of_many(self._mirror, list(map(values, records))))
        found = [
            (known, Ready(external_id, hashed, content, row, seen_at, next(cells)))
            for known, external_id, (hashed, row, seen_at), content in zip(different, ids, rows, contents, strict=True)
            if content is not None
        ]
        self._shapes.meet(forms)
        return found

    def _one_by_one(
        self, taken: Taken, different: Sequence[Known], ids: Sequence[str], rows: Sequence[Batched]
    ) -> list[tuple[Known, Ready]]:
        found: list[tuple[Known, Ready]] = []
        forms: list[dict[str, Any]] = []
        for known, external_id, (hashed, row, seen_at) in zip(different, ids, rows, strict=True):
            try:
                forms.append(parsed(row))
                [content] = self._contents([known], forms[-1:])
                if content is None:
                    continue
                cells = cells_of(self._mirror, self._source.decode(self._collection.name, row))
            except ValueError as error:
                taken.bad.append(Bad(external_id, hashed, row, str(error), seen_at))
                continue
            found.append((known, Ready(external_id, hashed, content, row, seen_at, cells)))
        self._shapes.meet(forms)
        return found

    def _contents(self, different: Sequence[Known], forms: Sequence[dict[str, Any]]) -> list[bytes | None]:
        """The hash of what each says; None where it says what it said before. A new row waits for its first difference, where
        no key is known to change without meaning: most rows never differ again."""
        volatile = self._collection.volatile
        return [
            b"" if known.content_hash is None and not volatile else _content(known, value, volatile)
            for known, value in zip(different, forms, strict=True)
        ]


def _content(known: Known, value: dict[str, Any], volatile: frozenset[str]) -> bytes | None:
    content = content_hash(value, volatile)
    before = known.content_hash
    if known.payload is not None:
        before = content_hash(parsed(known.payload.encode()), volatile)
    return None if content == before and not known.is_gone else content
