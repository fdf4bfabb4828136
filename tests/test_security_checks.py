"""docs/security-checks.md names tests: each of them exists, and no check that was asked for is left out."""

from __future__ import annotations

import ast
import re

from tests.elsewhere import ROOT

PAGE = (ROOT / "docs/security-checks.md").read_text()
ROW = re.compile(r"^\| (S\d\d) .*$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ASKED = [1, 4, *range(7, 17), *range(18, 40), *range(41, 46)]


def test_every_check_has_a_row() -> None:
    assert sorted(match[1] for match in ROW.finditer(PAGE)) == [f"S{number:02}" for number in ASKED]


def test_every_row_has_a_test_or_says_that_there_is_no_surface() -> None:
    assert [row[0][:60] for row in ROW.finditer(PAGE) if not TEST.search(row[0]) and "no surface" not in row[0]] == []


def test_every_test_that_is_named_exists() -> None:
    there: dict[str, set[str]] = {}
    for file, name in TEST.findall(PAGE):
        if file not in there:
            tree = ast.parse((ROOT / file).read_text())
            there[file] = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in there[file], f"{file}::{name}"
