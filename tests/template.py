"""A database that is migrated already, which every test database is a copy of: a copy takes a second, migrating ten."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from psycopg import sql

from tests.elsewhere import ROOT

PREFIX = "wasl_template_"
ONE_AT_A_TIME = 0x7761736C02


def migrated() -> str:
    """Its name. The first process makes it, the others wait for it; it stays for the next run, unless a migration changes."""
    name = PREFIX + _what_makes_it()
    place = settings.DATABASES["default"]
    who = {"user": place["USER"], "password": place["PASSWORD"], "host": place["HOST"], "port": place["PORT"] or None}
    with psycopg.connect(dbname="postgres", autocommit=True, **who) as link:
        link.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        there = {
            row[0] for row in link.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        }
        if name not in there:
            for other in there:
                link.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(other)))
            _make(link, name)
    return name


def _what_makes_it() -> str:
    """Our migrations and the versions of everybody else's. What is missing all the same is migrated in the copy."""
    files = [*ROOT.glob("*/migrations/*.py"), ROOT / "requirements-test.txt"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(files))).hexdigest()[:16]


def _make(link: psycopg.Connection, name: str) -> None:
    unfinished = f"{PREFIX}unfinished"
    link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
    url = urlsplit(os.environ["DATABASE_URL"])
    there = url._replace(path=f"{url.path.rpartition('/')[0]}/{unfinished}").geturl()
    env = os.environ | {"DATABASE_URL": there, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True)
    link.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name)))
