"""Which table mirrors which collection. Domains register theirs; the engine knows no domain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q

from providers.models import Account, MirrorRow


class Listing(NamedTuple):
    """What one subject had when we asked."""

    subject: str
    ids: Sequence[str]  # of all its rows, those among them that could not be read included
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whom a collection is asked about that is listed for one subject at a time. A domain knows who they are, and keeps when
    each was asked about: where a dead worker stopped, its subjects say."""

    wanted: Callable[[Account, dt.datetime], Sequence[str]]  # who is asked about in this run, the most urgent first
    listed: Callable[[Account, Sequence[Listing]], None]  # in the transaction of their rows, and perhaps twice
    put_off: Callable[[Account, str, dt.datetime], None]  # they cannot answer about this one: not first the next time
    ended: Callable[[Account, dt.datetime, dt.datetime], str]  # (began, now): what is still lacking, '' for nothing


@dataclass(frozen=True, slots=True, eq=False)  # itself and no other: its statements are kept by it
class Mirror:
    """One table, and how a record becomes its own columns (those of MirrorRow are the engine's)."""

    kind: str  # ProviderSpec.kind of the accounts that have it
    collection: str  # Collection.name
    model: type[MirrorRow]
    columns: Sequence[str]  # database columns, in the order of `values`
    values: Callable[[Any], tuple[Any, ...]]  # pure: a record to what COPY takes
    within: Callable[[dt.date, dt.date], Q] | None = None  # for Reading.DAYS: the rows of these days
    subjects: Subjects | None = None  # for Reading.EACH
    at_night: bool = True  # else they list it nowhere: its rows come on their own
    after: Sequence[str] = ()  # collections that are better read before it in a night


class NoMirror(LookupError):
    """No table of ours mirrors such a collection, or the provider has none of this name."""


_MIRRORS: dict[tuple[str, str], Mirror] = {}


def mirrored(mirror: Mirror) -> None:
    _MIRRORS[mirror.kind, mirror.collection] = mirror


def mirror_of(kind: str, collection: str) -> Mirror | None:
    return _MIRRORS.get((kind, collection))


def mirrors() -> list[Mirror]:
    return list(_MIRRORS.values())
