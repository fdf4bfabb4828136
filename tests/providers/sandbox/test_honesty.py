"""A twin that shared code with the client would share its mistakes, and prove nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROVIDERS = Path(__file__).parents[3] / "providers"
SOURCES = sorted([*PROVIDERS.glob("sandbox/*.py"), *PROVIDERS.glob("*/sandbox*.py")])


def imported_by(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: f"{source.parent.name}/{source.name}")
def test_it_imports_nothing_of_the_product(source: Path) -> None:
    ours = ("providers.sandbox", f"providers.{source.parent.name}.sandbox")
    outside = {name for name in imported_by(source) if not name.startswith(ours)}
    assert {name.partition(".")[0] for name in outside} <= {*sys.stdlib_module_names, "msgspec"}


def test_it_runs_without_django() -> None:
    text = "import sys\nfrom providers.sandbox.box import Sandbox\nSandbox()\nassert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", text], check=True, cwd=PROVIDERS.parent)
