"""Directus over the same table, for the race in api.py: a server of its own beside ours, installed only for the benchmark.

    npm install directus@10 pg     (in a folder of its own; give that folder to --directus)

It is asked as its documents say, by an administrator, with no limit on how often. Its CPU is its process's and that of the
PostgreSQL backends it has opened; who asks is not counted.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import connection

from tests.scene import eventually

TICK = os.sysconf("SC_CLK_TCK")
WAIT = 120.0  # seconds: it makes its own tables first
EMAIL, PASSWORD = "race@example.com", "only-for-this-race"
FIELDS = (
    *("id", "external_id", "account_id", "seen_at", "number", "status", "starts_at", "ends_at", "customer_id"),
    *("customer_name", "customer_phone", "product_name", "price_name", "quantity", "practitioners", "total"),
    *("remaining", "payment_status", "gone_at"),
)


class Directus:
    def __init__(self, pid: int, port: int) -> None:
        self._pid = pid
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Content-Type": "application/json"}

    def log_in(self) -> None:
        body = json.dumps({"email": EMAIL, "password": PASSWORD})
        self._headers["Authorization"] = (
            f"Bearer {json.loads(self._ask('POST', '/auth/login', body))['data']['access_token']}"
        )

    def page(self, account: str, number: int) -> bytes:
        """One hundred rows of one account, the latest first."""
        asked = {"limit": 100, "page": number, "sort": "-starts_at,-id", "fields": ",".join(FIELDS)}
        which = {"account_id": {"_eq": account}, "gone_at": {"_null": True}}
        return self._ask("GET", f"/items/reservations_reservation?{urlencode({**asked, 'filter': json.dumps(which)})}")

    def cost(self, account: str, number: int, times: int) -> tuple[float, float]:
        """CPU milliseconds of one page: the server's, and PostgreSQL's."""
        self.hang_up()  # it has waited while the others ran, and does not wait for ever
        if len(json.loads(self.page(account, number))["data"]) != 100:
            raise RuntimeError("Directus does not give a page of a hundred rows.")
        web, there = ticks([self._pid]), ticks(self._backends())
        for _n in range(times):
            self.page(account, number)
        each = 1000 / TICK / times
        return (ticks([self._pid]) - web) * each, (ticks(self._backends()) - there) * each

    def hang_up(self) -> None:
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None = None) -> bytes:
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path[:80]}: {answer.status} {content[:300]!r}")
        return content

    def _backends(self) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'directus'")
            return [pid for (pid,) in cursor.fetchall()]


def ticks(pids: list[int]) -> int:
    found = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(fields[11]) + int(fields[12]) for fields in found)


@contextmanager
def directus(folder: Path, port: int = 8055) -> Iterator[Directus]:
    """One that serves the database we are connected to."""
    program = str(folder / "node_modules/directus/cli.js")
    environment = {**os.environ, **settings_of(port)}
    subprocess.run(["node", program, "bootstrap"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    with subprocess.Popen(
        ["node", program, "start"], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        try:
            found = Directus(process.pid, port)
            eventually(lambda: is_up(found, process), WAIT)
            yield found
        finally:
            process.terminate()


def is_up(found: Directus, process: subprocess.Popen[bytes]) -> bool:
    """Whether it lets us in. Raises RuntimeError for one that has ended."""
    if process.poll() is not None:
        raise RuntimeError("Directus ended before it answered.")
    try:
        found.log_in()
    except OSError:
        found.hang_up()
        return False
    return True


def settings_of(port: int) -> dict[str, str]:
    place: dict[str, Any] = connection.get_connection_params()
    return {
        **{"DB_CLIENT": "pg", "DB_HOST": str(place["host"]), "DB_PORT": str(place.get("port") or 5432)},
        **{
            "DB_USER": str(place["user"]),
            "DB_PASSWORD": str(place.get("password") or ""),
            "DB_DATABASE": place["dbname"],
        },
        **{"PGAPPNAME": "directus", "HOST": "127.0.0.1", "PORT": str(port), "TELEMETRY": "false", "LOG_LEVEL": "error"},
        **{"KEY": "race", "SECRET": "race", "ACCESS_TOKEN_TTL": "1d", "ADMIN_EMAIL": EMAIL, "ADMIN_PASSWORD": PASSWORD},
        **{"CACHE_ENABLED": "false", "RATE_LIMITER_ENABLED": "false", "NODE_ENV": "production"},
    }
