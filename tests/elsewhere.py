"""Processes that share nothing with a test but its database. A kill is a real one, and nobody in them can tidy up.

All are forked from one that has Django loaded and nothing open: loading it anew would take two seconds each time.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Ended:
    status: int  # negative: the signal that killed it
    result: str

    @property
    def killed(self) -> bool:
        return self.status == -9


def database_url() -> str:
    """Where another process finds the database of these tests: as the application's role, which owns nothing."""
    from django.db import connection

    url = urlsplit(os.environ.get("WASL_TEST_APP_URL") or os.environ["DATABASE_URL"])
    folder = url.path.rpartition("/")[0]
    return url._replace(path=f"{folder}/{connection.settings_dict['NAME']}").geturl()


class Elsewhere:
    def __init__(self, mother: subprocess.Popen[str]) -> None:
        self._mother = mother

    def run(
        self, work: str, row: uuid.UUID, *, kill: str = "", once: Path | None = None, env: dict[str, str] | None = None
    ) -> Ended:
        """One of the functions below, in a process of its own; `kill` names the point at which it dies."""
        from django.conf import settings

        assert self._mother.stdin
        assert self._mother.stdout
        wanted = {"WASL_KILL": kill, "WASL_KILL_ONCE": str(once or "")} | (env or {})
        order = {"work": work, "row": str(row), "env": wanted, "windows": asdict(settings.WINDOWS)}
        self._mother.stdin.write(json.dumps(order) + "\n")
        self._mother.stdin.flush()
        return Ended(**json.loads(self._mother.stdout.readline()))


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    env = os.environ | {"DATABASE_URL": database_url(), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.elsewhere"]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as mother:
        yield Elsewhere(mother)


# In those processes ---------------------------------------------------------------------------------------------------


def look_up(row: uuid.UUID) -> str:
    from vouchers import services

    return services.look_up_voucher(row)


def redeem(row: uuid.UUID) -> str:
    from django.utils import timezone

    from vouchers import services
    from vouchers.models import Lookup

    lookup = Lookup.objects.get(pk=row)
    place = services.Place(lookup.actor, lookup.branch, lookup.till)
    return str(services.redeem_voucher(lookup, place, now=timezone.now()).operation_id)


def send(row: uuid.UUID) -> str:
    from providers import operations

    return operations.send_operation(row)


def settle(row: uuid.UUID) -> str:
    from providers import operations

    return operations.settle_operation(row)


def mirror(row: uuid.UUID) -> str:
    """One run over the shop that stands at MIRROR_URL (tests/providers/sync/shop.py)."""
    from django.utils import timezone

    from providers.models import Account
    from providers.sync import Busy, sync_collection
    from tests.providers.sync.shop import over_the_wire, patience

    source, close, _calls = over_the_wire(os.environ["MIRROR_URL"])
    try:
        return str(
            sync_collection(
                Account.objects.get(pk=row), "things", now=timezone.now(), source=source, pace=patience()
            ).status
        )
    except Busy:
        return "busy"
    finally:
        close()


def mirror_for_real(row: uuid.UUID) -> str:
    """One run of MIRROR_COLLECTION as the account's own client reads it. It dies as it asks for its DIE_AT_PAGE-th page."""
    from django.utils import timezone

    from providers.models import Account
    from providers.sync import Busy, sync_collection
    from tests.providers.rekaz.mirror import watched
    from tests.providers.sync.shop import patience

    def before(n: int) -> None:
        if n == int(os.environ.get("DIE_AT_PAGE") or 0):
            os.kill(os.getpid(), signal.SIGKILL)

    account = Account.objects.get(pk=row)
    with watched(account, before) as source:
        try:
            name = os.environ["MIRROR_COLLECTION"]
            return str(sync_collection(account, name, now=timezone.now(), source=source, pace=patience()).status)
        except Busy:
            return "busy"


def take_hook(row: uuid.UUID) -> str:
    from providers import hooks

    return hooks.take_hook(row)


def tell(row: uuid.UUID) -> str:
    """Told by a worker that dies as it looks the partner's name up, where DIE says so."""
    from partners.notices import tell_partner
    from providers.http import system_resolve

    def resolve(host: str) -> Any:
        if os.environ.get("DIE"):
            os.kill(os.getpid(), signal.SIGKILL)
        return system_resolve(host)

    return str(tell_partner(row, resolve=resolve))


def call(row: uuid.UUID) -> str:
    """CALL is what a partner's program sends; `row` is nothing. The web process itself is this one."""
    from django.test import Client

    wanted = json.loads(os.environ["CALL"])
    named = {"Authorization": f"Bearer {wanted['key']}", "Idempotency-Key": wanted["once"]}
    client = Client(SERVER_NAME="localhost")
    path, text = f"/api/v1/{wanted['path']}", json.dumps(wanted["body"])
    answer = client.post(path, text, content_type="application/json", headers=named)
    return str(answer.status_code)


WORKS: dict[str, Callable[[uuid.UUID], str]] = {
    "look_up": look_up,
    "redeem": redeem,
    "send": send,
    "settle": settle,
    "mirror": mirror,
    "mirror_for_real": mirror_for_real,
    "take_hook": take_hook,
    "tell": tell,
    "call": call,
}


def main() -> None:
    import django

    django.setup()
    for line in sys.stdin:
        order = json.loads(line)
        here, there = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(here)
            os._exit(_obey(order, there))
        os.close(there)
        with os.fdopen(here) as pipe:
            result = pipe.read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(json.dumps({"status": status, "result": result}) + "\n")
        sys.stdout.flush()


def _obey(order: dict[str, Any], answer_to: int) -> int:
    from django.conf import settings
    from django.db import connection

    from providers.windows import Windows

    os.environ.update(order["env"])
    settings.WINDOWS = Windows(**order["windows"])
    try:
        os.write(answer_to, WORKS[order["work"]](uuid.UUID(order["row"])).encode())
        connection.close()
    except Exception as error:  # the test sees its name
        os.write(answer_to, type(error).__name__.encode())
        return 1
    return 0


if __name__ == "__main__":
    main()
