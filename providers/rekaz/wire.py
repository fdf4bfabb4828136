"""Times, phones, amounts, addresses and markup as Rekaz writes them. Pure."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import unicodedata
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from providers.normalise import clean_text, latin_digits, plain_amount, to_e164

COUNTRY = "SA"
_SAUDI_MOBILE = re.compile(r"(?:(?:\+|00)?966|0)?(5[0-9]{8})")
_MOST = Decimal("1e12")
LONGEST_ID = 100
_LONGEST_ANSWER = 2000
_LONGEST_TEXT = 4000
_LONGEST_LINK = 2000
_BLOCKS = frozenset({"p", "div", "br", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "h5", "h6"})
_UNSHOWN = frozenset({"script", "style", "template", "noscript"})


def moment(text: str, meant: dt.tzinfo) -> dt.datetime:
    """A time of theirs in UTC. What they mean by Z is disputed (fact sheet §2): with any other `meant` than UTC it is a
    decoration, and the clock shows that zone's wall time. A real offset is always one. Raises ValueError."""
    found = dt.datetime.fromisoformat(text.strip())
    if found.tzinfo is None or (meant is not dt.UTC and not found.utcoffset()):
        found = found.replace(tzinfo=meant)
    try:
        return found.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("a time out of all bounds") from None


def moment_or_none(text: str, meant: dt.tzinfo) -> dt.datetime | None:
    """For what nothing depends on: such a time hides nothing else."""
    try:
        return moment(text, meant) if text else None
    except ValueError:
        return None


def made_at(text: str) -> dt.datetime | None:
    """A time of creation is true UTC even where the others are not, with a zone or without one."""
    return moment_or_none(text, dt.UTC)


@functools.lru_cache(maxsize=20_000)
def phone(raw: str) -> str:
    """E.164 where it can be read. Stored without a plus, in families of one number: most are the same few."""
    plain = _SAUDI_MOBILE.fullmatch(raw)
    return f"+966{plain[1]}" if plain else to_e164(raw, country=COUNTRY) or clean_text(raw)


def digits(raw: str) -> str:
    """How two phones are compared."""
    return re.sub(r"[^0-9]", "", latin_digits(phone(raw)))


def amount(value: Decimal | None) -> Decimal | None:
    """Raises ValueError for what is no amount of money."""
    if value is not None and (not value.is_finite() or abs(value) >= _MOST or value.as_tuple().exponent < -6):  # type: ignore[operator]  # a number, as it is finite
        raise ValueError("an amount that is none")
    return value


def text(value: str, longest: int = 300) -> str:
    return clean_text(value)[:longest]


def https_or_nothing(address: str) -> str:
    """An address that may become a link on a page of ours: https to a plain host, without credentials; else ''."""
    parts = _parts(address) if address else None  # most have none
    if not parts or parts[0] != "https":
        return ""
    return address.strip()


def payment_link(given: str, origin: str) -> str:
    """Where a customer pays. They answer a path (fact sheet §10), which belongs to the API's own origin: leading slashes
    and backslashes are collapsed first, so that no path becomes another host. Absolute ones pass when they are https."""
    link = given.strip()
    if not link or len(link) > _LONGEST_LINK or not link.isascii() or not link.isprintable() or " " in link:
        return ""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", link):
        same = link.startswith(f"{origin}/") and bool(_parts(link))
        return link if same else https_or_nothing(link)
    path = "/" + link.replace("\\", "/").lstrip("/")
    return origin + path if len(path) > 1 and ".." not in path.split("/") else ""


def _parts(address: str) -> tuple[str, str] | None:
    link = address.strip()
    if len(link) > _LONGEST_LINK or not link.isprintable() or " " in link or "\\" in link:
        return None
    try:
        found = urlsplit(link)
        host, _port = found.hostname or "", found.port
    except ValueError:
        return None
    return (found.scheme.lower(), host) if host and "@" not in found.netloc else None


def plain_text(markup: str) -> str:
    """A description without its HTML."""
    if "<" not in markup and "&" not in markup:
        return text(markup, _LONGEST_TEXT)
    reader = _Words()
    reader.feed(markup[: _LONGEST_TEXT * 4])
    reader.close()
    return text("".join(reader.words), _LONGEST_TEXT)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _UNSHOWN
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _UNSHOWN))
        self._break(tag)

    def _break(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)


@functools.lru_cache(maxsize=1_000)
def folded(word: str) -> str:
    """A word of theirs as it is compared: Check-In, CheckIn and CHECK_IN are one."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKC", word).casefold())


def identifier(given: str) -> str:
    """Opaque, and nothing without it. Raises ValueError."""
    if not given or len(given) > LONGEST_ID or not given.isprintable():
        raise ValueError("a row without an id")
    return str(given)


def answer(value: Any) -> str:
    """What somebody answered to a field of theirs, of whatever kind, as a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return plain_amount(value)
    if isinstance(value, str | int):
        return text(str(value), _LONGEST_ANSWER)
    return text(json.dumps(value, ensure_ascii=False, default=str), _LONGEST_ANSWER)
