"""Nights over many clients of Altegio's twin, each with a card: what they ask, and that our rows end as theirs.

    PYTHONPATH=. .venv/bin/python -P -m config.embedded --tests -- .venv/bin/python benchmarks/altegio_night.py

It makes and drops a database of its own. The twin is a process of its own and counts no limit; neither do we, so that a night
takes as long as its work: `minutes` is what its requests take at the mirror's part of the budget. It ends with 1 where a night
is neither green nor amber for a backlog alone, where a row cannot be read, or where the mirror differs from what the twin shows
to somebody who reads it without our client.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
os.environ["DATABASE_URL"] = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases
from django.utils import timezone
from night_twin import connected, line, twin_of

from providers.budget import RESERVED, Rank
from providers.models import Account, SyncRun
from providers.registry import registered
from providers.specs import SPECS
from providers.sync import Pace, sync_collection
from tests.loyalty.nights import COLLECTIONS, differences

SLUG = "altegio"
A_MINUTE = SPECS[SLUG].per_minute * (1 - RESERVED[Rank.MIRROR])
COLUMNS = ("night", "asked", "collections", "by client", "minutes", "seconds", "CPU s", "rows", "changed", "status")
FIRST_CARD = 60_000_000
EARNED = 100  # one client of so many moves a card in a day


def main() -> None:
    options = arguments()
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False, aliases={"default"}, serialized_aliases=set())
    unlimited = replace(SPECS[SLUG], per_second=0, per_minute=0)
    try:
        with twin_of(SLUG) as (control, url), registered(unlimited):
            control.rules(SLUG, limits="off")
            control.act(SLUG, "generate", count=options.clients)
            account = connected(SLUG, url)
            print(line(COLUMNS), flush=True)
            now, number, last = timezone.now(), 0, ""
            while last != "green":
                number += 1
                last = night(f"first, {number}", account, now)
                now += dt.timedelta(hours=1)
            night("quiet", account, now)
            for place in range(0, options.clients, EARNED):
                control.act(SLUG, "earn", card=str(FIRST_CARD + place), amount="5.00")
            night("1 % moved", account, now + dt.timedelta(hours=1))
            if found := differences(account, url, dt.datetime.now(dt.UTC).date()):
                raise SystemExit(f"not equal: {', '.join(found)}")
    finally:
        connection.close()
        teardown_databases(databases, verbosity=0)
    print("The mirror is equal to the twin.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--clients", type=int, default=28_000, help="clients with a card, besides the six of the demo")
    return parser.parse_args()


def night(name: str, account: Account, now: dt.datetime) -> str:
    """As at night: what has a filter by time is read from the last night on."""
    began, used = time.perf_counter(), _cpu()
    runs: dict[str, SyncRun] = {}
    for place, collection in enumerate(COLLECTIONS):
        moment = now + dt.timedelta(minutes=5 * place)
        runs[collection] = sync_collection(account, collection, now=moment, pace=Pace())
    seconds, asked = time.perf_counter() - began, sum(run.requests for run in runs.values())
    reasons = {reason for run in runs.values() for reason in run.reasons} - {"filter_ignored"}
    status = "red" if reasons - {"backlog"} else "amber" if reasons else "green"
    by_client = runs["cards"].requests
    cells = [name, asked, asked - by_client, by_client, f"{asked / A_MINUTE:.0f}", f"{seconds:.0f}"]
    cells += [f"{_cpu() - used:.0f}", sum(run.read for run in runs.values())]
    print(line([*cells, sum(run.changed for run in runs.values()), status]), flush=True)
    if status == "red" or any(run.quarantined for run in runs.values()):
        raise SystemExit(f"{name}: {sorted(reasons)}")
    return status


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
