"""What the engine must know about a kind of write. Domains register theirs; the engine knows no domain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from providers.contracts import Receipt
from providers.models import Operation


class Verdict(StrEnum):
    """What one look at the provider says about an effect."""

    APPLIED = "applied"  # it is there
    CLEAR = "clear"  # it is not there, and it still could be made
    BLOCKED = "blocked"  # it is not there, and cannot be made; `code` says why
    PARTIAL = "partial"  # some of it is there
    UNCLEAR = "unclear"  # the provider shows something that decides nothing; `code` says what


@dataclass(frozen=True, slots=True)
class Look:
    verdict: Verdict
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)  # for the evidence: no secret, no ID number, codes masked
    applied: frozenset[str] = frozenset()  # resources proven used, for PARTIAL
    records: tuple[Any, ...] = ()  # for the mirror


class Effect(Protocol):
    kind: str
    setting: bool  # True: the provider's own rule makes it happen at most once; False: it accumulates, never re-sent

    def look(self, client: Any, request: Mapping[str, Any]) -> Look:
        """Read only. Raises Unavailable, BrokenContract or Misconfigured."""

    def attribute(self, client: Any, request: Mapping[str, Any], look: Look) -> Look:
        """The look at something that was sent, with what else the provider may tell of whose effect it is. Never raises a
        provider's error: this evidence is optional."""

    def send(self, client: Any, request: Mapping[str, Any]) -> Receipt:
        """The write. Raises any provider error."""

    def store(self, operation: Operation, records: tuple[Any, ...], now: dt.datetime) -> None:
        """Bring the mirror up to date with what was seen; inside the transaction that records the outcome."""

    def finished(self, operation: Operation, now: dt.datetime) -> None:
        """The operation reached a final state; inside the same transaction."""


_EFFECTS: dict[str, Effect] = {}


def register(effect: Effect) -> None:
    _EFFECTS[effect.kind] = effect


def effect_of(operation: Operation) -> Effect:
    return _EFFECTS[operation.kind]
