"""Text as people paste it and as providers store it, made safe to compare and to show."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

TATWEEL = "\u0640"
_HARAKAT = re.compile("[\u064b-\u065f]")
_LINE_ENDS = {"U+000A", "U+000D"}
_ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"
_PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
_TO_LATIN = str.maketrans(_ARABIC_DIGITS + _PERSIAN_DIGITS, "0123456789" * 2)
# What is left of the alef, ya, ta marbuta and kaf forms after NFKD has taken their hamza and madda off.
_FOLDED_LETTERS = str.maketrans({"ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ک": "ك", "ة": "ه", "ە": "ه", TATWEEL: ""})


@dataclass(frozen=True, slots=True)
class CleanedCredential:
    """A credential fit to send, and what had to go, so that the person who pasted it can be told."""

    value: str = field(repr=False)
    removed: tuple[str, ...]  # code points such as "U+0650", each once, in order of appearance


def latin_digits(text: str) -> str:
    """Arabic-Indic and Persian digits as 0 to 9; everything else untouched."""
    return text.translate(_TO_LATIN)


def is_harakah(char: str) -> bool:
    """One of the vowel marks U+064B to U+065F, which nobody sees beside a Latin letter."""
    return "\u064b" <= char <= "\u065f"


def is_invisible(char: str) -> bool:
    """A bidi control, zero-width, soft hyphen or other format character."""
    return unicodedata.category(char) == "Cf"


def clean_text(text: str, *, drop_tatweel: bool = False) -> str:
    """NFC on one line, without marks nobody sees: they reorder pages, break comparisons; PostgreSQL refuses some."""
    # Nearly every text of a mirror's first night is as it should be, and there are a million of them.
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if not drop_tatweel and text.isprintable() and not _HARAKAT.search(text) and unicodedata.is_normalized("NFC", text):
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", text)
    kept = (_spaced(char) for char in composed if not _is_hidden(char, drop_tatweel))
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def _is_hidden(char: str, drop_tatweel: bool) -> bool:
    tatweel = drop_tatweel and char == TATWEEL
    return tatweel or is_harakah(char) or unicodedata.category(char) in {"Cf", "Cs"}


def _spaced(char: str) -> str:
    return " " if unicodedata.category(char) == "Cc" else char


def clean_credential(text: str) -> CleanedCredential:
    """An e-mail or key as its owner meant it: NFKC, no combining or invisible marks, no space around it."""
    return _cleaned(unicodedata.normalize("NFKC", text), lambda char: unicodedata.category(char) in {"Mn", "Cf"})


def clean_password(text: str) -> CleanedCredential:
    """A password less what a paste or a file adds: invisible marks and space around it. Nothing else is touched."""
    return _cleaned(text, is_invisible, compose=False)


def clean_key(text: str) -> CleanedCredential:
    """A key in PEM: its lines end as they should, whatever pasted them; no invisible marks, no space around it."""
    cleaned = _cleaned(text, is_invisible, compose=False)
    lines = cleaned.value.replace("\r\n", "\n").replace("\r", "\n")
    return CleanedCredential(lines, tuple(mark for mark in cleaned.removed if mark not in _LINE_ENDS))


def _cleaned(text: str, unwanted: Callable[[str], bool], *, compose: bool = True) -> CleanedCredential:
    visible = "".join(char for char in text if not unwanted(char))
    if compose:
        visible = unicodedata.normalize("NFKC", visible)
    value = visible.strip()
    edges = visible[: len(visible) - len(visible.lstrip())] + visible[len(visible.rstrip()) :]
    gone = [char for char in text if unwanted(char)] + list(edges)
    return CleanedCredential(value, tuple(dict.fromkeys(f"U+{ord(char):04X}" for char in gone)))


def fold_name(text: str) -> str:
    """A name as search compares it: alef, ya and ta marbuta forms, diacritics, tatweel and case make no difference."""
    folded = _fold_once(text)
    while (again := _fold_once(folded)) != folded:  # a few scripts need a second round of case folding
        folded = again
    return folded


def _fold_once(text: str) -> str:
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(_spaced(char) for char in spread if unicodedata.category(char) not in {"Mn", "Cf", "Cs"})
    return " ".join(latin_digits(bare.translate(_FOLDED_LETTERS)).split())
