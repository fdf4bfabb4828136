"""What one redemption costs us (goal P10): CPU and commits around the provider's call, and a desk page, at two sizes.

    .venv/bin/python -m config.embedded -- .venv/bin/python benchmarks/redeem.py [--rounds 5] [--each 40]

Runs on a database of its own in the embedded PostgreSQL, durability on, against the sandbox in another process. The
sandbox's own time is taken out: its share of the wall time is what the journal measured, its CPU is another process's.
Medians of the rounds are printed, and the cost of the bare calls beside them, measured in the same rounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# It makes a database of its own, which only the owner may.
os.environ["DATABASE_URL"] = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]

import django

django.setup()

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment, teardown_databases
from django.urls import reverse
from django.utils import timezone

from branches.models import Till, User
from desk import demo
from providers import operations
from providers.models import Account, Call, Operation
from providers.operations.journal import Journal
from providers.registry import client_for
from providers.sandbox.remote import Remote
from vouchers import services
from vouchers.models import Lookup, Redemption

WRITES = ("INSERT", "UPDATE", "DELETE")


class Meter:
    """CPU of this process, commits that reach the disk, and time that the provider had, over one piece of work."""

    def __init__(self) -> None:
        self.cpu = self.wall = self.provider = 0.0
        self.commits = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        commit, calls = connection._commit, Call.objects.count()
        connection._commit = lambda: self._count(commit)
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            with connection.execute_wrapper(self._autocommitted):
                yield
        finally:
            self.cpu += time.process_time() - cpu
            self.wall += time.perf_counter() - wall
            connection._commit = commit
            self.provider += sum(call.milliseconds for call in Call.objects.order_by("pk")[calls:]) / 1000

    def _count(self, commit: Callable[[], None]) -> None:
        self.commits += 1
        commit()

    def _autocommitted(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not connection.in_atomic_block and sql.lstrip().upper().startswith(WRITES):
            self.commits += 1
        return execute(sql, params, many, context)


def main() -> None:
    options = arguments()
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    try:
        with sandbox() as control:
            demo.load()
            small = rounds(options, control)
            few = desk_page()
            grow(options.rows)
            report(small, few, desk_page(), options)
    finally:
        teardown_databases(databases, verbosity=0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=40, help="redemptions a round")
    parser.add_argument("--rows", type=int, default=100_000, help="redemptions in the ledger for the large desk page")
    return parser.parse_args()


@contextmanager
def sandbox() -> Iterator[Remote]:
    """The twin in its own process, so that its CPU is not ours."""
    settings.SANDBOX_PORT = 18900
    command = [sys.executable, "manage.py", "sandbox", "--port", str(settings.SANDBOX_PORT), "--scenario", "empty"]
    with Popen(command, stdout=PIPE, cwd=Path(__file__).resolve().parent.parent, text=True) as twin:
        assert twin.stdout is not None
        while "control" not in (line := twin.stdout.readline()):
            if not line:
                raise SystemExit("the sandbox did not start")
        try:
            yield Remote(f"http://127.0.0.1:{settings.SANDBOX_PORT}")
        finally:
            twin.terminate()


def rounds(options: argparse.Namespace, control: Remote) -> list[dict[str, float]]:
    web = Client()
    web.force_login(User.objects.get(username="reem"), backend=settings.AUTHENTICATION_BACKENDS[1])
    session = web.session
    session["till"] = str(Till.objects.filter(branch__code=demo.OLAYA)[0].pk)
    session.save()
    found = []
    for n in range(options.rounds + 1):
        codes = [f"VCL9C{n:04d}NO{k:04d}" for k in range(options.each)]
        control.put_vouchers("alreaaiaa", *[{"voucher_code": code, "price_value": 200} for code in codes])
        found.append(one_round(web, codes))
    return found[1:]  # the first warms up imports, connections and the login


def one_round(web: Client, codes: list[str]) -> dict[str, float]:
    ready = [prepared(code) for code in codes]
    ours = Meter()
    for lookup in ready:
        with ours.running():
            redeem(web, lookup)
    bare = bare_calls([f"{code}9" for code in codes])
    n = len(codes)
    figures = {"cpu_ms": ours.cpu / n * 1000, "commits": ours.commits / n, "bare_cpu_ms": bare / n * 1000}
    return figures | {"wall_ms": (ours.wall - ours.provider) / n * 1000}


def prepared(code: str) -> Lookup:
    """A look-up with the person and the total chosen: what stands before the confirm key."""
    till = Till.objects.select_related("branch").filter(branch__code=demo.OLAYA)[0]
    place = services.Place(User.objects.get(username="reem"), till.branch, till)
    lookup = services.start_lookup(code, place, now=timezone.now())
    services.look_up_voucher(lookup.pk)
    lookup.refresh_from_db()
    services.choose_person(lookup, lookup.cards[0]["id"])
    services.set_total(lookup, Decimal(600), now=timezone.now())
    return lookup


def redeem(web: Client, lookup: Lookup) -> None:
    """The confirm key, the sender's work, and the result page."""
    answer = web.post(reverse("vouchers:confirm", args=[lookup.pk]))
    redemption = Redemption.objects.select_related("operation").get(lookup=lookup)
    assert operations.send_operation(redemption.operation_id) == "succeeded", redemption.operation.state
    assert web.get(answer.headers["Location"]).status_code == 200


def bare_calls(codes: list[str]) -> float:
    """CPU of the two calls a redemption makes, with nothing of ours around them but the HTTP layer and the client."""
    account = Account.objects.filter(places__branch__code=demo.OLAYA)[0]
    client = client_for(account, Journal(account))
    cpu = time.process_time()
    for code in codes:
        client.find_voucher(code)
        client.find_voucher(code)
    return time.process_time() - cpu


def grow(rows: int) -> None:
    """A ledger of finished redemptions, copied from the first one by the database."""
    first = Operation.objects.order_by("created_at")[0]
    columns = [
        field.column for field in Operation._meta.fields if field.column not in ("id", "reference", "form_token")
    ]
    listed = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO providers_operation (id, reference, form_token, {listed}) "
            f"SELECT gen_random_uuid(), 'W-' || lpad(n::text, 9, '0'), gen_random_uuid(), {listed} "
            "FROM providers_operation, generate_series(1, %s) n WHERE id = %s",
            [rows, first.pk],
        )
        cursor.execute(
            "INSERT INTO vouchers_redemption (id, operation_id, services_total, client_pays, currency, business_date, "
            "person_name, person_external_id, person_id_last4, person_id_hash, seen_at) "
            "SELECT gen_random_uuid(), id, 600, 400, 'SAR', '2026-01-01', 'x', '', '', '', now() "
            "FROM providers_operation o WHERE NOT EXISTS (SELECT 1 FROM vouchers_redemption r WHERE r.operation_id = o.id)"
        )
        cursor.execute("ANALYZE")


def desk_page() -> dict[str, float]:
    web = Client()
    web.force_login(User.objects.get(username="reem"), backend=settings.AUTHENTICATION_BACKENDS[1])
    session = web.session
    session["till"] = str(Till.objects.filter(branch__code=demo.OLAYA)[0].pk)
    session.save()
    web.get("/")
    queries: list[str] = []
    with connection.execute_wrapper(lambda run, sql, *rest: (queries.append(sql), run(sql, *rest))[1]):
        assert web.get("/").status_code == 200
    times = []
    for _ in range(20):
        cpu = time.process_time()
        web.get("/")
        times.append((time.process_time() - cpu) * 1000)
    return {"queries": len(queries), "cpu_ms": statistics.median(times)}


def report(
    found: list[dict[str, float]], few: dict[str, float], desk: dict[str, float], options: argparse.Namespace
) -> None:
    median = {name: statistics.median(row[name] for row in found) for name in found[0]}
    print(f"redemption, medians of {len(found)} rounds of {options.each}:")
    print(f"  our CPU, web and sender:        {median['cpu_ms']:6.1f} ms  (goal: 15)")
    print(
        f"  the two bare calls in it:       {median['bare_cpu_ms']:6.1f} ms  (× {median['cpu_ms'] / median['bare_cpu_ms']:.1f})"
    )
    print(f"  wall without the provider:      {median['wall_ms']:6.1f} ms")
    print(f"  commits:                        {median['commits']:6.1f}     (goal: 5)")
    print(f"desk page, with {len(found) * options.each} and then {options.rows} more redemptions in the ledger:")
    print(
        f"  CPU {few['cpu_ms']:.1f} and {desk['cpu_ms']:.1f} ms (goal: 50, flat), ratio {desk['cpu_ms'] / few['cpu_ms']:.2f}"
    )
    print(f"  queries {few['queries']:.0f} and {desk['queries']:.0f} (goal: 12)")


if __name__ == "__main__":
    main()
