"""The fonts of our pages as a PDF needs them. Pages take three files a weight, one a script; here each weight becomes one file,
so that a line with an Arabic name, a reference and an amount is set in one font."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from threading import Lock

from django.conf import settings
from fontTools.merge import Merger
from fontTools.ttLib import TTFont

SCRIPTS = ("ibm-plex-sans-arabic-arabic", "ibm-plex-sans-latin", "ibm-plex-sans-latin-ext")
REGULAR, BOLD = 400, 600
_one_at_a_time = Lock()


def font_file(weight: int) -> Path:
    """Made once a process, with its first letter (0.9 s), and gone with the process."""
    with _one_at_a_time:
        return _made(weight)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="wasl-fonts-")


@cache
def _made(weight: int) -> Path:
    folder = Path(_folder().name)
    parts = [_unpacked(script, weight, folder) for script in SCRIPTS]
    whole = folder / f"plex-{weight}.ttf"
    Merger().merge([str(part) for part in parts]).save(whole)
    return whole


def _unpacked(script: str, weight: int, folder: Path) -> Path:
    font = TTFont(settings.HERE / "static" / "vendor" / f"{script}-{weight}-normal.woff2")
    font.flavor = None
    plain = folder / f"{script}-{weight}.ttf"
    font.save(plain)
    return plain


@cache
def letters_in_both() -> frozenset[str]:
    """Every character that both weights can show."""
    regular, bold = (set(TTFont(font_file(weight)).getBestCmap()) for weight in (REGULAR, BOLD))
    return frozenset(map(chr, regular & bold))
