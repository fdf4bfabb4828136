"""docs/authorization.yaml, read strictly: two-space indentation, scalars and one-line lists are all of YAML that it uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

DOCS = Path(__file__).parents[2] / "docs"
FILE, API_FILE = DOCS / "authorization.yaml", DOCS / "api-authorization.yaml"
_LINE = re.compile(r"(?P<indent> *)(?P<key>[^\s#][^#]*?):(?: +(?P<value>\[[^\]]*\]|[^#\[]*?))? *(#.*)?")


@dataclass(frozen=True)
class Address:
    """One entry of the URL configuration."""

    name: str
    route: str
    arguments: tuple[str, ...]


def addresses(patterns: Any = None, prefix: str = "", space: str = "") -> Iterator[Address]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from addresses(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{space}{pattern.name}", route, tuple(pattern.pattern.converters))


def read(file: Path = FILE) -> dict[str, Any]:
    """Nested mappings; a list's entries and all other values are text."""
    whole: dict[str, Any] = {}
    open_levels: list[dict[str, Any]] = [whole]
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        assert match, f"{file.name}:{number}: not a line that we read"
        level = len(match["indent"]) // 2
        assert len(match["indent"]) % 2 == 0 and level < len(open_levels), f"{file.name}:{number}: indentation"
        del open_levels[level + 1 :]
        here, key, value = open_levels[level], match["key"].strip("\"'"), match["value"]
        assert key not in here, f"{file.name}:{number}: {key} is there twice"
        here[key] = _value(value or "")
        if isinstance(here[key], dict):
            open_levels.append(here[key])
    return whole


def _value(text: str) -> Any:
    if not text:
        return {}
    if text.startswith("["):
        return [entry.strip().strip("\"'") for entry in text[1:-1].split(",")]
    return text.strip("\"'")
