"""No cell of a file that was taken away is a formula (S16)."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from branches.models import User
from branches.spreadsheets import in_csv, inert, plain
from tests.vouchers.ledger.files import body, parts, speak, taken
from tests.vouchers.ledger.rows import FORMULA, redeemed, renamed
from tests.web.world import World

PATH = "/vouchers/ledger/export/"
HOSTILE = [
    FORMULA,
    "+cmd|' /C calc'!A0",
    "-1+1",
    "@SUM(A1:A2)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\ufeff=1+1",
    "\u200e=1+1",
    "\u200d=1+1",
    "＝1+1",
    "a;=1+1",
    "a,=1+1",
    'a;"=1+1',
    "a; '@x",
    "\u202e=1+1",
]


@pytest.fixture
def manager(world: World) -> Client:
    User.objects.update(language="en")
    return world.client("manager")


def every_cell(found: Any) -> list[Any]:
    return [cell for sheet in found.worksheets for row in sheet.iter_rows() for cell in row]


def test_no_cell_of_an_opened_sheet_is_a_formula(world: World, manager: Client) -> None:
    for name in HOSTILE:
        renamed(redeemed(world.ours), name)
    User.objects.filter(pk=world.ours.clerk.pk).update(first_name="=1+1", last_name="")
    raw = body(taken(manager, "xlsx"))
    found = load_workbook(io.BytesIO(raw))
    cells = every_cell(found)
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    names = {str(cell.value) for cell in cells}
    assert {plain(name) for name in HOSTILE} <= names, "each is there, as the text that it is"
    assert not any(re.search(rb"<f[ >]|<hyperlink|externalLink", part) for part in parts(raw))
    dangerous = [cell for cell in cells if str(cell.value).startswith("=")]
    assert dangerous and all(cell.quotePrefix for cell in dangerous), "and stay texts when somebody edits them"


@pytest.mark.parametrize("language", ["ar", "fr", "en"])
def test_no_cell_of_a_csv_is_a_formula_wherever_excel_cuts_it(world: World, manager: Client, language: str) -> None:
    for name in HOSTILE:
        renamed(redeemed(world.ours), name)
    speak(language)
    text = body(taken(manager)).decode("utf-8-sig")
    for delimiter in ",;\t":
        for line in text.splitlines():
            for cell in line.replace('"', "").split(delimiter):
                assert not re.match(r"[\s']*$|[=@＝＋－＠]|[+-](?!\d+(\.\d+)?$)", cell.strip()) or not cell.strip(), (
                    cell
                )


@pytest.mark.parametrize("number", ["-12", "-12.50", "+966512345678", "0", "12.5"])
def test_numbers_and_phones_stay_what_they_are(number: str) -> None:
    assert inert(number) == number


@pytest.mark.parametrize("text", ["=1", "+1 2", "-", "@a", "+9665•••••123", "-1+1", "－1"])
def test_everything_else_that_begins_like_a_formula_is_told_to_be_text(text: str) -> None:
    assert inert(text) == f"'{text}"


def test_marks_that_hide_or_turn_are_gone_and_letters_stay() -> None:
    assert inert("\u202eسارة\u202c \u2067Fatima\u2069\u200f\x00\x1b") == "سارة Fatima"
    assert inert("محمد\u200cرضا") == "محمد\u200cرضا", "Persian joins its letters by that"
    assert inert("a\nb\tc") == "a b c"


def test_amounts_are_written_without_an_exponent() -> None:
    assert [in_csv(Decimal(text)) for text in ("1E+3", "-0.50", "9999999999.99")] == ["1000", "-0.50", "9999999999.99"]
