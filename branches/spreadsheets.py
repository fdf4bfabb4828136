"""Files that a spreadsheet opens: amounts as numbers, and no text that becomes a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, Any

from django.utils.translation import get_language, get_language_bidi
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Cell = str | int | Decimal | dt.date | dt.datetime | None

# Letters join by these two in Persian and Urdu names; every other format character only hides or turns text.
JOINERS = "\u200c\u200d"
STARTS_A_FORMULA = "=+-@＝＋－＠"
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)  # and a phone in E.164
# Excel cuts a line where its own country cuts it, so a comma inside a text may begin a cell there, and so may a semicolon.
BEGINS_A_CELL = re.compile(rf"([,;][\"'\s]*)([{re.escape(STARTS_A_FORMULA)}])")
FORMATS: tuple[tuple[type, str], ...] = (
    (dt.datetime, "yyyy-mm-dd hh:mm:ss"),  # a datetime is a date, too: it comes first
    (dt.date, "yyyy-mm-dd"),
    (Decimal, "#,##0.00"),
)
BOLD = Font(bold=True)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`above` stands over the header: what nobody may overlook who opens the file."""

    title: str
    above: Sequence[str]
    header: Sequence[str]
    widths: Sequence[int]
    rows: Iterable[Sequence[Cell]]


def plain(text: str) -> str:
    """On one line, without what hides or turns text."""
    if text.isprintable():  # none of it is there; most of a file is so
        return text.strip()
    one_line = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text)
    seen = "".join(char for char in one_line if unicodedata.category(char) not in {"Cf", "Cs"} or char in JOINERS)
    return seen.strip(f" {JOINERS}")


def is_dangerous(text: str) -> bool:
    return text.startswith(tuple(STARTS_A_FORMULA)) and not NUMBER.fullmatch(text)


def inert(text: str) -> str:
    """As `plain`, and a spreadsheet takes no part of it for a formula: not the cell, nor what it may cut out of it."""
    seen = BEGINS_A_CELL.sub(r"\1'\2", plain(text))
    return f"'{seen}" if is_dangerous(seen) else seen


# CSV ------------------------------------------------------------------------------------------------------------------


def separator() -> str:
    """A semicolon where Excel expects one: in Arabic and French Windows the comma is taken. A first line `sep=;` would say so
    everywhere, but with it Excel no longer reads the UTF-8 mark, and Arabic becomes rubbish."""
    return "," if get_language() == "en" else ";"


def write_csv(file: IO[bytes], sheet: Sheet) -> None:
    """RFC 4180 (quotes, CRLF, as many fields on every line) behind a UTF-8 mark, without which Excel guesses the alphabet."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    lines = csv.writer(text, delimiter=separator(), lineterminator="\r\n")
    lines.writerows([inert(line), *[""] * (len(sheet.header) - 1)] for line in sheet.above)
    lines.writerow([inert(title) for title in sheet.header])
    lines.writerows([in_csv(cell) for cell in row] for row in sheet.rows)
    text.detach()


def in_csv(cell: Cell) -> str:
    """Numbers as machines read them, whatever the language: 1234.50."""
    if isinstance(cell, str):
        return inert(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", timespec="seconds")
    return f"{cell:f}" if isinstance(cell, Decimal) else "" if cell is None else str(cell)


# XLSX -----------------------------------------------------------------------------------------------------------------


def write_xlsx(file: IO[bytes], sheets: Sequence[Sheet]) -> None:
    """Row by row through a file on the disk: ten thousand rows take no more memory than ten."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.save(file)


def _write_sheet(book: Workbook, sheet: Sheet) -> None:
    page: Any = book.create_sheet(sheet.title)
    page.sheet_view.rightToLeft = get_language_bidi()
    page.freeze_panes = f"A{len(sheet.above) + 2}"
    for number, width in enumerate(sheet.widths, 1):
        page.column_dimensions[get_column_letter(number)].width = width
    for line in sheet.above:
        page.append([_in_xlsx(page, line, BOLD)])
    page.append([_in_xlsx(page, title, BOLD) for title in sheet.header])
    for row in sheet.rows:
        page.append([_in_xlsx(page, cell) for cell in row])


def _in_xlsx(page: Any, value: Cell, font: Font | None = None) -> Any:
    """A text is told to be one, and stays one when somebody edits the cell."""
    cell: Any = WriteOnlyCell(page, plain(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
        if is_dangerous(str(cell.value)):
            cell.quotePrefix = True
    else:
        cell.number_format = next((shown for kind, shown in FORMATS if isinstance(value, kind)), "General")
    if font:
        cell.font = font
    return cell
