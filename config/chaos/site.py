"""The real site of a chaos run: services, web, workers and twins of its own, and what can be done to them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import psycopg
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from config.chaos.trades import Trade
from config.chaos.windows import dumped
from config.embedded import Hold
from config.management.commands.up import HOST, processes
from providers.sandbox.remote import Remote
from providers.windows import Windows

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0


@dataclass(frozen=True)
class Setting:
    """What the processes of one run are told."""

    windows: Windows
    mutant: str = ""
    kills: str = ""  # as in WASL_KILL
    most: int = 0
    pauses: dict[str, tuple[float, float]] = field(default_factory=dict)
    senders: int = 2


@dataclass
class Twin:
    process: subprocess.Popen[str]
    origin: str
    urls: dict[str, str]
    control: Remote


@dataclass
class Site:
    trade: Trade
    var: Path
    hold: Hold
    port: int
    database: str  # made anew for each run
    twins: list[Twin]
    nursery: subprocess.Popen[str]
    pids: dict[str, int] = field(default_factory=dict)
    deaths: Counter[str] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def logs(self) -> Path:
        return self.var / "chaos-log"

    # The database ---------------------------------------------------------------------------------------------------

    def make_template(self, furnish: Callable[[Trade], None]) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        furnish(self.trade)
        connections.close_all()

    def fresh_database(self, statements: tuple[str, ...] = ()) -> None:
        """As after the first migration, with what a mutant wants to be gone."""
        connections.close_all()
        template = database_of(os.environ["DATABASE_URL"])
        with psycopg.connect(owner_url("postgres"), autocommit=True) as link:
            names = {"ours": sql.Identifier(self.database), "template": sql.Identifier(template)}
            _drop(link, sql.SQL("DROP DATABASE IF EXISTS {ours}").format(**names))
            link.execute(sql.SQL("CREATE DATABASE {ours} TEMPLATE {template}").format(**names))
        with psycopg.connect(owner_url(self.database), autocommit=True) as link:
            for statement in statements:
                link.execute(statement)
        settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = self.database
        redis.Redis.from_url(os.environ["BROKER_URL"]).flushdb()

    # The processes ----------------------------------------------------------------------------------------------------

    def start(self, setting: Setting) -> None:
        for log in self.logs.glob("*"):
            log.unlink()
        for process in processes(self.var, self.port, None):
            count = setting.senders if process.name == "sender" else 1
            for number in range(1, count + 1):
                self._order(process.name if count == 1 else f"{process.name}{number}", list(process.command), setting)
        self._wait_for_web()

    def add(self, name: str, command: list[str], setting: Setting) -> None:
        """One more process, which is told and replaced as the others are."""
        self._order(name, command, setting)

    def _order(self, name: str, command: list[str], setting: Setting) -> None:
        argv = [part.replace("sender@", f"{name}@") for part in command[command.index("-m") + 1 :]]
        env = {
            "WASL_KILL": setting.kills,
            "WASL_KILL_LOG": str(self.kill_log),
            "WASL_KILL_MOST": str(setting.most or ""),
        }
        probes = {"violations": str(self.logs / "violations"), "pauses": setting.pauses, "login_pause": 1}
        order = {"do": "bear", "name": name, "argv": argv, "env": env, "log": str(self.logs / f"{name}.log")}
        self._tell(
            order
            | {
                "database": self.database,
                "windows": dumped(setting.windows),
                "mutant": setting.mutant,
                "probes": probes,
            }
        )

    def _tell(self, order: dict[str, Any]) -> None:
        assert self.nursery.stdin
        self.nursery.stdin.write(json.dumps(order) + "\n")
        self.nursery.stdin.flush()

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            with suppress(OSError), socket.create_connection((HOST, self.port), timeout=1):
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"chaos: the web server does not start; see {self.logs}")
            time.sleep(0.05)

    def stop(self) -> None:
        self.stopped.clear()
        self._tell({"do": "stop"})
        if not self.stopped.wait(PATIENCE):
            raise SystemExit("chaos: the processes do not stop")
        self.pids.clear()

    def listen(self) -> None:
        """In a thread: what the nursery tells."""
        assert self.nursery.stdout
        for line in self.nursery.stdout:
            news = json.loads(line)
            if "born" in news:
                self.pids[news["born"]] = news["pid"]
            elif "died" in news:
                self.deaths[news["died"].rstrip("0123456789")] += 1
            else:
                self.stopped.set()

    @property
    def kill_log(self) -> Path:
        folder = self.var / "chaos-kills"
        folder.mkdir(exist_ok=True)
        return folder

    def kills(self) -> dict[str, int]:
        return {path.name: path.stat().st_size for path in sorted(self.kill_log.iterdir())}

    def forget_kills(self) -> None:
        for path in self.kill_log.iterdir():
            path.unlink()
        self.deaths.clear()

    def violations(self) -> list[str]:
        path = self.logs / "violations"
        return path.read_text().splitlines() if path.exists() else []

    # Their services ---------------------------------------------------------------------------------------------------

    def postmaster(self) -> int:
        folders = [self.var / "postgres", (self.var / "elsewhere").resolve() / "postgres"]
        found = [folder / "postmaster.pid" for folder in folders if (folder / "postmaster.pid").exists()]
        return int(found[0].read_text().split()[0])

    def restart_postgres(self) -> None:
        """At once, without a goodbye: what is not on the disk is gone. Its keeper starts it again."""
        with suppress(IndexError, OSError, ValueError):
            os.kill(self.postmaster(), signal.SIGQUIT)

    def crash_a_backend(self) -> None:
        """One that is killed takes all others with it, and the log is replayed."""
        with suppress(psycopg.Error), psycopg.connect(owner_url(self.database), autocommit=True) as link:
            row = link.execute("SELECT pg_backend_pid()").fetchone()
            assert row
            with suppress(OSError):
                os.kill(int(row[0]), signal.SIGKILL)

    def broker(self) -> redis.Redis:
        return redis.Redis.from_url(os.environ["BROKER_URL"], socket_timeout=2, socket_connect_timeout=1)


def _drop(link: psycopg.Connection, statement: sql.Composed) -> None:
    """Connections of processes that were killed linger for a moment, and the owner may not end the application's."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            link.execute(statement)
            return
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def database_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def owner_url(database: str) -> str:
    """For psycopg, which wants the socket's folder as a parameter."""
    parts = urlsplit(os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"])
    folder = parts.path.rpartition("/")[0]
    user = f"{parts.username}" + (f":{parts.password}" if parts.password else "")
    if not folder:
        return parts._replace(path=f"/{database}").geturl()
    return f"postgresql://{user}@/{database}?host={folder}"


@contextmanager
def opened(
    trade: Trade, var: Path, port: int, furnish: Callable[[Trade], None] | None, twins: int = 1
) -> Iterator[Site]:
    """`furnish`: fills the template of its databases; without one somebody else has made it (lanes.py)."""
    hold = Hold.inherited(var)
    nursery = _child("config.chaos.nursery")
    site = Site(trade, var, hold, port, f"chaos_run_{port}", [_twin() for _ in range(twins)], nursery)
    for folder in (site.logs, Path(settings.STATIC_ROOT)):
        folder.mkdir(parents=True, exist_ok=True)
    threading.Thread(target=site.listen, daemon=True).start()
    try:
        if furnish:
            site.make_template(furnish)
        yield site
    finally:
        for process in [nursery, *(twin.process for twin in site.twins)]:
            _end(process)
        connections.close_all()
        hold.leave()


def _child(module: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", module]
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env, start_new_session=True
    )


def _twin() -> Twin:
    process = _child("config.chaos.twin")
    assert process.stdout
    told = json.loads(process.stdout.readline())
    return Twin(process, told["origin"], told["urls"], Remote(told["origin"]))


def _end(process: subprocess.Popen[str]) -> None:
    stream: IO[str] | None = process.stdin
    with suppress(OSError):
        if stream:
            stream.close()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
