"""How our twin of Altegio says yes and no: one envelope, bare where their documentation has none, and their odd numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Answer, in_html, in_json

Row = dict[str, Any]
JSON = {"Content-Type": "application/json; charset=UTF-8"}
_NUMBER = re.compile(r'"@([^"@]*)@"')
IDS = frozenset({"id", "visit_id", "card_id", "type_id", "item_id", "salon_group_id"})


def yes(content: object, draft: Draft, meta: Mapping[str, Any] | None = None, *, loyalty: bool = False) -> Answer:
    """`loyalty`: one of the methods that are documented without an envelope."""
    shown = _shown(content, draft)
    if loyalty and draft.rule("envelope", "on") == "bare":
        return encoded(200, shown)
    return encoded(200, {"success": True, "data": shown, "meta": meta or _nothing(draft)})


def no(status: int, message: str, draft: Draft, errors: Mapping[str, list[str]] | None = None) -> Answer:
    """Theirs for every refusal; under a 200 where the rule has it so."""
    meta: Any = {"message": message} if message else _nothing(draft)
    if errors:
        meta = {**meta, "errors": errors}
    shown = 200 if status in (400, 404, 422) and draft.rule("refusals", "status") == "under_200" else status
    return in_json(shown, {"success": False, "data": None, "meta": meta})


def invalid(field: str, text: str, draft: Draft) -> Answer:
    return no(422, "An error has occurred.", draft, {field: [text]})


def not_there(draft: Draft, message: str = "Not found") -> Answer:
    return no(404, message, draft)


def unauthorized(shape: str) -> Answer:
    if shape == "html":
        return in_html(401, "<html><body><h1>401 Unauthorized</h1></body></html>")
    if shape == "empty":
        return Answer(401, b"", {})
    return in_json(401, {"success": False, "data": None, "meta": {"message": "Authentication needed."}})


def too_many(draft: Draft) -> Answer:
    """Nobody has documented their 429: this is invented."""
    wait = {"Retry-After": "1"} if draft.rule("retry_after", "absent") == "present" else {}
    return in_json(429, {"success": False, "data": None, "meta": {"message": "Too many requests."}}, wait)


def _nothing(draft: Draft) -> Any:
    """PHP's empty array, or an object."""
    return [] if draft.rule("meta", "list") == "list" else {}


def _shown(value: Any, draft: Draft) -> Any:
    """Amounts are kept as Decimal; they leave as numbers, as texts, or with noise behind the cents."""
    how = draft.rule("numbers", "plain")
    if isinstance(value, Mapping):
        return {name: _named(name, _shown(inner, draft), how) for name, inner in value.items() if name[:1] != "_"}
    if isinstance(value, list | tuple):
        return [_shown(inner, draft) for inner in value]
    if not isinstance(value, Decimal):
        return value
    if how == "texts":
        return str(value)
    return f"@{_noisy(value)}@" if how == "noisy" else f"@{_plain(value)}@"


def _named(name: str, value: Any, how: str) -> Any:
    return str(value) if how == "texts" and name in IDS and isinstance(value, int) else value


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _noisy(value: Decimal) -> str:
    """As binary fractions come out when they are printed in full: 0.66000000000000003."""
    return _plain(value) if value == value.to_integral_value() else f"{value:.2f}000000000000003"


def in_figures(content: object, draft: Draft) -> bytes:
    """What it says without being asked."""
    return encoded(200, _shown(content, draft)).body


def encoded(status: int, content: object) -> Answer:
    text = json.dumps(content, separators=(",", ":"))
    return Answer(status, _NUMBER.sub(r"\1", text).encode(), JSON)
