"""Every text to translate in our code and templates: what GNU's xgettext would find, by Babel."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.extract import extract
from django.utils.translation.template import templatize

Keywords = dict[str, tuple[Any, ...] | None]
GETTEXT: Keywords = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
USUAL_ALIASES: Keywords = {"_": None, "_t": None}
TEMPLATES = {".html", ".txt"}
LEFT_OUT = {"migrations", "tests", "locale"}


class TwoPlurals(Exception):
    """One text is used with two plurals: gettext looks up by the singular and would mix them up."""


@dataclass(frozen=True, order=True)
class Text:
    """One text to translate. `plural` is '' where nothing is counted."""

    id: str
    context: str = ""
    plural: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.id, self.context

    @property
    def message_id(self) -> str | tuple[str, str]:
        return (self.id, self.plural) if self.plural else self.id


def collect(folders: Iterable[Path]) -> dict[tuple[str, str], Text]:
    """Every text below these folders, by what gettext looks it up by. Raises TwoPlurals."""
    found: dict[tuple[str, str], Text] = {}
    for path in sorted({path for folder in folders for path in source_files(folder)}):
        for text in texts_in(path):
            known = found.get(text.key)
            if known and known.plural and text.plural and known.plural != text.plural:
                raise TwoPlurals(f"{path}: {text.id!r} has another plural elsewhere: {known.plural!r}")
            if known is None or text.plural:
                found[text.key] = text
    return found


def source_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts[:-1]
        if path.suffix in {".py", *TEMPLATES} and not LEFT_OUT & set(inside) and path.is_file():
            yield path


def texts_in(path: Path) -> Iterator[Text]:
    source = path.read_text(encoding="utf-8")
    keywords = {**GETTEXT, **USUAL_ALIASES}
    if path.suffix in TEMPLATES:
        # The lines keep no indentation: what is left between the texts is not Python, but must pass for tokens of it.
        source = "\n".join(line.strip() for line in templatize(source, origin=str(path)).splitlines())
    else:
        keywords |= aliases(source)
    for _line, ids, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=keywords):
        one, many = (ids[0], ids[-1]) if isinstance(ids, tuple) else (ids, "")
        if one:
            yield Text(str(one), context or "", str(many))


def aliases(source: str) -> Keywords:
    """The names under which a module imports Django's functions."""
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    names = [name for node in imports if node.module == "django.utils.translation" for name in node.names]
    return {name.asname or name.name: GETTEXT[name.name] for name in names if name.name in GETTEXT}
