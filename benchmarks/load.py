"""Fifty staff at once while the provider takes three seconds for every answer (goal: pages p95 under 1 s, nothing lost).

    .venv/bin/python benchmarks/load.py [--staff 50] [--seconds 90] [--delay 3] [--think 2] [--json FILE]

Starts the site as bin/run does, in a folder and on ports of its own, and works in it over HTTP as browsers do: sessions,
keep-alive, CSRF, every poll. Then the sandbox's ledger is held against ours. The staff share the machine with the site.
Exit status 1: a redemption was lost or doubled, a page failed, the goal was missed, or a connection too many was seen.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from load_gauges import Gauges
from load_staff import Notes, Staff

from config.embedded import enter
from config.pool import most_connections

GOAL = 1.0
PASSWORD = "a-good-long-password"
ROUND = 15.0  # seconds that one redemption takes, about
OUR_OWN = 1  # connections of this program as the application


def main() -> int:
    options = arguments()
    with site() as (var, origin, sandbox), open_books(var) as twin_of:
        twin = twin_of(sandbox)
        notes, stop = Notes(), threading.Event()
        people = [Staff(origin, notes, stop, n, options.think) for n in range(options.staff)]
        tills = hire(options.staff)
        codes = stock(twin, options)
        for n, person in enumerate(people):
            person.sign_in(f"staff{n}", PASSWORD, tills[n])
        notes.times.clear()  # signing in is slow on purpose, and once a day
        twin.fault("delay", times="forever", seconds=options.delay)
        with Gauges(owner(), var, OUR_OWN) as gauges:
            began = time.monotonic()
            threads = [threading.Thread(target=person.work, args=(codes,)) for person in people]
            for thread in threads:  # not all in the same millisecond: people come to their desks within a round
                thread.start()
                time.sleep(ROUND / len(threads))
            time.sleep(max(began + options.seconds - time.monotonic(), 0))
            stop.set()  # everybody finishes the redemption at hand
            for thread in threads:
                thread.join()
            took = time.monotonic() - began
        twin.clear_faults()
        found = books(twin, notes) | {"took": took, "connections": gauges.most, "cpu": gauges.cpu}
    return report(notes, found, options)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--staff", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=90, help="in which redemptions are begun")
    parser.add_argument("--delay", type=float, default=3, help="of every answer of the provider")
    parser.add_argument("--think", type=float, default=2, help="seconds a person takes for a step, on average")
    parser.add_argument("--json", type=Path, help="write all figures there too")
    return parser.parse_args()


# The site ---------------------------------------------------------------------------------------------------------------


@contextmanager
def site() -> Iterator[tuple[Path, str, str]]:
    top = Path(tempfile.mkdtemp(prefix="wasl-load-", dir="/tmp"))
    top.chmod(0o755)
    var, port, sandbox_port = top / "var", free_port(), free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "BROKER_"))}
    env = kept | {"WASL_VAR": str(var), "PORT": str(port), "SANDBOX_PORT": str(sandbox_port), "DJANGO_ENV": "demo"}
    running = subprocess.Popen([ROOT / "bin/run"], env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        for line in running.stdout:
            print(f"  {line}", end="", file=sys.stderr)
            if "Wasl is ready" in line:
                break
        else:
            raise SystemExit("the site did not start")
        threading.Thread(target=lambda out: [None for _ in out], args=(running.stdout,), daemon=True).start()
        yield var, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox_port}"
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)
        shutil.rmtree(top, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def open_books(var: Path) -> Iterator[Any]:
    """This program as one more command beside the site: its services, its settings."""
    hold = enter(var, environ={})
    os.environ |= hold.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    import django

    django.setup()
    from providers.sandbox.remote import Remote

    try:
        yield Remote
    finally:
        hold.leave()


def owner() -> dict[str, str]:
    from django.conf import settings

    place = settings.DATABASE_OWNER
    return {"host": place["HOST"], "user": place["USER"], "dbname": place["NAME"]}


def hire(number: int) -> list[str]:
    """Half of them at each branch that shares the account; the till each works at."""
    from django.contrib.auth.hashers import make_password

    from branches.models import Branch, Till, User
    from branches.services import add_staff
    from desk import demo

    hashed, tills = make_password(PASSWORD), []
    for n in range(number):
        branch = Branch.objects.get(code=(demo.OLAYA, demo.NAKHEEL)[n % 2])
        add_staff(username=f"staff{n}", role="receptionist", branches=[branch], password=None)
        tills.append(str(Till.objects.get_or_create(branch=branch, number=10 + n)[0].pk))
    User.objects.filter(username__startswith="staff").update(password=hashed)
    return tills


def stock(twin: Any, options: argparse.Namespace) -> Any:
    """More vouchers than they can redeem, handed out one by one."""
    codes = [f"VCL9C{n:04d}NO{n % 10000:04d}" for n in range(int(options.staff * options.seconds / 4) + options.staff)]
    for start in range(0, len(codes), 200):
        new = [{"voucher_code": code, "price_value": 200} for code in codes[start : start + 200]]
        twin.put_vouchers("alreaaiaa", *new)
    lock, left = threading.Lock(), iter(codes)

    def next_code() -> str | None:
        with lock:
            return next(left, None)

    return next_code


# What became of it --------------------------------------------------------------------------------------------------------


def books(twin: Any, notes: Notes) -> dict[str, Any]:
    """The provider's ledger against ours, once everything has ended."""
    from providers.models import OPEN_STATES, Operation
    from vouchers.models import Redemption

    deadline = time.monotonic() + 120
    while Operation.objects.filter(state__in=OPEN_STATES).exists() and time.monotonic() < deadline:
        time.sleep(0.5)
    rows = Redemption.objects.select_related("operation").prefetch_related("lines")
    ours = {row.lines.all()[0].code: row.operation.state for row in rows if row.operation.state == "succeeded"}
    theirs = Counter(effect.code for effect in twin.ledger("alreaaiaa"))
    return {
        "states": dict(Counter(Operation.objects.values_list("state", flat=True))),
        "lost": len(set(notes.accepted) - {str(row.pk) for row in rows}),
        "doubled": sum(count - 1 for count in theirs.values()),
        "misreported": len(set(ours) ^ set(theirs)),
    }


def report(notes: Notes, found: dict[str, Any], options: argparse.Namespace) -> int:
    pages = {name: figures(times) for name, times in sorted(notes.times.items())}
    everything = figures([took for times in notes.times.values() for took in times])
    bound = sum(most_connections().values())
    print(f"{options.staff} staff, provider {options.delay:g} s, {found['took']:.0f} s, {os.cpu_count()} cores")
    print(f"{'page':<16}{'count':>8}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}")
    for name, row in [*pages.items(), ("all", everything)]:
        print(f"{name:<16}{row['count']:>8.0f}{row['p50']:>9.0f}{row['p95']:>9.0f}{row['max']:>9.0f}")
    print(f"redemptions: {notes.finished} ended on the page, {found['states']}; busy pages: {notes.busy}")
    print(f"lost {found['lost']}, doubled {found['doubled']}, misreported {found['misreported']}")
    print(f"database connections: {found['connections']} at most (bound: {bound})")
    cpu = ", ".join(f"{name} {100 * seconds / found['took']:.0f}" for name, seconds in sorted(found["cpu"].items()))
    print(f"CPU, per cent of one core: {cpu}")
    failed = {status: count for status, count in notes.statuses.items() if status.split()[-1] in ("500", "502", "504")}
    for what, count in (notes.problems + Counter(failed)).items():
        print(f"problem: {what} × {count}")
    if options.json:
        whole = {"pages": pages, "all": everything, "bound": bound, "busy": notes.busy, "problems": notes.problems}
        options.json.write_text(json.dumps(whole | found | {"finished": notes.finished}, indent=1))
    wrong = found["lost"] + found["doubled"] + found["misreported"] + len(failed) + len(notes.problems)
    return int(bool(wrong) or everything["p95"] >= GOAL * 1000 or found["connections"] > bound)


def figures(times: list[float]) -> dict[str, float]:
    ranked = sorted(times) or [0.0]
    at = {
        name: ranked[min(int(len(ranked) * share), len(ranked) - 1)] * 1000
        for name, share in (("p50", 0.5), ("p95", 0.95))
    }
    return at | {"max": ranked[-1] * 1000, "count": len(times)}


if __name__ == "__main__":
    sys.exit(main())
