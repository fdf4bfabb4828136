"""What a scanner that believes in a US keyboard really typed while the till was left in Arabic or French.

A scanner sends key positions. These tables go back from the character that appeared to the US key that was pressed,
with its shift. Sources: the Arabic (101) and French layouts as Windows and XKB ship them; where the two differ (one
code point or two for lam-alef, the quotes) both characters are listed.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from providers.normalise.text import is_invisible

_ARABIC_ROWS = (
    ("ذ", "`"),
    ("ضصثقفغعهخحجد", "qwertyuiop[]"),
    ("شسيبلاتنمكط", "asdfghjkl;'"),
    ("ئءؤرىةوزظ", "zxcvnm,./"),
    ("\u0651", "~"),
    ("\u064e\u064b\u064f\u064cإ‘÷×؛", "QWERYUIOP"),
    ("\u0650\u064d][أ\u0640،/", "ASDFHJKL"),
    ("~\u0652}{آ’", "ZXCVNM"),
    ("`'", "UM"),  # XKB's quotes
)
# Lam-alef comes from one key, but also from two keys in a row: both readings are tried.
_LAM_ALEF = {"لا": ("b", "gh"), "لآ": ("B", "gN"), "لأ": ("G", "gH"), "لإ": ("T", "gY")}
_LAM_ALEF_SIGNS = {"ﻻ": "b", "ﻼ": "b", "ﻵ": "B", "ﻶ": "B", "ﻷ": "G", "ﻸ": "G", "ﻹ": "T", "ﻺ": "T"}
_LAM_ALEF_SPLIT = re.compile("(" + "|".join(_LAM_ALEF) + ")")
_MOST_READINGS = 64  # six lam-alefs; a code with more is not typed through an Arabic keyboard

# Digits without shift in France, with the keys where Belgium and the Macintosh differ (6 and 8).
_AZERTY_DIGITS = str.maketrans("&é\"'(-è_çà§!", "123456789068")
_AZERTY_LETTERS = str.maketrans("aqzwAQZWmM,?;.:/", "qawzQAWZ;:mM,<.>")

_ARABIC = str.maketrans({char: key for row, keys in _ARABIC_ROWS for char, key in zip(row, keys, strict=True)})
_ARABIC |= str.maketrans(_LAM_ALEF_SIGNS)
_ARABIC_OF_NORTH_AFRICA = _ARABIC | _AZERTY_DIGITS  # Arabic letters over a French digit row
_PROOF_OF_ARABIC = {chr(code) for code in _ARABIC if code > 127}  # brackets and quotes alone prove nothing


def arabic_readings(text: str) -> Iterator[str]:
    """The US keys behind text typed on an Arabic layout, best guess first. Such text has Arabic in it, and no Latin."""
    visible = "".join(char for char in text if not is_invisible(char))
    if _PROOF_OF_ARABIC.isdisjoint(visible) or any(char.isascii() and char.isalpha() for char in visible):
        return
    pieces = _LAM_ALEF_SPLIT.split(visible)
    choices = [_LAM_ALEF.get(piece, (piece,)) for piece in pieces]
    for keys in itertools.islice(itertools.product(*choices), _MOST_READINGS):
        for table in (_ARABIC, _ARABIC_OF_NORTH_AFRICA):
            yield "".join(_through(key, piece, table) for key, piece in zip(keys, pieces, strict=True))


def _through(key: str, piece: str, table: Mapping[int, str | int]) -> str:
    return key if piece in _LAM_ALEF else piece.translate(table)


def azerty_readings(text: str) -> Iterator[str]:
    """The US keys behind text typed on a French layout. A scanner there types no digit: text with one gives nothing."""
    visible = "".join(char for char in text if not is_invisible(char))
    if not any(char in "0123456789" for char in visible):
        yield visible.translate(_AZERTY_LETTERS | _AZERTY_DIGITS)
