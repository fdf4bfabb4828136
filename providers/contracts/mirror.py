"""How a provider's collections are read whole, as bytes: the mirror engine decodes only what has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol


class Reading(Enum):
    """How a collection is read."""

    WHOLE = "whole"  # from its beginning to its end; a row that is not in it any more is gone
    DAYS = "days"  # day after day: what happened on them, and nobody lists all of it at once
    EACH = "each"  # they list it for one subject at a time, and nobody lists the subjects


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a collection. `rows` are the bytes of each row as they stood in the answer, or `msgspec.Raw`, which is a view
    of them: whoever keeps one, or hands it on, makes `bytes` of it."""

    rows: Sequence[bytes] = field(repr=False)
    reported: int | None  # how many rows they say the whole collection has; None where they do not say
    next: str  # where the next page begins, '' when this was the last
    # Of each row, where all can be read in one go; None where one has none. Asked for only where a row is not as it was.
    ids: Callable[[], Sequence[str] | None] = field(default=lambda: None, repr=False)
    of: str = ""  # whose rows they are, where a collection is asked for by the subject: the engine's to fill in


@dataclass(frozen=True, slots=True)
class Collection:
    """What the engine must know about one collection of a provider."""

    name: str  # "reservations"
    page_size: int
    volatile: frozenset[str] = frozenset()  # top-level keys that change without meaning anything
    enums: Mapping[str, frozenset[str]] = field(default_factory=dict)  # key -> the words we know, in lower case
    since: str = ""  # the server-side filter by time that this collection documents, '' for none
    reading: Reading = Reading.WHOLE


class MirrorSource(Protocol):
    """A client as the mirror engine sees it."""

    def collections(self) -> Sequence[Collection]: ...

    def page(self, collection: str, at: str, since: str = "") -> Page:
        """One page, beginning at `at` ('' is the beginning), of what is not older than `since` (ISO 8601, wall time of the
        wire) where the collection documents such a filter. Raises what a read may.

        Of a collection of DAYS `since` is an interval of days, both included ("2026-11-20/2026-11-26"). Of one that is asked
        for EACH subject by itself `at` is the subject, and there is one page of it."""

    def id_of(self, collection: str, row: bytes) -> str:
        """Their id of a row. Raises ValueError for a row that has none."""

    def decode(self, collection: str, row: bytes) -> Any:
        """The record of one row. Raises ValueError, with words fit for a page, for a row that cannot be read."""
