"""Which request meets which fault: one by one as scripted, or at random from a single seed."""

from __future__ import annotations

import itertools
import random
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from providers.sandbox import faults, spoiled
from providers.sandbox.faults import Fault, Refuse, Share

AnyFault = (
    faults.Refuse
    | faults.DropBefore
    | faults.DropAfter
    | faults.HangBefore
    | faults.HangAfter
    | faults.Delay
    | faults.LateEffect
    | faults.Drip
    | faults.StaleRead
    | faults.Partial
    | faults.Human
    | faults.Status
    | spoiled.HtmlLogin
    | spoiled.Garbage
    | spoiled.Empty
    | spoiled.Truncated
    | spoiled.NullData
    | spoiled.WrongCode
    | spoiled.Unauthorized
    | spoiled.Redirect
    | spoiled.Huge
    | spoiled.GzipBomb
    | spoiled.DuplicateKeys
    | spoiled.Nan
    | spoiled.BadUtf8
    | spoiled.WrongTypes
    | spoiled.UnseenStatus
)
# Quick ones: a chaos run should spend its time on requests, not on waiting for hung connections.
QUICK_KINDS: tuple[str, ...] = (
    *("refuse", "drop_before", "drop_after", "late_effect", "delay", "status", "html_login", "garbage", "truncated"),
    *("empty", "null_data", "wrong_code", "duplicate_keys", "nan", "bad_utf8", "wrong_types", "unseen_status"),
)


class SeedMode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seed: int
    rate: Share
    kinds: Annotated[list[AnyFault], msgspec.Meta(min_length=1)]
    provider: str = ""
    endpoint: str = ""
    spare: list[str] = []  # endpoints that are left alone
    rates: dict[str, Share] = {}  # of endpoints that are to fare otherwise


@dataclass(slots=True)
class Scripted:
    number: int
    fault: Fault
    left: float  # infinite for "forever"
    matched: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    fault: Fault
    number: int  # 0: from the seed mode


def fits(rule: Fault | SeedMode, provider: str, endpoint: str) -> bool:
    return rule.provider in ("", provider) and rule.endpoint in ("", endpoint)


class Script:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._scripted: list[Scripted] = []
            self._mode: SeedMode | None = None
            self._attempts: Counter[tuple[str, str, str]] = Counter()

    def add(self, fault: Fault) -> int:
        with self._lock:
            number = next(self._numbers)
            left = float("inf") if fault.times == "forever" else float(fault.times)
            self._scripted.append(Scripted(number, fault, left))
            return number

    def set_mode(self, mode: SeedMode) -> None:
        with self._lock:
            self._mode = mode
            self._attempts.clear()

    @property
    def waiting(self) -> list[Scripted]:
        with self._lock:
            return [entry for entry in self._scripted if entry.left > 0]

    def draw_refusal(self, provider: str, endpoint: str) -> Drawn | None:
        """For a request of which only the headers are known."""
        with self._lock:
            return self._scripted_for(provider, endpoint, (), before_body=True)

    def draw(self, provider: str, endpoint: str, codes: Sequence[str]) -> Drawn | None:
        """A fault for one of the codes meets the whole request."""
        with self._lock:
            drawn = self._scripted_for(provider, endpoint, codes, before_body=False)
            return drawn or self._at_random(provider, endpoint, ",".join(codes))

    def _scripted_for(self, provider: str, endpoint: str, codes: Sequence[str], *, before_body: bool) -> Drawn | None:
        for entry in self._scripted:
            fault = entry.fault
            met = fits(fault, provider, endpoint) and fault.code in ("", *codes)
            if met and isinstance(fault, Refuse) == before_body and entry.left > 0 and self._chance(entry):
                entry.left -= 1
                return Drawn(fault, entry.number)
        return None

    def _chance(self, entry: Scripted) -> bool:
        entry.matched += 1
        fault = entry.fault
        if entry.matched <= fault.skip:
            return False
        return random.Random(f"{fault.seed}/{entry.matched}").random() < fault.probability

    def _at_random(self, provider: str, endpoint: str, code: str) -> Drawn | None:
        """Drawn from the seed and the request's own place among its like, so that threads racing change nothing."""
        mode = self._mode
        if mode is None or endpoint in mode.spare or not fits(mode, provider, endpoint):
            return None
        self._attempts[provider, endpoint, code] += 1
        attempt = self._attempts[provider, endpoint, code]
        chance = random.Random(f"{mode.seed}/{provider}/{endpoint}/{code}/{attempt}")
        rate = mode.rates.get(endpoint, mode.rate)
        return Drawn(chance.choice(mode.kinds), 0) if chance.random() < rate else None
