"""The ways to mirror a collection that race each other, each in a process of its own; one JSON line says what it cost.

python benchmarks/sync_racers.py WAY URL DATABASE_URL     (Django's are started by benchmarks/sync.py)
DLT_PYTHON benchmarks/sync_racers.py dlt URL DATABASE_URL
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]
SIZE = 100


def pages_by_requests(url: str) -> Iterator[list[dict[str, Any]]]:
    """As most would write it: a session of requests, one page after the other."""
    import requests

    with requests.Session() as session:
        skip, total = 0, 1
        while skip < total:
            found = session.get(f"{url}/items?skip={skip}", timeout=30).json()
            total, skip = found["totalCount"], skip + SIZE
            yield found["items"]


# Django's -----------------------------------------------------------------------------------------------------------------


def columns_of(item: dict[str, Any]) -> dict[str, Any]:
    from sync_table import typed

    return typed(item) | {"payload": item, "raw_hash": b"", "content_hash": b""}


def update_or_create(url: str) -> int:
    from django.utils import timezone
    from sync_table import Booking, account

    mine = account()
    for items in pages_by_requests(url):
        for item in items:
            values = columns_of(item) | {"seen_at": timezone.now()}
            Booking.objects.update_or_create(account=mine, external_id=item["id"], defaults=values)
    return Booking.objects.count()


def bulk_create(url: str) -> int:
    from django.utils import timezone
    from sync_table import Booking, account

    mine, held = account(), []
    names = [*_names(), "payload", "raw_hash", "content_hash", "seen_at"]

    def flush() -> None:
        Booking.objects.bulk_create(
            held, update_conflicts=True, unique_fields=["account", "external_id"], update_fields=names
        )
        held.clear()

    for items in pages_by_requests(url):
        now = timezone.now()
        held += [Booking(account=mine, external_id=item["id"], seen_at=now, **columns_of(item)) for item in items]
        if len(held) >= 1000:
            flush()
    if held:
        flush()
    return Booking.objects.count()


def _names() -> list[str]:
    from sync_stub import COLUMNS

    return COLUMNS


def engine(url: str) -> int:
    from django.utils import timezone
    from sync_table import Booking, BookingSource, account

    from providers.sync import sync_collection

    with BookingSource(url) as source:
        run = sync_collection(account(), "bookings", full=True, now=timezone.now(), source=source)
    assert run.status == "green", (run.status, run.reasons, run.detail)
    print(json.dumps({"changed": run.changed, "requests": run.requests}), file=sys.stderr)
    return Booking.objects.count()


def copy(url: str) -> int:
    """The limit: rows made beforehand, straight into the table. The making is not counted."""
    from sync_table import Booking, bare_copy, made_rows

    rows = made_rows(int(os.environ["SYNC_ROWS"]))
    start()
    bare_copy(rows)
    return Booking.objects.count()


# dlt's --------------------------------------------------------------------------------------------------------------------


def dlt(url: str) -> int:
    """Tuned: no nested tables, CSV into a staging table, one upsert, no progress, no telemetry."""
    import dlt as library

    os.environ |= {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
        "DATA_WRITER__BUFFER_MAX_ITEMS": "20000",
        "NORMALIZE__WORKERS": "1",
        "LOAD__WORKERS": "1",
    }

    @library.resource(
        name="bookings",
        primary_key="id",
        write_disposition={"disposition": "merge", "strategy": "upsert"},
        max_table_nesting=0,
        file_format="csv",
    )
    def bookings() -> Iterator[list[dict[str, Any]]]:
        for items in pages_by_requests(url):
            yield [item | {"payload": item} for item in items]

    pipeline = library.pipeline(
        "race",
        destination=library.destinations.postgres(credentials=credentials(os.environ["SYNC_DSN"])),
        dataset_name="dlt_race",
        pipelines_dir=os.environ["SYNC_DLT"],
    )
    with_our_indexes(pipeline, bookings)
    start()
    pipeline.run(bookings())
    with pipeline.sql_client() as client, client.execute_query("SELECT count(*) FROM bookings") as cursor:
        return int(cursor.fetchone()[0])


def with_our_indexes(pipeline: Any, bookings: Any) -> None:
    """Its table has the raw JSON and as many indexes as ours. Making them is not counted."""
    pipeline.run(bookings().add_limit(1))
    with pipeline.sql_client() as client:
        for kind, column in (("UNIQUE INDEX", "id"), ("INDEX", "customer_id"), ("INDEX", "starts_at")):
            client.execute_sql(f"CREATE {kind} IF NOT EXISTS race_{column} ON bookings ({column})")


def credentials(dsn: str) -> Any:
    """A socket's folder does not fit into the host of a URL."""
    from dlt.destinations.impl.postgres.configuration import PostgresCredentials

    place = urlsplit(dsn)
    folder, _slash, name = place.path.rpartition("/")
    return PostgresCredentials(
        {
            "database": name,
            "username": place.username,
            "password": place.password or "none",
            "host": place.hostname or "localhost",
            "port": place.port or 5432,
            "query": {"host": folder} if folder else {},
        }
    )


# What it costs --------------------------------------------------------------------------------------------------------------

WAYS: dict[str, Callable[[str], int]] = {
    "update_or_create": update_or_create,
    "bulk_create": bulk_create,
    "engine": engine,
    "copy": copy,
    "dlt": dlt,
}
began = (0.0, 0.0)


def cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def start() -> None:
    """Imports and set-up are over."""
    global began  # noqa: PLW0603 - one process, one race
    began = (cpu(), time.perf_counter())


def main() -> None:
    way, url, dsn = sys.argv[1:4]
    os.environ["SYNC_DSN"] = dsn
    if way != "dlt":
        os.environ["DATABASE_URL"] = dsn
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        import sync_table  # noqa: F401  # registers the table
    start()
    before = peak()
    rows = WAYS[way](url)
    spent = cpu() - began[0], time.perf_counter() - began[1]
    print(json.dumps({"rows": rows, "cpu": spent[0], "wall": spent[1], "rss": peak(), "idle": before}))


def peak() -> float:
    """MB that this program had at most. `ru_maxrss` would say what whoever started it had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    main()
