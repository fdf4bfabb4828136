"""The one process that owns the servers: `python -m config.embedded.keeper VAR LOCK fast|durable NAME…`.

It answers on standard output with one line of JSON: the addresses, or what went wrong.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.embedded import locks, postgres, valkey
from config.embedded.place import EmbeddedError, Place, choose
from config.launch import Process
from config.supervisor import Supervisor

PATIENCE = 120.0  # replaying the log after a hard crash takes its time


@dataclass(frozen=True)
class Service:
    urls: dict[str, str]  # variable: address
    process: Process
    ready: Callable[[], bool]


def main(var: Path, lock: int, names: list[str], *, fast: bool) -> int:
    try:
        place = choose(var)
        services = [SERVICES[name](place, var, fast) for name in names]
        supervisor = Supervisor([service.process for service in services], out=sys.stderr.buffer)
        with supervisor.listening():
            try:
                supervisor.start()
                _wait(supervisor, services, var)
                _answer(lock, {name: url for service in services for name, url in service.urls.items()})
                _keep(supervisor, var)
                os.ftruncate(lock, 0)  # whoever comes now waits until we are gone
            finally:
                supervisor.stop()
    except (EmbeddedError, OSError) as error:
        _print({"error": str(error)})
        return 1
    return 0


def _postgres(place: Place, var: Path, fast: bool) -> Service:
    process = postgres.process(place, var / "log/postgres.log", fast=fast)
    urls = {"DATABASE_URL": postgres.url(place), "DATABASE_OWNER_URL": postgres.owner_url(place)}
    return Service(urls, process, lambda: postgres.ready(place))


def _valkey(place: Place, var: Path, fast: bool) -> Service:
    broker = valkey.remembered(var / "broker.json")
    process = valkey.process(place, broker, var / "log/valkey.log", fast=fast)
    return Service({"BROKER_URL": broker.url}, process, lambda: valkey.ready(broker))


SERVICES = {"postgres": _postgres, "valkey": _valkey}


def _wait(supervisor: Supervisor, services: list[Service], var: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not all(service.ready() for service in services):
        if supervisor.deaths or supervisor.told_to_stop or time.monotonic() > deadline:
            raise EmbeddedError(f"the database or the broker does not start; see {var / 'log'}.")
        supervisor.turn(0.02)


def _answer(lock: int, addresses: dict[str, str]) -> None:
    """Into the lock's own file for those who come later, and to the one who started us."""
    found: dict[str, str | int] = {**addresses, "pid": os.getpid()}
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps(found).encode(), 0)
    _print(found)


def _print(answer: dict[str, str | int]) -> None:
    with suppress(BrokenPipeError):  # the one who started us may be dead already; others may be waiting
        os.write(sys.stdout.fileno(), json.dumps(answer).encode() + b"\n")


def _keep(supervisor: Supervisor, var: Path) -> None:
    users = locks.open_lock(var / "users.lock")
    while not supervisor.told_to_stop and not locks.take(users):
        supervisor.turn()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[4:], fast=sys.argv[3] == "fast"))
