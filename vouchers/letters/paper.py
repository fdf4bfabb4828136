"""A sheet of A4 in one language, from its start side to its end side. What others wrote is set as text, whatever is in it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from typing import Literal

from django.utils.translation import get_language_info
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

from providers.normalise import clean_text
from vouchers.letters.fonts import BOLD, REGULAR, font_file, letters_in_both

MARGIN = 20.0
LABELS = 58.0  # the column of the labels, in millimetres
LINE = 1.45  # of the size of the letters; Arabic needs room above and below
POINT = 25.4 / 72
LONGEST = 600
UNKNOWN = "\ufffd"
THIN_SPACE, HARD_SPACE = "\u202f", "\u00a0"
GREY, INK, RULE = 90, 0, 190


def foreign(text: str) -> str:
    """A name or a note as it can be printed: one line, nothing that turns the reading direction, no letter without a shape."""
    return settable(clean_text(text)[:LONGEST])


def settable(text: str) -> str:
    """What the font has no shape for becomes its plainer form, or one mark for all of it. fpdf2 would log the characters."""
    known = letters_in_both()
    shown = []
    for char in text.replace(THIN_SPACE, HARD_SPACE):
        plain = char if char in known else unicodedata.normalize("NFKC", char)
        if all(part in known for part in plain):
            shown.append(plain)
        elif shown[-1:] != [UNKNOWN]:
            shown.append(UNKNOWN)
    return "".join(shown)


def reads_from_the_right(text: str) -> bool:
    """By its first letter, as `dir=auto` has it."""
    strong = (kind for kind in map(unicodedata.bidirectional, text) if kind in ("L", "R", "AL"))
    return next(strong, "L") != "L"


class Paper(FPDF):
    def __init__(self, language: str, *, title: str, foot: str, stamp: str, now: dt.datetime) -> None:
        super().__init__(format="A4")
        self.rtl = bool(get_language_info(language)["bidi"])
        self.foot, self.stamp = foot, stamp
        self.add_font("plex", "", font_file(REGULAR))
        self.add_font("plex", "B", font_file(BOLD))
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=MARGIN)
        self.set_title(title)
        self.set_lang(language)
        self.set_creation_date(now)
        self.add_page()

    # Around every page ------------------------------------------------------------------------------------------------

    def header(self) -> None:
        if self.stamp:
            self._write(self.stamp, size=15, bold=True, align="C", border=1)
            self.ln(4)

    def footer(self) -> None:
        self.set_y(-MARGIN + 4)
        self._write(f"{self.foot} · {self.page_no()}", size=8.5, grey=True, ltr=True, align="C")

    # What a letter is made of -----------------------------------------------------------------------------------------

    def say(self, text: str, *, size: float = 10.5, bold: bool = False, grey: bool = False) -> None:
        """A paragraph of ours."""
        self._write(text, size=size, bold=bold, grey=grey)

    def quote(self, text: str) -> None:
        """A paragraph of somebody else's, in the direction of its own script."""
        self._write(text, ltr=not reads_from_the_right(text), align="R" if reads_from_the_right(text) else "L")

    def headline(self, text: str, size: float = 11.5) -> None:
        """Never the last line of a page."""
        if self.will_page_break(25):
            self.add_page()
        self.ln(3)
        self.say(text, size=size, bold=True)
        self.ln(0.5)

    def rule(self) -> None:
        self.ln(1.5)
        self.set_draw_color(RULE)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.set_draw_color(INK)
        self.ln(2)

    def fact(self, label: str, value: str, *, ltr: bool | None = None, bold: bool = False) -> None:
        """A line of a table. `ltr`: the direction of the value; that of its own script when it is not said."""
        ltr = not reads_from_the_right(value) if ltr is None else ltr
        rest = self.epw - LABELS
        height = max(self._height(label, LABELS), self._height(value, rest, bold=bold)) + 0.8
        if self.will_page_break(height):
            self.add_page()
        top = self.get_y()
        self._write(label, x=self._from_start(0, LABELS), width=LABELS, grey=True)
        self.set_y(top)
        self._write(value, x=self._from_start(LABELS, rest), width=rest, bold=bold, ltr=ltr)
        self.set_y(top + height)

    def signatures(self, *columns: Sequence[str]) -> None:
        """Side by side; the first line of each is whose it is, each other one has room to write beside it."""
        gap, row = 10.0, 8.5
        width = (self.epw - gap * (len(columns) - 1)) / len(columns)
        if self.will_page_break(row * max(map(len, columns)) + 4):
            self.add_page()
        self.ln(4)
        top = self.get_y()
        for n, (whose, *fields) in enumerate(columns):
            x = self._from_start(n * (width + gap), width)
            self.set_y(top)
            self._write(whose, x=x, width=width, bold=True)
            for place, field in enumerate(fields, 1):
                self.set_y(top + place * row)
                self._write(field, x=x, width=width, size=9.5, grey=True)
                self.set_draw_color(RULE)
                self.line(x, top + (place + 0.75) * row, x + width, top + (place + 0.75) * row)
                self.set_draw_color(INK)

    # Down to the last letter --------------------------------------------------------------------------------------------

    def _from_start(self, offset: float, width: float) -> float:
        return self.w - MARGIN - offset - width if self.rtl else MARGIN + offset

    def _height(self, text: str, width: float, *, bold: bool = False) -> float:
        self.set_font("plex", "B" if bold else "", 10.5)
        self.set_text_shaping(True)
        found = self.multi_cell(width, self._line(10.5), text, dry_run=True, output=MethodReturnValue.HEIGHT)
        return float(found)  # type: ignore[arg-type]  # what `output` makes of the answer, fpdf2 does not type

    def _line(self, size: float) -> float:
        return size * POINT * LINE

    def _write(
        self,
        text: str,
        *,
        x: float = MARGIN,
        width: float = 0,
        size: float = 10.5,
        bold: bool = False,
        grey: bool = False,
        ltr: bool | None = None,
        align: str = "",
        border: Literal[0, 1] = 0,
    ) -> None:
        self.set_font("plex", "B" if bold else "", size)
        self.set_text_color(GREY if grey else INK)
        leftwards = self.rtl if ltr is None else not ltr
        self.set_text_shaping(True, direction="rtl" if leftwards else "ltr")
        self.set_x(x)
        self.multi_cell(
            width or self.epw,
            self._line(size),
            text,
            align=align or ("R" if self.rtl else "L"),
            border=border,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )
