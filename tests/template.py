"""A database that is migrated already, which every test database is a copy of: a copy takes a second, migrating ten."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from psycopg import sql

from tests.elsewhere import ROOT

PREFIX = "wasl_template_"
ONE_AT_A_TIME = 0x7761736C02
SEQUENCES = "SELECT schemaname, sequencename FROM pg_sequences WHERE schemaname = 'public'"
FIRST = 1_234_567  # as in a clinic's third year: a number that a language would group


def migrated() -> str:
    """Its name. The first process makes it, the others wait for it; it stays for the next run, unless a migration changes."""
    name = PREFIX + _what_makes_it()
    with _connected("postgres") as link:
        link.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        there = {
            row[0] for row in link.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        }
        if name not in there:
            for other in there:
                link.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(other)))
            _make(link, name)
    return name


def _connected(database: str) -> psycopg.Connection:
    place = settings.DATABASES["default"]
    who = {"user": place["USER"], "password": place["PASSWORD"], "host": place["HOST"], "port": place["PORT"] or None}
    return psycopg.connect(dbname=database, autocommit=True, **who)


def _what_makes_it() -> str:
    """Our migrations and the versions of everybody else's. What is missing all the same is migrated in the copy."""
    files = [*ROOT.glob("*/migrations/*.py"), ROOT / "requirements-test.txt", Path(__file__)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()[:16]


def _make(link: psycopg.Connection, name: str) -> None:
    unfinished = f"{PREFIX}unfinished"
    link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
    url = urlsplit(os.environ["DATABASE_URL"])
    there = url._replace(path=f"{url.path.rpartition('/')[0]}/{unfinished}").geturl()
    env = os.environ | {"DATABASE_URL": there, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True)
    with _connected(unfinished) as inside:
        _number_high(inside)
    link.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name)))


def _number_high(link: psycopg.Connection) -> None:
    """No row has a number of one or two digits, which looks the same in every language and fits every column."""
    for schema, name in link.execute(SEQUENCES).fetchall():
        sequence = sql.Identifier(schema, name)
        link.execute(sql.SQL("ALTER SEQUENCE {} RESTART WITH {}").format(sequence, sql.Literal(FIRST)))
