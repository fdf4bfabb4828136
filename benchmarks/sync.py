"""Mirroring a collection: our engine against what else one could write or install, on one PostgreSQL, in one run.

    .venv/bin/python -P -m config.embedded --tests -- .venv/bin/python benchmarks/sync.py [--rows 20000] [--dlt PYTHON]

It makes and drops a database of its own. dlt is raced only where `--dlt` names the Python of an environment that has
dlt[postgres] and requests: it is no dependency of ours. Compare ratios of one run, not seconds of two machines; on a shared
machine CPU holds and wall does not.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
os.environ["DATABASE_URL"] = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
import psycopg

django.setup()

from django.db import connection
from django.test.utils import setup_databases, setup_test_environment, teardown_databases
from sync_table import Booking

TICK = os.sysconf("SC_CLK_TCK")
SCENES = ("full", "changed", "unchanged")


def main() -> None:
    options = arguments()
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False, aliases={"default"}, serialized_aliases=set())
    try:
        with connection.schema_editor() as editor:
            editor.create_model(Booking)
        with stub(options.rows, 0.0) as port:
            rounds: dict[str, list[dict[str, dict[str, float]]]] = {way: [] for way in ways(options)}
            for _round in range(options.rounds):
                for way, seen in rounds.items():
                    seen.append(race(way, port, options))
                    tell(way, seen[-1])
            found = {way: medians(seen) for way, seen in rounds.items()}
        if "engine" in found:
            goals(found, options)
        if options.pause:
            floor(options)
    finally:
        connection.close()
        teardown_databases(databases, verbosity=0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument(
        "--pause", type=float, default=0.05, help="seconds a page for the race against the floor; 0: none"
    )
    parser.add_argument("--slow", action="store_true", help="race update_or_create too: minutes")
    parser.add_argument("--only", default="", help="of the ways only these, with commas between them")
    parser.add_argument(
        "--rounds", type=int, default=1, help="the ways one after the other, so many times; medians count"
    )
    parser.add_argument("--dlt", default="", help="the Python of an environment with dlt[postgres]")
    return parser.parse_args()


def ways(options: argparse.Namespace) -> list[str]:
    slow = ["update_or_create"] if options.slow else []
    found = ["copy", "engine", "bulk_create", *slow, *(["dlt"] if options.dlt else [])]
    return [way for way in found if not options.only or way in options.only.split(",")]


def medians(rounds: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Of each figure by itself, but of the CPU of both sides together."""
    found = {}
    for scene in rounds[0]:
        costs = [one_round[scene] for one_round in rounds]
        middle = sorted(costs, key=lambda cost: cost["cpu"] + cost["server"])[len(costs) // 2]
        found[scene] = {name: median(cost[name] for cost in costs) for name in costs[0]}
        found[scene] |= {"cpu": middle["cpu"], "server": middle["server"]}
    return found


def race(way: str, port: int, options: argparse.Namespace) -> dict[str, dict[str, float]]:
    """From an empty table: everything, then one row in a hundred other, then nothing new."""
    empty()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for scene in SCENES if way != "copy" else SCENES[:1]:
            state = 0 if scene == "full" else 1
            found[scene] = one(way, f"http://127.0.0.1:{port}/{state}", options, folder)
    return found


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE race_booking, providers_syncrun, providers_missing CASCADE")
        cursor.execute("DROP SCHEMA IF EXISTS dlt_race CASCADE")
        cursor.execute("DROP SCHEMA IF EXISTS dlt_race_staging CASCADE")
        cursor.execute("VACUUM")


def one(way: str, url: str, options: argparse.Namespace, folder: str) -> dict[str, float]:
    checkpoint()
    before = server_cpu(), wal(), written()
    python = options.dlt if way == "dlt" else sys.executable
    env = os.environ | {"SYNC_ROWS": str(options.rows), "SYNC_DLT": folder, "PYTHONPATH": str(HERE.parent)}
    command = [python, str(HERE / "sync_racers.py"), way, url, dsn()]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{way}: {done.stderr[-2000:]}")
    cost: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    assert cost["rows"] == options.rows, (way, cost)
    settled()
    cost |= {"server": server_cpu() - before[0], "wal": (wal() - before[1]) / 1e6, "rewritten": written() - before[2]}
    if way == "engine":
        cost |= json.loads(done.stderr.splitlines()[-1])
    return cost


def checkpoint() -> None:
    """So that no way pays for the pages that the one before it touched; where there is a superuser that lets us in."""
    place = connection.settings_dict
    try:
        link = psycopg.connect(
            user="postgres", host=place["HOST"], port=place["PORT"] or None, dbname="postgres", autocommit=True
        )
    except psycopg.OperationalError:
        return
    with link:
        link.execute("CHECKPOINT")


def dsn() -> str:
    url = urlsplit(os.environ["DATABASE_URL"])
    folder = url.path.rpartition("/")[0]
    return url._replace(path=f"{folder}/{connection.settings_dict['NAME']}").geturl()


def settled() -> None:
    """Statistics of a backend arrive when it has ended."""
    time.sleep(1.0)


def wal() -> int:
    return int(ask("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))


def written() -> int:
    """Rows of our table that were inserted, updated or deleted."""
    return int(ask("SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE relname = 'race_booking'"))


def ask(question: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def server_cpu() -> float:
    """CPU seconds of PostgreSQL: its processes, and those of its that have ended."""
    postmaster = int(ask("SELECT pg_backend_pid()"))
    parent = int(Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()[1])
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, fields = int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if pid == parent:
            total += sum(map(int, fields[11:15]))
        elif int(fields[1]) == parent:
            total += sum(map(int, fields[11:13]))
    return total / TICK


@contextmanager
def stub(rows: int, pause: float) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(HERE / "sync_stub.py"), str(port), str(rows), str(pause)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert "ready" in running.stdout.readline()
        try:
            yield port
        finally:
            running.terminate()


def floor(options: argparse.Namespace) -> None:
    """Against the provider's own time: pages, one after the other, on one connection."""
    empty()
    rows = options.rows
    with stub(rows, options.pause) as port, tempfile.TemporaryDirectory() as folder:
        bare = bare_seconds(port, rows)
        cost = one("engine", f"http://127.0.0.1:{port}/0", options, folder)
    print(
        f"\n{options.pause * 1000:.0f} ms a page, {rows} rows: wall {cost['wall']:.2f} s, the bare pages {bare:.2f} s"
    )
    print(f"P4  {cost['wall'] / bare:.3f} × the floor (goal 1.02, least 1.05)")


def bare_seconds(port: int, rows: int) -> float:
    import http.client

    link = http.client.HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    for skip in range(0, rows, 100):
        link.request("GET", f"/0/items?skip={skip}")
        link.getresponse().read()
    return time.perf_counter() - began


def tell(way: str, found: dict[str, dict[str, float]]) -> None:
    for scene, cost in found.items():
        total = cost["cpu"] + cost["server"]
        print(
            f"{way:<17}{scene:<10} CPU {total:7.2f} s ({cost['cpu']:.2f} client + {cost['server']:.2f} PostgreSQL)  "
            f"wall {cost['wall']:6.2f} s  WAL {cost['wal']:7.2f} MB  RSS {cost['rss']:4.0f} MB  "
            f"rows written {cost['rewritten']:.0f}",
            flush=True,
        )


def total(found: dict[str, dict[str, dict[str, float]]], way: str, scene: str) -> float:
    return found[way][scene]["cpu"] + found[way][scene]["server"]


def goals(found: dict[str, dict[str, dict[str, float]]], options: argparse.Namespace) -> None:
    ours = {scene: total(found, "engine", scene) for scene in SCENES}

    def against(way: str, scene: str) -> str:
        return f"{total(found, way, scene) / ours[scene]:.1f}" if way in found else "not raced"

    engine, bulk = found["engine"], found.get("bulk_create")
    per = 1e5 / options.rows
    print("\nengine, CPU s/100k rows: " + ", ".join(f"{scene} {ours[scene] * per:.2f}" for scene in SCENES))
    print(
        f"P1  full: dlt {against('dlt', 'full')} × (goal 5, least 3), bulk_create {against('bulk_create', 'full')} × (11, 8)"
    )
    print(
        f"P2  1 %: dlt {against('dlt', 'changed')} × (35, 20), bulk_create {against('bulk_create', 'changed')} × (70, 45)"
    )
    print(
        f"P2  unchanged: dlt {against('dlt', 'unchanged')} × (60, 30), rows written {engine['unchanged']['rewritten']:.0f} (0)"
    )
    if bulk:
        print(f"P2  WAL of 1 %: {engine['changed']['wal'] / bulk['changed']['wal']:.2%} of bulk_create's (1 %, 2 %)")
    if "copy" in found:
        print(f"P3  full: {ours['full'] / total(found, 'copy', 'full'):.2f} × bare COPY (1.3, 1.7)")
    print(
        f"P5  RSS {max(cost['rss'] for cost in engine.values()):.0f} MB (80), "
        f"of which {engine['full']['idle']:.0f} MB before it read a row"
    )
    print(
        f"P7  requests of a full crawl: {engine['unchanged']['requests']:.0f}; a trusted filter needs 3 and its window"
    )


if __name__ == "__main__":
    main()
