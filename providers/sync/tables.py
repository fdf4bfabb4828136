"""Which table mirrors which collection. Domains register theirs; the engine knows no domain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from providers.models import MirrorRow


@dataclass(frozen=True, slots=True, eq=False)  # itself and no other: its statements are kept by it
class Mirror:
    """One table, and how a record becomes its own columns (those of MirrorRow are the engine's)."""

    kind: str  # ProviderSpec.kind of the accounts that have it
    collection: str  # Collection.name
    model: type[MirrorRow]
    columns: Sequence[str]  # database columns, in the order of `values`
    values: Callable[[Any], tuple[Any, ...]]  # pure: a record to what COPY takes


_MIRRORS: dict[tuple[str, str], Mirror] = {}


def mirrored(mirror: Mirror) -> None:
    _MIRRORS[mirror.kind, mirror.collection] = mirror


def mirror_of(kind: str, collection: str) -> Mirror | None:
    return _MIRRORS.get((kind, collection))


def mirrors() -> list[Mirror]:
    return list(_MIRRORS.values())
