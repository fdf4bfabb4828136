"""Commands as a person types them at a terminal."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.browser.site import database_url

ROOT = Path(__file__).resolve().parents[1]


def typed(*words: str, stdin: str | None = None) -> str:
    """What it prints. Raises CommandError."""
    out = io.StringIO()
    typed_in = {} if stdin is None else {"stdin": io.StringIO(stdin)}
    call_command(*words, stdout=out, **typed_in)
    return out.getvalue()


def refused(*words: str, stdin: str | None = None) -> str:
    """The one line it ends with."""
    with pytest.raises(CommandError) as caught:
        typed(*words, stdin=stdin)
    line = str(caught.value)
    assert line.strip() and "\n" not in line
    assert caught.value.__cause__ is None and (caught.value.__suppress_context__ or caught.value.__context__ is None)
    return line


def in_a_process(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """For real: arguments as the system hands them over, both outputs and the exit code."""
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(
        command, input=stdin, env=surroundings(), capture_output=True, text=True, timeout=120, check=False
    )


def surroundings() -> dict[str, str]:
    """Of a process: this database, these settings, and every word that it logs."""
    ours = {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "DEBUG"}
    return dict(os.environ) | ours
