"""A voucher code as it was typed, scanned or pasted, read as the issuer writes it. Never guesses between two codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from providers.contracts import CodeFit, ProviderSpec
from providers.normalise.layouts import arabic_readings, azerty_readings
from providers.normalise.text import TATWEEL, is_harakah, is_invisible, latin_digits

LONGEST_TYPED = 200
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"


@dataclass(frozen=True, slots=True)
class CodeReading:
    """What we understood. `code` is '' unless it fits, so nothing that does not fit can be sent by mistake."""

    code: str = field(repr=False)
    typed: str = field(repr=False)
    spec_slug: str
    fit: CodeFit
    notes: tuple[str, ...]  # digits, marks, spaces, case, layout_arabic, layout_azerty


@dataclass(frozen=True, slots=True)
class _Guess:
    text: str
    notes: tuple[str, ...]


def read_code(typed: str, specs: Sequence[ProviderSpec]) -> CodeReading:
    """The code behind `typed`, for the first spec that it fits. Raises nothing: what cannot be read has fit NO.

    A keyboard left in another layout is undone only when that gives one code that is SURE, and typing gave none.
    """
    text = typed.strip()
    if len(typed) > LONGEST_TYPED or any(_is_forbidden(char) for char in text):
        return CodeReading("", typed, "", CodeFit.NO, ())
    plain = list(_as_typed(text))
    return (
        _first(plain, specs, CodeFit.SURE, typed)
        or _only(_remapped(arabic_readings(text), "layout_arabic"), specs, typed)
        or _only(_remapped(azerty_readings(unicodedata.normalize("NFC", text)), "layout_azerty"), specs, typed)
        or _first(plain, specs, CodeFit.POSSIBLE, typed)
        or CodeReading("", typed, "", CodeFit.NO, ())
    )


def plain_code(text: str, *, folds_case: bool) -> str:
    """A code as two spellings of it are compared: no marks, spaces or dashes, ASCII digits, one case if folded."""
    *_, last = _as_typed(text.strip())
    return _cased(last.text, folds_case)


def group_code(code: str, spec: ProviderSpec) -> tuple[str, ...]:
    """The code in the issuer's own groups for the screen, else in fours. Joined, the groups are the code again."""
    match = re.fullmatch(spec.code_groups, code) if spec.code_groups else None
    if match and "".join(match.groups("")) == code:
        return tuple(group for group in match.groups("") if group)
    return tuple(code[start : start + 4] for start in range(0, len(code), 4))


def mask_code(code: str) -> str:
    """The last four behind dots; of a code that is no longer than that, nothing."""
    return "••••" + (code[-4:] if len(code) > 4 else "")


def fit_of(code: str, spec: ProviderSpec) -> CodeFit:
    """How well a finished code fits. Outside `code_loose` nothing fits, whatever `code_pattern` says."""
    if not code.isascii() or not spec.code_loose or not re.fullmatch(spec.code_loose, code):
        return CodeFit.NO
    return CodeFit.SURE if spec.code_pattern and re.fullmatch(spec.code_pattern, code) else CodeFit.POSSIBLE


def _is_forbidden(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}


def _as_typed(text: str) -> Iterator[_Guess]:
    """The text with its marks and digits mended, then the same without spaces and dashes."""
    visible = "".join(char for char in text if not _is_mark(char))
    latin = latin_digits(visible)
    mended = unicodedata.normalize("NFKC", latin).strip()
    notes = _named({"digits": latin != visible, "marks": visible != text})
    yield _Guess(mended, notes)
    joined = "".join(char for char in mended if not char.isspace() and char not in _DASHES)
    yield _Guess(joined, notes + _named({"spaces": joined != mended}))


def _remapped(readings: Iterable[str], note: str) -> Iterator[_Guess]:
    for reading in readings:
        for guess in _as_typed(reading):
            yield _Guess(guess.text, (note, *guess.notes))


def _is_mark(char: str) -> bool:
    return char == TATWEEL or is_harakah(char) or is_invisible(char)


def _named(happened: dict[str, bool]) -> tuple[str, ...]:
    return tuple(name for name, true in happened.items() if true)


def _cased(text: str, folds_case: bool) -> str:
    # Outside ASCII, upper() invents letters ("ß" is "SS"): such text fits no code and must not begin to.
    return text.upper() if folds_case and text.isascii() else text


def _readings(guesses: Iterable[_Guess], specs: Sequence[ProviderSpec], typed: str) -> Iterator[CodeReading]:
    for guess in guesses:
        for spec in specs:
            code = _cased(guess.text, spec.code_folds_case)
            notes = guess.notes + _named({"case": code != guess.text})
            yield CodeReading(code, typed, spec.slug, fit_of(code, spec), notes)


def _first(guesses: Iterable[_Guess], specs: Sequence[ProviderSpec], fit: CodeFit, typed: str) -> CodeReading | None:
    return next((reading for reading in _readings(guesses, specs, typed) if reading.fit is fit), None)


def _only(guesses: Iterable[_Guess], specs: Sequence[ProviderSpec], typed: str) -> CodeReading | None:
    sure = [reading for reading in _readings(guesses, specs, typed) if reading.fit is CodeFit.SURE]
    return sure[0] if len({reading.code for reading in sure}) == 1 else None
