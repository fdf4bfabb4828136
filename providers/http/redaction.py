"""What the call journal may keep of a body: its shape, the listed values, and nothing that names a person."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from providers.http.answer import strict_json

HIDDEN = "…"
LONGEST_TEXT = 200
LONGEST_BODY = 4000
_MOST_WALKED = 64 * 1024  # a mirror's page is not walked for the sake of its first lines
_SHORTEST_SECRET = 4
_MOST_ITEMS = 20
_LONG_DIGITS = re.compile(r"\d{7,}")  # phones and ID numbers; \d takes Arabic digits too
_LONG_TOKEN = re.compile(r"[A-Za-z0-9_\-+=.]{32,}")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z_0-9.\-]{0,39}")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+\-]{1,40}")


@dataclass(frozen=True, slots=True)
class Redaction:
    """`visible` keys keep their values, `masked` keys the last four characters, all other values go."""

    visible: Collection[str]
    masked: Collection[str]

    def body(self, body: bytes | None, media_type: str, secrets: Collection[str] = ()) -> str:
        """One body as the journal keeps it. `secrets` are blotted out of visible text that repeats them."""
        if not body:
            return ""
        try:
            shape = self._walk(strict_json(body if len(body) <= _MOST_WALKED else b""), "", secrets)
        except ValueError:
            kind = _MEDIA_TYPE.match(media_type.strip().lower())
            return f"{kind[0] if kind else 'unknown type'}, {len(body)} bytes"
        return json.dumps(shape, ensure_ascii=False)[:LONGEST_BODY]

    def secrets_in(self, body: bytes | None) -> list[str]:
        """Every text we sent that the journal hides: an answer may quote it in a sentence."""
        try:
            return [text for key, text in _texts(strict_json(body or b"null"), "") if key not in self.visible]
        except ValueError:
            return []

    def _walk(self, value: Any, key: str, secrets: Collection[str]) -> Any:
        if isinstance(value, dict):
            return {_safe_key(name): self._walk(inner, name, secrets) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._walk(inner, key, secrets) for inner in value[:_MOST_ITEMS]]
        if value is None or isinstance(value, bool):
            return value
        if key in self.masked:
            return HIDDEN + str(value)[-4:] if len(str(value)) > 4 else HIDDEN
        if key not in self.visible:
            return HIDDEN
        return str(value) if isinstance(value, Decimal) else redacted_text(value, secrets)


def redacted_text(value: Any, secrets: Iterable[str] = ()) -> Any:
    """A visible value: numbers as they are; text cut, without the secrets, long digits and tokens that it may quote."""
    if not isinstance(value, str):
        return value
    text = value[: LONGEST_TEXT * 5]  # cut last, lest a secret be cut in two and missed
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = re.sub(re.escape(secret), HIDDEN, text, flags=re.IGNORECASE)
    return _LONG_TOKEN.sub(HIDDEN, _LONG_DIGITS.sub(HIDDEN, text))[:LONGEST_TEXT]


def _safe_key(name: str) -> str:
    plain = _PLAIN_KEY.fullmatch(name) and not _LONG_DIGITS.search(name) and not _LONG_TOKEN.fullmatch(name)
    return name if plain else HIDDEN


def _texts(value: Any, key: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, key)
    elif isinstance(value, str):
        yield key, value
