"""`manage.py up`: the whole site as one command. bin/run puts the embedded services under it (docs/operations.md)."""

from __future__ import annotations

import http.client
import importlib
import os
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection, connections

from config import pool
from config.embedded import EmbeddedError, Hold, locks, var_folder
from config.launch import Process
from config.supervisor import Supervisor

HOST = "127.0.0.1"
PATIENCE = 60.0
PORT_PATIENCE = 3.0  # the web processes of a site that was killed need a moment to notice
LOOK_AFTER_SERVICES = 1.0  # seconds between two looks at the keeper of the services


class Command(BaseCommand):
    help = "Migrates, then runs web, workers and beat (and, in the demo, the provider sandbox) until Ctrl-C."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--sandbox-port", type=int, default=int(os.environ.get("SANDBOX_PORT") or 8900))

    def handle(self, *, port: int, sandbox_port: int, **options: Any) -> None:
        self.demo = os.environ.get("DJANGO_ENV", "demo") == "demo"
        self.var = var_folder(os.environ)
        self.services = Hold.inherited(self.var)
        try:
            self._refuse_a_second_one()
            sandbox = self.demo and "sandbox" in get_commands()
            for name, number in [("PORT", port), ("SANDBOX_PORT", sandbox_port)][: 1 + sandbox]:
                _refuse_a_taken_port(name, number)
            self._prepare()
            self._supervise(processes(self.var, port, sandbox_port if sandbox else None), port)
        except KeyboardInterrupt:  # before the supervisor took over the signals
            sys.exit(130)
        finally:
            self.services.leave()

    def _refuse_a_second_one(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        self.lock = locks.open_lock(self.var / "up.lock")  # held until we end
        if not locks.take(self.lock):
            raise CommandError(
                f"Wasl already runs from here (process {os.pread(self.lock, 20, 0).decode()}): stop it first."
            )
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, str(os.getpid()).encode(), 0)

    def _prepare(self) -> None:
        self._wait_for_database()
        self._step("migrating the database")
        call_command("migrate", interactive=False, verbosity=0)
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # else every web process warns that it is missing
        if not self.demo:
            self._step("collecting static files")
            call_command("collectstatic", interactive=False, verbosity=0)
        elif "demo" in get_commands():
            self._step("loading demo data, once")
            call_command("demo")
        connections.close_all()

    def _wait_for_database(self) -> None:
        deadline = time.monotonic() + PATIENCE
        told = False
        while True:
            try:
                return connection.ensure_connection()
            except OperationalError as error:
                if time.monotonic() > deadline:
                    raise CommandError(f"The database does not answer: {error}") from error
            if not told:
                told = True
                self._step("waiting for the database")
            time.sleep(0.2)

    def _supervise(self, all_processes: list[Process], port: int) -> None:
        self._step("starting " + ", ".join(process.name for process in all_processes))
        supervisor = Supervisor(all_processes)
        announced = False
        looked_at = time.monotonic()

        def each_turn() -> None:
            nonlocal announced, looked_at
            if not announced and answers(port):
                announced = True
                supervisor.say(self._welcome(port))
            if time.monotonic() - looked_at > LOOK_AFTER_SERVICES:
                with suppress(EmbeddedError):  # said in its own log; tried again at the next look
                    self.services.ensure()
                looked_at = time.monotonic()

        supervisor.run(each_turn)
        self._step("stopped")

    def _welcome(self, port: int) -> str:
        lines = ["", f"  Wasl is ready: http://{HOST}:{port}/"]
        with suppress(ImportError, AttributeError):
            if self.demo:
                lines += ["  Demo logins:", *map(_columns, importlib.import_module("desk.demo").LOGINS)]
        return "\n".join([*lines, "  Ctrl-C stops everything.", ""])

    def _step(self, text: str) -> None:
        self.stdout.write(f"wasl: {text}")
        self.stdout.flush()


def processes(var: Path, port: int, sandbox_port: int | None) -> list[Process]:
    """In the order they start; they stop the other way round: web, beat, the workers together, the sandbox."""
    root = Path(__file__).resolve().parents[3]
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}  # theirs is the other one
    env |= {"PYTHONUNBUFFERED": "1"}
    if sandbox_port:  # the demo may well run as root, and Celery has seven lines to say about that
        env |= {"PYTHONWARNINGS": "ignore:You're running the worker"}
    python = sys.executable

    def process(name: str, stage: int, *arguments: str, **more: Any) -> Process:
        return Process(name, [python, *arguments], stage, env, root, **more)

    def worker(name: str, threads: int, queues: str) -> Process:
        # Neither gossip nor mingle: they make a restarted worker wait a second for neighbours it does not need.
        options = [
            "-P",
            "threads",
            "-c",
            str(threads),
            "-Q",
            queues,
            "-n",
            f"{name}@%h",
            "--without-gossip",
            "--without-mingle",
        ]
        return process(name, 1, "-m", "celery", "-q", "-A", "config", "worker", "-l", "WARNING", *options)

    web = ["-m", "gunicorn", "-c", "python:config.gunicorn", "config.wsgi", "-b", f"{HOST}:{port}"]
    web += ["-k", "gthread", "-w", str(pool.WEB_PROCESSES), "--threads", str(pool.WEB_THREADS)]
    web += ["--keep-alive", "75"]  # a desk that polls comes back on the connection it has; an idle one holds no thread
    state = str(var / "sandbox.jsonl")  # what the simulated provider did must not be undone by our restart
    twin = ("manage.py", "sandbox", "--port", str(sandbox_port), "--state", state)
    sandbox = [process("sandbox", 0, *twin)] if sandbox_port else []
    return [
        *sandbox,
        worker("sender", pool.SENDER_THREADS, "send,look"),
        worker("settler", pool.SETTLER_THREADS, "settle,default"),
        worker("mirror", pool.MIRROR_THREADS, "mirror"),
        process(
            "beat", 2, "-m", "celery", "-q", "-A", "config", "beat", "-l", "WARNING", "-s", str(var / "beat-schedule")
        ),
        # SIGTERM when we are killed: its own workers would outlive a killed master, and keep the port.
        process("web", 3, *web, "--graceful-timeout", "8", "--log-level", "warning", death_signal=15),
    ]


def _columns(login: Sequence[str | None]) -> str:
    return "    " + "  ".join(f"{part or '':<16}" for part in login).rstrip()


def answers(port: int) -> bool:
    name = next(iter(settings.ALLOWED_HOSTS), HOST).lstrip(".").replace("*", HOST)  # a name that Django listens to
    link = http.client.HTTPConnection(HOST, port, timeout=0.5)
    try:
        link.request("GET", "/healthz", headers={"Host": name})
        return link.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def _refuse_a_taken_port(name: str, port: int) -> None:
    deadline = time.monotonic() + PORT_PATIENCE
    while not _free(port):
        if time.monotonic() > deadline:
            raise CommandError(f"Port {port} is in use: stop what uses it, or choose another with {name}.")
        time.sleep(0.1)


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((HOST, port))
            return True
    return False
