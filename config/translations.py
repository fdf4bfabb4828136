"""Our own makemessages and compilemessages, with Babel: GNU gettext is on no clinic's machine.

update    locale/<language>/LC_MESSAGES/django.po and .mo: new texts added, unused ones gone, translations kept
problems  what is missing or wrong, one line each
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from config.placeholders import placeholder_problem
from config.texts import Text

SOURCE = "en"  # the language of the code: an empty translation means the text itself
# As Django's own catalogues have them: its Arabic and ours must count alike. Babel's own Arabic differs.
PLURALS = {
    "ar": (
        6,
        "(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5)",
    ),
    "en": (2, "(n != 1)"),
    "fr": (2, "(n > 1)"),
}


class UnreadableCatalogue(Exception):
    """A .po file that is not one, or counts otherwise than we do."""


class PlainCatalog(Catalog):
    """A catalogue that says nothing of when and by whom: the same texts give the same file."""

    def __init__(self, language: str) -> None:
        super().__init__(locale=language, fuzzy=False, charset="utf-8")
        self.language = language

    @property
    def num_plurals(self) -> int:
        return PLURALS[self.language][0]

    @property
    def plural_expr(self) -> str:
        return PLURALS[self.language][1]

    @property
    def header_comment(self) -> str:
        return "# Written by `manage.py translations`: change the msgstr lines only."

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        plurals = f"nplurals={self.num_plurals}; plural={self.plural_expr};"
        return [
            ("Language", self.language),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", plurals),
        ]


# Writing --------------------------------------------------------------------------------------------------------------


def po_file(locale: Path, language: str) -> Path:
    return locale / language / "LC_MESSAGES" / "django.po"


def update(locale: Path, texts: Mapping[tuple[str, str], Text]) -> dict[str, int]:
    """Write both files of every language. Returns how many texts of each still want a translation."""
    wanting = {}
    for language in PLURALS:
        path = po_file(locale, language)
        old = read(path, language) if path.exists() else PlainCatalog(language)
        fresh = PlainCatalog(language)
        for text in sorted(texts.values()):
            fresh.add(text.message_id, _kept(old, text, language), context=text.context or None)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(in_po(fresh))
        path.with_suffix(".mo").write_bytes(in_mo(fresh))
        wanting[language] = sum(bool(_message_problem(message, language)) for message in fresh if message.id)
    return wanting


def _kept(old: Catalog, text: Text, language: str) -> str | tuple[str, ...]:
    known = old.get(text.message_id, text.context or None)
    same = known is not None and known.id == text.message_id and not known.fuzzy
    if known is not None and same and any(forms_of(known)):
        return forms_of(known) if text.plural else forms_of(known)[0]
    if not text.plural:
        return ""
    return (text.id, text.plural) if language == SOURCE else ("",) * PLURALS[language][0]


def read(path: Path, language: str) -> PlainCatalog:
    """Raises UnreadableCatalogue."""
    try:
        with path.open("rb") as file:
            found = read_po(file, locale=language, ignore_obsolete=True, abort_invalid=True)
    except (PoFileError, ValueError, OSError) as error:
        raise UnreadableCatalogue(f"{path.name} ({language}): {error}") from None
    if (found.num_plurals, found.plural_expr) != PLURALS[language]:
        raise UnreadableCatalogue(f"{path.name} ({language}): the Plural-Forms line is not ours")
    plain = PlainCatalog(language)
    for message in found:
        if message.id:
            plain.add(message.id, message.string, flags=message.flags, context=message.context)
    return plain


def in_po(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=0, no_location=True)
    return file.getvalue()


def in_mo(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


# Checking -------------------------------------------------------------------------------------------------------------


def problems(locale: Path, texts: Mapping[tuple[str, str], Text]) -> Iterator[str]:
    for language in PLURALS:
        path = po_file(locale, language)
        try:
            catalog = read(path, language)
        except UnreadableCatalogue as error:
            yield str(error)
            continue
        yield from (f"{language}: {problem}" for problem in _catalog_problems(catalog, texts, language))
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.read_bytes() != in_mo(catalog):
            yield f"{language}: django.mo is not what django.po compiles to"


def _catalog_problems(catalog: Catalog, texts: Mapping[tuple[str, str], Text], language: str) -> Iterator[str]:
    for text in sorted(texts.values()):
        message = catalog.get(text.message_id, text.context or None)
        if message is None or message.id != text.message_id:
            yield f"missing: {text.id!r}"
        elif problem := _message_problem(message, language):
            yield f"{problem}: {text.id!r}"
    for message in catalog:
        one = message.id[0] if message.pluralizable else message.id
        if one and (one, message.context or "") not in texts:
            yield f"used nowhere: {one!r}"


def _message_problem(message: Message, language: str) -> str:
    if message.fuzzy:
        return "fuzzy"
    forms = forms_of(message)
    if message.pluralizable and (len(forms) != PLURALS[language][0] or not all(forms)):
        return "a plural form is missing"
    if not any(forms):
        return "" if language == SOURCE else "not translated"
    return placeholder_problem(message, forms, language)


def forms_of(message: Message) -> tuple[str, ...]:
    """The translations of one text: one, or as many as it has plural forms."""
    return (message.string or "",) if isinstance(message.string, str | None) else tuple(message.string)
