"""The examples of the reference: what an endpoint tells of itself, as a command that can be copied. The tests send each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import URLPattern, get_resolver

from branches.api.endpoint import Told

BASE = "https://wasl.example"


@dataclass(frozen=True, slots=True)
class Example:
    method: str
    path: str
    told: Told

    @property
    def is_read(self) -> bool:
        return self.method == "GET"

    @property
    def has_body(self) -> bool:
        return self.method == "POST"

    @property
    def address(self) -> str:
        query = "" if self.has_body else urlencode(self.told.example or {})
        return f"{self.path}?{query}" if query else self.path

    @property
    def body(self) -> str:
        return json.dumps(self.told.example, ensure_ascii=False) if self.has_body else ""

    def command(self) -> str:
        """With a key in $WASL_KEY."""
        verb = "-X DELETE " if self.method == "DELETE" else ""
        lines = [f'curl {verb}"{BASE}{self.address}" -H "Authorization: Bearer $WASL_KEY"']
        if self.told.is_effect:
            lines.append('-H "Idempotency-Key: $(uuidgen)"')
        if self.body:
            lines += ['-H "Content-Type: application/json"', f"-d '{self.body}'"]
        return " \\\n  ".join(lines)


def examples() -> Iterator[Example]:
    for pattern in _patterns():
        view = getattr(pattern.callback, "cls", None)
        for method, told in getattr(view, "told", {}).items():
            if told.example is not None:
                yield Example(method, f"/api/v1/{_braced(str(pattern.pattern))}", told)


def examples_of(path: str, method: str) -> str:
    found = (one for one in examples() if (one.path, one.method) == (path, method.upper()))
    return "".join(one.command() for one in found)


def _patterns() -> list[URLPattern]:
    api: Any = next(one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == "api")
    return list(api.url_patterns)


def _braced(route: str) -> str:
    """<int:reservation_id> as OpenAPI writes it."""
    parts = []
    for part in route.split("/"):
        parts.append("{" + part.strip("<>").rpartition(":")[2] + "}" if part.startswith("<") else part)
    return "/".join(parts)
