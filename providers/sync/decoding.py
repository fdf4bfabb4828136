"""From the bytes of what differs to rows that can be written; what cannot be read is set aside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from providers.contracts import Collection, MirrorSource
from providers.sync.bad import Bad
from providers.sync.rows import Shapes, content_hash, parsed
from providers.sync.tables import Mirror
from providers.sync.taking import Taken
from providers.sync.text import as_cells, cells_of_many
from providers.sync.write import SLICE, Known, Ready

Decoded = tuple[str, bytes, bytes, bytes, dt.datetime]  # a Ready without its cells


class Decoding:
    def __init__(self, mirror: Mirror, source: MirrorSource, collection: Collection, shapes: Shapes) -> None:
        self._mirror, self._source, self._collection, self._shapes = mirror, source, collection, shapes

    def ready(self, taken: Taken, ids: Sequence[str], different: Sequence[Known]) -> tuple[list[Ready], list[Ready]]:
        """What we do not have, and what we have otherwise."""
        new: list[Ready] = []
        other: list[Ready] = []
        for start in range(0, len(different), SLICE):
            for is_new, row in self._slice(taken, ids, different[start : start + SLICE]):
                (new if is_new else other).append(row)
        return new, other

    def _slice(self, taken: Taken, ids: Sequence[str], different: Sequence[Known]) -> Iterator[tuple[bool, Ready]]:
        found: list[tuple[bool, Decoded]] = []
        values: list[tuple[Any, ...]] = []
        forms: list[dict[str, Any]] = []
        for known in different:
            external_id = ids[known.n]
            hashed, row, seen_at = taken.batch[external_id]
            try:
                value = parsed(row)
                forms.append(value)
                content = self._content(known, value)
                if content is None:
                    continue
                values.append(self._mirror.values(self._source.decode(self._collection.name, row)))
            except ValueError as error:
                taken.bad.append(Bad(external_id, hashed, row, str(error), seen_at))
                continue
            found.append((known.content_hash is None, (external_id, hashed, content, row, seen_at)))
        self._shapes.meet(forms)
        for (is_new, decoded), cells in zip(found, self._cells(taken, found, values), strict=True):
            if cells is not None:
                yield is_new, Ready(*decoded, cells)

    def _content(self, known: Known, value: dict[str, Any]) -> bytes | None:
        """The hash of what it says; None where it says what it said before. A new row waits for its first difference, where
        no key is known to change without meaning: most rows never differ again."""
        volatile = self._collection.volatile
        if known.content_hash is None and not volatile:
            return b""
        content = content_hash(value, volatile)
        before = known.content_hash
        if known.payload is not None:
            before = content_hash(parsed(known.payload.encode()), volatile)
        return None if content == before and not known.is_gone else content

    def _cells(
        self, taken: Taken, found: Sequence[tuple[bool, Decoded]], values: Sequence[tuple[Any, ...]]
    ) -> Iterable[tuple[str | None, ...] | None]:
        try:
            yield from cells_of_many(self._mirror, values)
        except ValueError:  # one of them is of a kind that no column holds
            for (_is_new, row), each in zip(found, values, strict=True):
                try:
                    yield as_cells(self._mirror, each)
                except ValueError as error:
                    taken.bad.append(Bad.of(Ready(*row, ()), str(error)))
                    yield None
