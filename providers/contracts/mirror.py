"""How a provider's collections are read whole, as bytes: the mirror engine decodes only what has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection. `rows` are the bytes of each row as they stood in the answer, or `msgspec.Raw`, which is a view
    of them: whoever keeps one, or hands it on, makes `bytes` of it."""

    rows: Sequence[bytes] = field(repr=False)
    reported: int | None  # how many rows they say the whole collection has; None where they do not say
    next: str  # where the next page begins, '' when this was the last
    # Of each row, where all can be read in one go; None where one has none. Asked for only where a row is not as it was.
    ids: Callable[[], Sequence[str] | None] = field(default=lambda: None, repr=False)


@dataclass(frozen=True, slots=True)
class Collection:
    """What the engine must know about one collection of a provider."""

    name: str  # "reservations"
    page_size: int
    volatile: frozenset[str] = frozenset()  # top-level keys that change without meaning anything
    enums: Mapping[str, frozenset[str]] = field(default_factory=dict)  # key -> the words we know, in lower case
    since: str = ""  # the server-side filter by time that this collection documents, '' for none


class MirrorSource(Protocol):
    """A client as the mirror engine sees it."""

    def collections(self) -> Sequence[Collection]: ...

    def page(self, collection: str, at: str, since: str = "") -> Page:
        """One page, beginning at `at` ('' is the beginning), of what is not older than `since` (ISO 8601, wall time of the
        wire) where the collection documents such a filter. Raises what a read may."""

    def id_of(self, collection: str, row: bytes) -> str:
        """Their id of a row. Raises ValueError for a row that has none."""

    def decode(self, collection: str, row: bytes) -> Any:
        """The record of one row. Raises ValueError, with words fit for a page, for a row that cannot be read."""
