"""A whole redemption through the pages, the broker and real workers at LOG_LEVEL=DEBUG; afterwards every log, every key of the
broker, every row of the database and what `dumpdata` writes is searched for what must never be there in the clear."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from branches.models import Branch, User
from branches.roles import Role
from providers.logins import AccountTokens
from providers.models import Account, Operation
from providers.sandbox.running import RunningSandbox
from tests.conftest import LOGIN, Hire
from tests.elsewhere import ROOT, database_url
from tests.scene import SLUG, Desk, effects, eventually
from tests.web.world import browser
from vouchers.models import Lookup

CODE, ID_NUMBER, PHONE, NAME = "VCL4C7731NO9046", "1098765432", "557319046", "Canary Al-Qahtani"
PASSWORD = "canary-password-of-reem"
CARD = {"id": 71, "fullname": NAME, "phone": f"966{PHONE}", "identity_number": ID_NUMBER, "end_date": "2031-12-31"}
CLIENT = {"id": 9, "name": NAME, "country_code": "+966", "phone": PHONE, "identity_number": ID_NUMBER}


@contextmanager
def workers_that_say_everything(log: Path) -> Iterator[None]:
    own = {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(ROOT)}
    own |= {"WASL_TEST_WINDOWS": json.dumps(asdict(settings.WINDOWS)), "LOG_LEVEL": "DEBUG"}
    options = ["-P", "threads", "-c", "4", "-l", "DEBUG", "-Q", "send,settle,look,default"]
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", *options]
    with log.open("wb") as file:
        running = subprocess.Popen(command, env=os.environ | own, cwd=ROOT, stdout=file, stderr=file)
        try:
            eventually(lambda: b" ready." in log.read_bytes(), 60)
            yield
        finally:
            running.kill()
            running.wait()


@contextmanager
def everything_that_is_told_to(broker: redis.Redis) -> Iterator[list[str]]:
    """MONITOR, as long as the block lasts."""
    said: list[str] = []
    with broker.monitor() as monitor:

        def listen() -> None:
            for command in monitor.listen():
                said.append(str(command["command"]))
                if "the-end" in said[-1]:
                    return

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield said
        broker.echo("the-end")
        thread.join(20)


def keys_of(broker: redis.Redis) -> str:
    return "\n".join(f"{key} {broker.dump(key)!r}" for key in broker.keys("*"))


def rows() -> str:
    """Every column of every row, as text; binary columns in hexadecimal."""
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [f"{table}: {row[0]}" for row in cursor.fetchall()]
    return "\n".join(found)


def spellings(secret: str) -> set[str]:
    raw = secret.encode()
    return {secret, raw.hex(), base64.b64encode(raw).decode().rstrip("=")[:-1]}


def hits(secrets: dict[str, str], text: str) -> list[str]:
    return [what for what, secret in secrets.items() if any(spelling in text for spelling in spellings(secret))]


@pytest.fixture
def rim(hire: Hire, olaya: Branch) -> User:
    return hire("rim", Role.RECEPTIONIST, olaya, password=PASSWORD)


def redeem_by_pages(twin: RunningSandbox) -> tuple[str, str]:
    """The session, and the address of what was redeemed. Its answer is lost, so that it is settled, too."""
    client = browser()
    assert client.post("/accounts/login/", {"login": "rim", "password": PASSWORD}).status_code == 302
    lookup = client.post("/vouchers/lookups/", {"q": CODE}).headers["Location"]
    eventually(lambda: Lookup.objects.filter(state=Lookup.State.FOUND).exists())
    twin.control.fault("drop_after", endpoint="redeem")
    client.post(f"{lookup}person/", {"person": "71"})
    client.post(f"{lookup}amounts/", {"services_total": "600"})
    done = client.post(f"{lookup}confirm/").headers["Location"]
    eventually(lambda: Operation.objects.get().state == "succeeded")
    for page in (done, f"{done}slip/", "/", "/live/", "/no-such-page"):
        client.get(page)
    return client.cookies["sessionid"].value, done


def test_no_canary_is_in_a_log_the_broker_the_database_or_a_dump(
    desk: Desk,
    account: Account,
    twin: RunningSandbox,
    rim: User,
    tmp_path: Path,
    logged: Callable[[], str],
) -> None:
    twin.control.put_vouchers(
        SLUG, {"voucher_code": CODE, "price_value": 200, "client": CLIENT, "client_cards": [CARD]}
    )
    broker, log = redis.Redis.from_url(settings.BROKER_URL.replace("redis+socket", "unix")), tmp_path / "worker.log"
    with workers_that_say_everything(log), everything_that_is_told_to(broker) as told:
        session, done = redeem_by_pages(twin)
    assert len(effects(twin, CODE)) == 1
    token = AccountTokens(account).read()
    assert len(token) > 20
    kept: dict[str, str] = {"token": token, "password": PASSWORD, "login": LOGIN["email"], "their": LOGIN["password"]}
    kept |= {"code": CODE, "code's middle": CODE[3:-4], "id": ID_NUMBER, "phone": PHONE}
    said = kept | {"session": session, "name": NAME, "first name": "Canary"}
    logs, worker = logged(), log.read_text()
    assert done.split("/")[3] not in said.values()
    assert "providers.send" in worker, "the workers did speak"
    assert any("providers.send" in command for command in told), "and the broker was heard"
    assert hits(said, logs) == []
    assert hits(said, worker) == []
    assert hits(said, "\n".join(told)) == []
    assert hits(said, keys_of(broker)) == []
    everything = rows()
    assert NAME in everything, "the search finds what is there"
    assert hits(kept, everything) == []
    assert hits(kept, dumped()) == []


def dumped() -> str:
    written: Any = io.StringIO()
    call_command("dumpdata", stdout=written)
    return str(written.getvalue())
