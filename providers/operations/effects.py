"""What the engine must know about a kind of write. Domains register theirs; the engine knows no domain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from providers.contracts import Receipt
from providers.models import Operation

SEVERAL = "several"  # of an unclear look: it is there, and more than once


class Verdict(StrEnum):
    """What one look at the provider says about an effect."""

    APPLIED = "applied"  # it is there
    CLEAR = "clear"  # it is not there, and it still could be made
    BLOCKED = "blocked"  # it is not there, and cannot be made; `code` says why
    PARTIAL = "partial"  # some of it is there
    LATER = "later"  # before sending: nothing can be told yet, and in a moment it may; nothing is sent meanwhile
    UNCLEAR = "unclear"  # the provider shows something that decides nothing; `code` says what


@dataclass(frozen=True, slots=True)
class Look:
    verdict: Verdict
    code: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)  # for the evidence: no secret, no ID number, codes masked
    applied: frozenset[str] = frozenset()  # resources proven used, for PARTIAL
    records: tuple[Any, ...] = ()  # for the mirror

    @property
    def shows_effect(self) -> bool:
        """Something of it is there, whoever did it. Of several that fit nobody can say which is ours, and one may be."""
        return self.verdict in (Verdict.APPLIED, Verdict.PARTIAL) or self.code == SEVERAL


class Effect(Protocol):
    kind: str
    setting: bool  # True: the provider's own rule makes it happen at most once; False: it accumulates, never re-sent
    keeps_claims: (
        bool  # True: what it has used stays claimed for ever; False: another may follow as soon as it has ended
    )

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


@runtime_checkable
class Comparing(Protocol):
    """An effect that only shows beside what was there before: a new row of theirs, a row that was changed."""

    def look_since(self, client: Any, request: Mapping[str, Any], operation: Operation) -> Look:
        """As `look`, of something that was sent. `before_of` has the facts of the look before sending."""


@runtime_checkable
class Repeating(Protocol):
    """A setting effect that is sent a second time in other words, such as without a second message to the customer."""

    def send_again(self, client: Any, request: Mapping[str, Any]) -> Receipt:
        """The write. Raises any provider error."""


@runtime_checkable
class Knowing(Protocol):
    """An effect whose answer is understood only by whoever knows what was there before."""

    def send_knowing(self, client: Any, request: Mapping[str, Any], before: dict[str, Any]) -> Receipt:
        """The write. `before`: the facts of the look before the first send. Raises any provider error."""


@runtime_checkable
class Naming(Protocol):
    """An effect that makes something of theirs: who says that it happened says which of what stands there it was."""

    def named_problem(self, operation: Operation, named: Collection[str] | None) -> str:
        """Why these ids of theirs cannot be ours; '' if they can. None: nobody has said which. Inside the transaction of the
        decision."""


_EFFECTS: dict[str, Effect] = {}


def register(effect: Effect) -> None:
    _EFFECTS[effect.kind] = effect


def effect_of(operation: Operation) -> Effect:
    return _EFFECTS[operation.kind]


def comparing_kinds() -> list[str]:
    return [kind for kind, effect in _EFFECTS.items() if isinstance(effect, Comparing)]


def before_of(operation: Operation) -> dict[str, Any]:
    """What the look before the last send saw. Empty where nothing was sent that we know of."""
    return dict(operation.snapshot.get("before", {}))


def look_at(client: Any, request: Mapping[str, Any], operation: Operation) -> Look:
    """The look at something that was sent."""
    effect = effect_of(operation)
    if isinstance(effect, Comparing):
        return effect.look_since(client, request, operation)
    return effect.look(client, request)


def send_with(client: Any, request: Mapping[str, Any], operation: Operation) -> Receipt:
    effect = effect_of(operation)
    if operation.sends > 1 and isinstance(effect, Repeating):
        return effect.send_again(client, request)
    if isinstance(effect, Knowing):
        return effect.send_knowing(client, request, before_of(operation))
    return effect.send(client, request)
