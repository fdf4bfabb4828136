"""Strictly parsed JSON as msgspec's shapes: what every provider's `payloads.py` stands on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class Loose(str):
    """A text that they may also send as a whole number: ids, phones, status words. null is ''."""

    __slots__ = ()


class Looser(Loose):
    """Or as a truth: "true" and "false"."""

    __slots__ = ()


def parsed(value: Any, kind: type[T]) -> T:
    """`strict_json`'s result as `kind`. Raises ValueError, which quotes no value."""
    try:
        return msgspec.convert(value, kind, dec_hook=_loose)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def _loose(kind: type, value: Any) -> Any:
    if not issubclass(kind, Loose):
        raise NotImplementedError(kind)
    if isinstance(value, str):
        return kind(value)
    if value is None:
        return kind()
    if isinstance(value, bool):
        if kind is Looser:
            return kind("true" if value else "false")
        raise TypeError("neither a text nor a whole number")
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if not isinstance(value, int):
        raise TypeError("neither a text nor a whole number")
    return kind(value)
