"""Nights over many reservations of Rekaz's twin, by the command of the site: what they cost, and that our rows end as theirs.

    PYTHONPATH=. .venv/bin/python -P -m config.embedded --tests -- .venv/bin/python benchmarks/rekaz_night.py [--rows 20000]

It makes and drops a database of its own. Each night is a process of its own, and so is the twin: CPU and RSS are those of one
`manage.py sync` from its start to its end, without PostgreSQL's. It ends with 1 where a night is not green, a row cannot be
read, or the mirror differs from what the twin shows to somebody who reads it without our client.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
os.environ["DATABASE_URL"] = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases
from night_twin import connected, line, twin_of

from providers.models import Account
from providers.sandbox.box import all_twins
from tests.providers.rekaz.mirror import ours, theirs

SLUG, COLLECTION = "rekaz", "reservations"
TWIN = all_twins()[SLUG]
COLUMNS = ("night", "rows", "written", "requests", "seconds", "CPU s", "RSS MB", "quarantined")


def main() -> None:
    options = arguments()
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False, aliases={"default"}, serialized_aliases=set())
    try:
        with twin_of(SLUG) as (control, url):
            control.act(SLUG, "generate", count=options.rows)
            account = connected(SLUG, url)
            print(line(COLUMNS), flush=True)
            for name in ("first", "unchanged", "1 % new"):
                if name == "1 % new":
                    control.act(SLUG, "insert", count=options.rows // 100)
                night(name)
                compare(name, account, url)
    finally:
        connection.close()
        teardown_databases(databases, verbosity=0)
    print("The mirror is equal to the twin after each of them.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000, help="reservations besides the eighty of the demo")
    return parser.parse_args()


def night(name: str) -> None:
    command = [sys.executable, "manage.py", "sync", SLUG, "--resource", COLLECTION, "--full", "--json"]
    env = os.environ | {"DATABASE_URL": dsn()}
    began = time.perf_counter()
    running = Popen(command, stdout=PIPE, stderr=DEVNULL, cwd=HERE.parent, env=env, text=True)
    assert running.stdout is not None
    said = running.stdout.read()
    _pid, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if running.returncode:
        raise SystemExit(f"{name}: it ended with {running.returncode} and said {said or 'nothing'}")
    run = json.loads(said)
    cells = [name, run["read"], run["changed"], run["requests"], f"{seconds:.1f}"]
    cells += [f"{used.ru_utime + used.ru_stime:.1f}", f"{used.ru_maxrss / 1024:.0f}", run["quarantined"]]
    print(line(cells), flush=True)
    if run["quarantined"]:
        raise SystemExit(f"{name}: rows that cannot be read")


def dsn() -> str:
    url = urlsplit(os.environ["DATABASE_URL"])
    folder = url.path.rpartition("/")[0]
    return url._replace(path=f"{folder}/{connection.settings_dict['NAME']}").geturl()


def compare(name: str, account: Account, url: str) -> None:
    """In a process of its own: what a parent has ever held counts as its children's RSS."""
    connection.close()
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as apart:
        if found := apart.submit(difference, account, url).result():
            raise SystemExit(f"{name}: {found}")


def difference(account: Account, url: str) -> str:
    kept, shown = ours(account, COLLECTION), theirs(url, dict(TWIN.login()), COLLECTION)
    if kept == shown:
        return ""
    other = sum(kept.get(key) != row for key, row in shown.items())
    return f"{other} of {len(shown)} differ or are missing, {len(kept.keys() - shown)} too many"


if __name__ == "__main__":
    main()
