"""Who reads which record again. Domains register theirs; nothing here knows a domain, and no domain a provider."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from providers.models import Account

# A client, the account, their id of the record: what there is of it now, [] for nothing.
Reader = Callable[[Any, Account, str], Sequence[Any]]
# The same with a clue of theirs, for a record that their id alone does not lead to.
Seeker = Callable[[Any, Account, str, str], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a domain makes of the events of one kind of provider. `readers` by the kind of record; `store` writes what was
    read into its mirror, as of when it was asked for."""

    readers: Mapping[str, Reader]
    store: Callable[[Account, Sequence[Any], dt.datetime], None]
    seekers: Mapping[str, Seeker] = field(default_factory=dict)


_HEARD: dict[str, Heard] = {}


def heard(kind: str, how: Heard) -> None:
    """`kind`: ProviderSpec.kind of the accounts."""
    _HEARD[kind] = how


def how_to_hear(kind: str) -> Heard | None:
    return _HEARD.get(kind)
