"""Everything a sandbox knows and remembers: shelves, the ledger of effects, the history of requests."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable

import msgspec

from providers.sandbox.journal import Journal, Line, StateUnusable
from providers.sandbox.shelf import Draft, Effect, Key, Record, Shelf


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One request as the history shows it: nothing of its body but a hash, and of a login not even that."""

    sequence: int
    at: str
    provider: str
    endpoint: str
    method: str
    path: str
    code: str  # of several the first
    body_sha256: str
    codes: list[str] = []
    fault: str = ""
    fault_id: int = 0  # as scripted; 0 for one of the seed mode


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """The circumstances of an effect."""

    provider: str
    endpoint: str
    request: int
    body_sha256: str
    fault: str


class Books:
    """Locked throughout: what one thread has committed, every other one sees, and effects are numbered in their order."""

    def __init__(self, journal: Journal) -> None:
        self.lock = threading.RLock()
        self._journal = journal
        self.clear()

    def clear(self) -> None:
        self._shelves: dict[str, Shelf] = {}
        self._effects: list[Effect] = []
        self._requests: list[Seen] = []
        self._sequence = 0

    def shelf(self, provider: str) -> Shelf:
        return self._shelves.setdefault(provider, Shelf())

    def stock(self, provider: str, draft: Draft) -> None:
        """Fixtures: known from the beginning of time, and made anew at every start instead of remembered."""
        for key, record in draft.changes.items():
            self.shelf(provider).put(key, record, 0.0)

    def commit(self, draft: Draft, at: dt.datetime, cause: Cause) -> None:
        if not draft.changes and not draft.effects:
            return
        with self.lock:
            effects = [self._numbered(effect, at, cause, place) for place, effect in enumerate(draft.effects, start=1)]
            changes = [(kind, name, record) for (kind, name), record in draft.changes.items()]
            line: Line = {"type": "commit", "provider": cause.provider, "at": at.timestamp()}
            # Written before it is true: an answer must never tell of an effect that a restart would forget.
            self._journal.append(line | {"changes": changes, "effects": effects}, lasting=True)
            always = cause.endpoint == "control"
            self._apply(cause.provider, draft.changes.items(), effects, at.timestamp(), always=always)

    def _numbered(self, effect: Effect, at: dt.datetime, cause: Cause, place: int) -> Effect:
        sequence = (self._effects[-1].sequence if self._effects else 0) + place
        body = cause.body_sha256 if effect.actor == "api" else ""
        circumstances = msgspec.structs.asdict(cause) | {"body_sha256": body}
        return msgspec.structs.replace(effect, sequence=sequence, at=at.isoformat(), **circumstances)

    def _apply(
        self,
        provider: str,
        changes: Iterable[tuple[Key, Record]],
        effects: list[Effect],
        at: float,
        *,
        always: bool = True,
    ) -> None:
        for key, record in changes:
            self.shelf(provider).put(key, record, at, always=always)
        self._effects.extend(effects)

    def next_sequence(self) -> int:
        with self.lock:
            self._sequence += 1
            return self._sequence

    def arrived(self, seen: Seen) -> None:
        with self.lock:
            self._requests.append(seen)
            # Not fsynced: it survives our own death, and a history may lose its end to a power cut.
            self._journal.append({"type": "request", "seen": seen}, lasting=False)

    def effects(self, provider: str = "", since: int = 0) -> list[Effect]:
        with self.lock:
            return [one for one in self._effects if one.sequence > since and provider in ("", one.provider)]

    def requests(self, provider: str = "", since: int = 0) -> list[Seen]:
        with self.lock:
            found = [one for one in self._requests if one.sequence > since and provider in ("", one.provider)]
        return sorted(found, key=lambda one: one.sequence)

    def forget(self, scenario: str) -> None:
        self._journal.append({"type": "reset", "scenario": scenario}, lasting=True)

    def remembered_scenario(self, scenario: str) -> str:
        """The scenario of the last reset in the file, else the one given."""
        for line in self._journal.lines():
            if line["type"] == "reset":
                scenario = line["scenario"]
        return scenario

    def recall(self) -> None:
        """Live through the file again, from its last reset on, upon freshly stocked shelves."""
        lines = self._journal.lines()
        resets = [place for place, line in enumerate(lines) if line["type"] == "reset"]
        for line in lines[resets[-1] + 1 if resets else 0 :]:
            try:
                self._relive(line)
            except (KeyError, msgspec.ValidationError) as error:
                raise StateUnusable(f"the state file holds something else than a sandbox's state: {error}") from None

    def _relive(self, line: Line) -> None:
        if line["type"] == "request":
            self._requests.append(msgspec.convert(line["seen"], Seen))
            self._sequence = max(self._sequence, self._requests[-1].sequence)
            return
        changes = [((kind, name), record) for kind, name, record in line["changes"]]
        self._apply(line["provider"], changes, msgspec.convert(line["effects"], list[Effect]), line["at"])
