"""What one page of a partner's list costs (goal P8): ours beside what one would write with Django REST framework.

    .venv/bin/python -P -m config.embedded --tests -- .venv/bin/python benchmarks/api.py [--rows 1000000] [--rounds 5]
        [--directus FOLDER_WHERE_IT_IS_INSTALLED]

It makes and drops a database of its own, which PostgreSQL fills by itself. All ways answer the same hundred rows with the
same fields, behind the same keys, limits and middleware, in this process: CPU is this process's and its PostgreSQL backend's.
Compare ratios of one run. `stock` is ModelSerializer with PageNumberPagination, `keyset` ModelSerializer with
CursorPagination, `values` QuerySet.values() by keyset, encoded by msgspec. Directus is a server of its own (api_directus.py),
whose HTTP is counted while ours has none here: about a third of a millisecond.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DATABASE_URL"] = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from api_directus import Directus, directus, ticks
from api_ways import PAGE, add_urls
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_databases, setup_test_environment, teardown_databases
from django.utils import timezone

from branches.api.pages import written
from branches.models import Branch
from branches.services import add_branch
from partners.keys import issue_key
from providers.accounts import connect_account
from providers.models import Account, Environment, Operation
from providers.sandbox.box import all_twins
from reservations.models import Reservation
from vouchers.models import Redemption, RedemptionLine, Voucher

TICK = os.sysconf("SC_CLK_TCK")
DEEP = 9_000
NAME = "سارة القحطاني"


def main() -> None:
    options = arguments()
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False, aliases={"default"}, serialized_aliases=set())
    try:
        branch = filled(options)
        add_urls()
        client = caller(branch)
        deep = min(DEEP, options.rows // PAGE - 2)
        with directus(options.directus) if options.directus else nullcontext() as other:
            report(race(client, requests_of(deep), other, options), options, deep)
    finally:
        teardown_databases(databases, verbosity=0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="reservations, and redemptions")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=60, help="requests of a way in a round")
    parser.add_argument("--directus", type=Path, help="a folder in which it is installed")
    return parser.parse_args()


# What is there --------------------------------------------------------------------------------------------------------


def filled(options: argparse.Namespace) -> Branch:
    branch, _new = add_branch(
        code="bench", names={"en": "B", "ar": "ب", "fr": "B"}, country="SA", timezone="Asia/Riyadh", currency="SAR"
    )
    bookings, vouchers = (connected(slug, branch) for slug in ("rekaz", "alreaaiaa"))
    started = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        many(cursor, first_reservation(bookings), options.rows, "external_id", "number", "starts_at")
        operation = first_operation(vouchers, branch)
        many(cursor, operation, options.rows, "id", "reference", "created_at", "changed_at")
        redemptions(cursor, operation)
        for table in ("reservations_reservation", "providers_operation", "vouchers_redemption"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("VACUUM ANALYZE vouchers_redemptionline")
    print(f"{options.rows:,} reservations and redemptions in {time.monotonic() - started:.0f} s", flush=True)
    return branch


def connected(slug: str, branch: Branch) -> Account:
    return connect_account(
        provider=slug,
        branch=branch,
        base_url=f"http://127.0.0.1:9/{slug}",
        environment=Environment.SANDBOX,
        values=all_twins()[slug].login(),
    ).account


def first_reservation(account: Account) -> Reservation:
    now = timezone.now()
    return Reservation.objects.create(
        account=account,
        external_id="0",
        payload={"id": "0", "status": "Confirmed", "customer": {"name": NAME}},
        raw_hash=b"0" * 16,
        content_hash=b"",
        seen_at=now,
        number="0",
        status="confirmed",
        starts_at=now,
        ends_at=now,
        customer_id="cust-1",
        customer_name=NAME,
        customer_phone="+966501234567",
        product_name="Consultation",
        price_name="30 minutes",
        practitioners=[{"id": "p-1", "name": "Dr. Huda"}],
        total=250,
        remaining=50,
        payment_status="Paid",
    )


def first_operation(account: Account, branch: Branch) -> Operation:
    now = timezone.now()
    return Operation.objects.create(
        id="00000000-0000-4000-8000-000000000000",
        reference="W-0",
        kind="voucher.redeem",
        account=account,
        branch=branch,
        source="staff",
        sealed_request=b"x" * 200,
        request_sha256="0" * 64,
        amount=200,
        currency="SAR",
        state="succeeded",
        evidence_level="response",
        outcome={"references": {"order": "77"}},
        send_before=now,
        created_at=now,
        changed_at=now,
        finished_at=now,
    )


def many(cursor: Any, first: Any, rows: int, *own: str) -> None:
    """`first` again and again; `own` are the columns in which each differs."""
    each = {
        "id": "gen_random_uuid()",
        "external_id": "n::text",
        "number": "n::text",
        "reference": "'W-' || n",
        "starts_at": "starts_at - n * interval '1 minute'",
        "created_at": "created_at - n * interval '1 second'",
        "changed_at": "changed_at - n * interval '1 second'",
    }
    names = [field.column for field in first._meta.concrete_fields if field.column != "id" or "id" in own]
    listed = ", ".join(f'"{name}"' for name in names)
    taken = ", ".join(each[name] if name in own else f'"{name}"' for name in names)
    table = first._meta.db_table
    cursor.execute(
        f"INSERT INTO {table} ({listed}) SELECT {taken} FROM {table}, generate_series(1, %s) n WHERE id = %s",
        [rows, first.pk],
    )


def redemptions(cursor: Any, operation: Operation) -> None:
    one = Redemption.objects.create(
        operation=operation,
        services_total=600,
        client_pays=400,
        currency="SAR",
        business_date=dt.date(2026, 1, 1),
        person_name=NAME,
    )
    told = {"external_id": "1", "code_hash": "0" * 64, "code_last4": "4058", "value": 200, "currency": "SAR"}
    voucher = Voucher.objects.create(account=operation.account, status="used", seen_at=timezone.now(), **told)
    line = RedemptionLine(redemption=one, voucher=voucher, code_last4="4058", code_hash="0" * 64, value=200, position=0)
    line.save()
    copied(cursor, one, "operation_id", "SELECT id FROM providers_operation WHERE id <> %s", operation.pk)
    copied(cursor, line, "redemption_id", "SELECT id FROM vouchers_redemption WHERE id <> %s", one.pk)


def copied(cursor: Any, first: Any, key: str, keys: str, but: Any) -> None:
    table, new = first._meta.db_table, type(first)._meta.pk.get_internal_type() == "UUIDField"
    names = [field.column for field in first._meta.concrete_fields if field.column != "id" or new]
    listed = ", ".join(f'"{name}"' for name in names)
    own = {"id": "gen_random_uuid()", key: "k.id"}
    taken = ", ".join(own.get(name, f'f."{name}"') for name in names)
    source = f"(SELECT * FROM {table} WHERE id = %s) f CROSS JOIN ({keys}) k"
    cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {taken} FROM {source}", [first.pk, but])


# The race -------------------------------------------------------------------------------------------------------------


def caller(branch: Branch) -> Client:
    settings.API_RATE_KEY = settings.API_RATE_ALL = 100_000_000
    _key, secret = issue_key("race", branches=[branch], scopes=["all"], now=timezone.now())
    return Client(headers={"Authorization": f"Bearer {secret}"}, SERVER_NAME="localhost")


def requests_of(deep: int) -> dict[str, str]:
    at = Reservation.objects.order_by("-starts_at", "-id").values_list("starts_at", "id")[(deep - 1) * PAGE - 1]
    done = Operation.objects.order_by("-created_at", "-id").values_list("created_at", "id")[(deep - 1) * PAGE - 1]
    ours = {"branch": "bench", "limit": PAGE}
    cursor = b64encode(urlencode({"p": str(at[0])}).encode()).decode()
    asked = {
        "ours, first": ("v1/reservations", ours),
        "ours, deep": ("v1/reservations", {**ours, "cursor": written("reservations.latest", at)}),
        "stock, first": ("race/stock", {}),
        "stock, deep": ("race/stock", {"page": deep}),
        "keyset, first": ("race/keyset", {}),
        "keyset, deep": ("race/keyset", {"cursor": cursor}),
        "values, first": ("race/values", {}),
        "values, deep": ("race/values", {"at": at[0].isoformat(), "id": at[1]}),
        "redemptions, first": ("v1/redemptions", {"limit": PAGE}),
        "redemptions, deep": ("v1/redemptions", {"limit": PAGE, "cursor": written("redemptions.newest", done)}),
    }
    return {name: f"/api/{where}?{urlencode(query)}" for name, (where, query) in asked.items()}


def race(
    client: Client, asked: dict[str, str], other: Directus | None, options: argparse.Namespace
) -> dict[str, list[tuple[float, float]]]:
    for name, address in asked.items():
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert answer.status_code == 200, (name, answer.content[:300])
        body = answer.json()
        assert len(body.get("items", body.get("results", ()))) == PAGE, name
        counted = sum("COUNT(" in query["sql"].upper() for query in queries)
        print(f"  {name}: {len(answer.content)} bytes, {len(queries)} statements, {counted} of them count", flush=True)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
    for _round in range(options.rounds):
        for name, address in asked.items():
            each = max(6, options.each // 10) if name.startswith("stock") else options.each
            found[name].append(cost(partial(client.get, address), each))
        if other:
            account = str(Account.objects.get(provider="rekaz").pk)
            found.setdefault("directus, first", []).append(other.cost(account, 1, options.each))
            deep = min(DEEP, options.rows // PAGE - 2)
            found.setdefault("directus, deep", []).append(other.cost(account, deep, max(6, options.each // 10)))
    return found


def cost(work: Callable[[], Any], times: int) -> tuple[float, float]:
    """CPU milliseconds of one: this process's, and PostgreSQL's."""
    backend = connection.connection.info.backend_pid
    before, web = ticks([backend]), time.process_time()
    for _n in range(times):
        work()
    spent, there = time.process_time() - web, (ticks([backend]) - before) / TICK
    return spent / times * 1000, there / times * 1000


def report(found: dict[str, list[tuple[float, float]]], options: argparse.Namespace, deep: int) -> None:
    mid = {name: (median(one[0] for one in seen), median(one[1] for one in seen)) for name, seen in found.items()}
    print(f"\nCPU ms a request, {PAGE} of {options.rows:,} rows, medians of {options.rounds}; deep is page {deep:,}")
    for name, (web, there) in mid.items():
        total = sorted(sum(one) for one in found[name])
        print(
            f"{name:20} {web + there:8.2f}   web {web:7.2f}   PostgreSQL {there:7.2f}   {total[0]:.2f} to {total[-1]:.2f}"
        )

    def ratio(one: str, other: str) -> str:
        each = [sum(a) / sum(b) for a, b in zip(found[one], found[other], strict=True)]
        return f"{median(each):.3f} ({min(each):.3f} to {max(each):.3f})"

    for other in ("stock", "keyset", "values", "directus"):
        if f"{other}, first" not in found:
            continue
        print(
            f"ours / {other}: first {ratio('ours, first', f'{other}, first')}, deep {ratio('ours, deep', f'{other}, deep')}"
        )
    print(
        f"deep / first: ours {ratio('ours, deep', 'ours, first')}, "
        f"redemptions {ratio('redemptions, deep', 'redemptions, first')}"
    )


if __name__ == "__main__":
    main()
