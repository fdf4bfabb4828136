"""Times, phones and amounts as Altegio writes them. Pure."""

from __future__ import annotations

import datetime as dt
import functools
import re
from decimal import ROUND_HALF_UP, Decimal

from providers.normalise import clean_text, latin_digits, to_e164, zone_named

CENT = Decimal("0.01")
_MOST = Decimal("1e12")
_NEVER = ("", "0000-00-00", "1970-01-01")  # how they write that there is no date
_ID = re.compile(r"[1-9][0-9]{0,17}")


def same_clock(name: str, place: dt.tzinfo) -> bool:
    """Do both show the same hour all the year round? One clock has several names. A name that is no zone decides nothing."""
    try:
        named = zone_named(name)
    except ValueError:
        return True
    days = [dt.datetime(2026, month, 15, 12, tzinfo=dt.UTC) for month in range(1, 13)]
    return all(day.astimezone(named).utcoffset() == day.astimezone(place).utcoffset() for day in days)


def moment(text: str, place: dt.tzinfo) -> dt.datetime:
    """A time of theirs in UTC. Without an offset it is the place's wall clock. With one it is that all the same: the offset
    was seen to forget summer time (fact sheet §1.6), while the clock beside it was right. Raises ValueError."""
    found = dt.datetime.fromisoformat(text.strip())
    if not text.strip().endswith(("Z", "z")):
        found = found.replace(tzinfo=place)
    try:
        return found.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("a time out of all bounds") from None


def moment_or_none(text: str, place: dt.tzinfo) -> dt.datetime | None:
    """For what nothing depends on: such a time hides nothing else."""
    try:
        return None if text.strip()[:10] in _NEVER else moment(text, place)
    except ValueError:
        return None


def wall(at: dt.datetime, place: dt.tzinfo) -> str:
    """A moment as their filters take it: the place's wall clock. Raises ValueError for one without a zone."""
    if at.tzinfo is None:
        raise ValueError("A moment has a zone.")
    return at.astimezone(place).strftime("%Y-%m-%dT%H:%M:%S")


@functools.lru_cache(maxsize=20_000)
def phone(raw: str) -> str:
    """E.164 where it can be read: they give it with a plus or without one, always with its country."""
    digits = re.sub(r"[^0-9]", "", latin_digits(raw)).removeprefix("00")
    return (to_e164(f"+{digits}", country="") if digits else "") or clean_text(raw)[:60]


def digits(phone: str) -> str:
    """A phone as they take it: digits with the country, no plus. Raises ValueError."""
    found = phone.removeprefix("+")
    if not re.fullmatch(r"[1-9][0-9]{8,14}", found):
        raise ValueError("This is not a phone in E.164.")
    return found


def amount(value: Decimal | None) -> Decimal | None:
    """Money and points to the cent: what is behind it is the noise of their floats. Raises ValueError for no amount."""
    if value is None:
        return None
    if not value.is_finite() or abs(value) >= _MOST:
        raise ValueError("an amount that is none")
    return value.quantize(CENT, ROUND_HALF_UP)


def sum_of(value: Decimal | None) -> Decimal:
    found = amount(value)
    if found is None:
        raise ValueError("an amount that is missing")
    return found


def identifier(given: str) -> str:
    """An id as we keep it and as it stands in a path: a whole number above zero. Raises ValueError."""
    if not _ID.fullmatch(given):
        raise ValueError("This is not an id of Altegio.")
    return str(given)


def id_or_nothing(given: str) -> str:
    """They write 0 for none."""
    return str(given) if _ID.fullmatch(given) else ""


def text(value: str, longest: int = 300) -> str:
    return clean_text(value)[:longest]


def truth(value: str) -> bool:
    """0 and 1 as numbers, as texts, and as true and false."""
    return value.casefold() in ("1", "true")
