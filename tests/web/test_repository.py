"""What is in the repository: no secret, no account that everybody knows, no statement made of strings."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.elsewhere import ROOT
from tests.web.test_production import OWN

OURS = ("config", "branches", "providers", "customers", "partners", "reservations", "vouchers", "desk")
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.|\b\d{1,6}\|[A-Za-z0-9]{40}\b|"
    r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abp]-[\w-]{10,}|\bsk_live_\w{16,}"
)
DOCUMENTED = "tests/providers/alreaaiaa/payloads/"  # answers as their public documentation prints them
FERNET = re.compile(r"[\"'=][A-Za-z0-9_-]{43}=[\"'\s]")
DEMO_KEY = "ZGVtby1vbmx5LW5vdC1hLXNlY3JldC1kZW1vLW9ubHk="


def files() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    return {str(path.relative_to(ROOT)): path.read_bytes().decode(errors="replace") for path in files()}


def test_no_secret_is_committed() -> None:
    found = {name: match[0][:12] for name, text in texts().items() for match in SECRETS.finditer(text)}
    assert {name for name in found if not name.startswith(DOCUMENTED)} == set()


def test_no_secret_was_ever_committed() -> None:
    """What was taken out again is still in the history."""
    command = ["git", "log", "--all", "-p", "--no-color", "--no-ext-diff", "-U0", "--", ".", f":!{DOCUMENTED}"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    added = "\n".join(line for line in ended.stdout.decode(errors="replace").splitlines() if line.startswith("+"))
    assert added, "the whole history, or at least its last commit"
    assert sorted({match[0][:12] for match in SECRETS.finditer(added)}) == []


def test_the_only_key_is_the_demos_and_production_refuses_it() -> None:
    keys = {match[0][1:-1] for name, text in texts().items() if name.endswith(".py") for match in FERNET.finditer(text)}
    assert keys == {DEMO_KEY}


def test_what_is_made_while_running_is_not_committed() -> None:
    strays = [name for name in texts() if re.search(r"secrets\.env|\.sqlite3$|\.dump$|\.pem$|(^|/)\.env|^var/", name)]
    assert strays == []


def test_no_statement_is_made_of_strings() -> None:
    made = re.compile(
        r"\.(raw|extra)\(|RawSQL|execute\(\s*f[\"']|execute\([^)]*%[^s]|(?<!help_text)\|safe\b|autoescape off"
    )
    ours = {name: text for name, text in texts().items() if name.startswith((*OURS, "templates"))}
    assert ours
    found = [name for name, text in ours.items() if "/migrations/" not in name and made.search(text)]
    assert found == []


def test_production_has_no_account_that_everybody_knows() -> None:
    env = os.environ | OWN | {"DATABASE_URL": "postgres://u:p@127.0.0.1:1/none"}
    program = [sys.executable, "-P", "manage.py", "demo"]
    ended = subprocess.run(program, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "There is no demo data in production." in ended.stderr
