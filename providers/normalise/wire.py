"""What several providers write alike."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

_MOST = Decimal("1e12")


def zone_named(name: str) -> dt.tzinfo:
    """Raises ValueError for a name that is no zone."""
    if name.upper() == "UTC":
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("A time zone of this account is none.") from None


def whole_number(value: Decimal | None) -> int | None:
    """Raises ValueError for a number that is not whole."""
    if value is None:
        return None
    if not value.is_finite() or abs(value) >= _MOST or value != value.to_integral_value():
        raise ValueError("a number that is not whole")
    return int(value)
