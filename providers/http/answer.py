"""An answer as it came, and the only way we read JSON: strictly, because two readings of one answer cost money."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from providers.errors import BrokenContract

_DEEPEST = 32
_MOST_MAGNITUDE = 30  # a number that needs more digits is an attack on whoever prints it
_LONGEST_WAIT = 86_400


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered. Its status is judged by the client, not here. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    milliseconds: int

    def json(self) -> Any:
        """The body's value, numbers with a point as Decimal. Raises BrokenContract for all but strict UTF-8 JSON."""
        try:
            return strict_json(self.body)
        except ValueError:
            raise BrokenContract("not_json", f"HTTP {self.status} without readable JSON.", status=self.status) from None

    @property
    def retry_after(self) -> int | None:
        """Seconds they asked us to wait, however they wrote it; a day at most."""
        text = self.headers.get("retry-after", "").strip()
        seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else self._seconds_until(text)
        return None if seconds is None else max(0, min(seconds, _LONGEST_WAIT))

    def _seconds_until(self, moment: str) -> int | None:
        try:  # both by their clock, so that ours does not matter
            return int(
                (parsedate_to_datetime(moment) - parsedate_to_datetime(self.headers.get("date", ""))).total_seconds()
            )
        except (ValueError, TypeError):
            return None


def strict_json(body: bytes) -> Any:
    """Raises ValueError for anything that two readers could read differently or that we could not store."""
    try:
        value = _READER.decode(body.decode("utf-8"))
    except (RecursionError, ArithmeticError):
        raise ValueError("too deep, or a number out of all bounds") from None
    if _may_be_strange(body):
        _check(value, _DEEPEST)
    return value


def _may_be_strange(body: bytes) -> bool:
    """Half a surrogate pair can only be written as an escape, and what is too deep has as many brackets."""
    return b"\\ud" in body or b"\\uD" in body or body.count(b"[") + body.count(b"{") >= _DEEPEST


def _bounded_decimal(text: str) -> Decimal:
    if len(text) > 2 * _MOST_MAGNITUDE or abs(Decimal(text).adjusted()) > _MOST_MAGNITUDE:
        raise ValueError("a number out of all bounds")
    return Decimal(text)


def _bounded_int(text: str) -> int:
    if len(text) > _MOST_MAGNITUDE:
        raise ValueError("a number out of all bounds")
    return int(text)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _check(value: Any, levels: int) -> None:
    if levels == 0:
        raise ValueError("too deep")
    if isinstance(value, str):
        value.encode()  # half a surrogate pair is a ValueError here, and would be one in the database
    elif isinstance(value, dict):
        for key, inner in value.items():
            key.encode()
            _check(inner, levels - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, levels - 1)


_READER = json.JSONDecoder(
    parse_float=_bounded_decimal,
    parse_int=_bounded_int,
    parse_constant=_no_constant,
    object_pairs_hook=_distinct,
)
