"""The embedded Valkey, on a loopback port: Celery's and redis-py's URLs have no common form for a socket."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from config.embedded.leftovers import clear
from config.embedded.place import Place, make_folder
from config.launch import Process

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Broker:
    port: int
    password: str  # every user of the machine can reach a loopback port

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/0"


def remembered(path: Path) -> Broker:
    """The address of the last time while it is free, so that workers which outlived a crash find the broker again."""
    old: Broker | None = None
    with suppress(FileNotFoundError, ValueError, TypeError):
        old = Broker(**json.loads(path.read_text()))
    if old and _free(old.port):
        return old
    broker = Broker(_free_port(), secrets.token_urlsafe(24))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(broker), file)
    return broker


def process(place: Place, broker: Broker, log: Path, *, fast: bool) -> Process:
    folder = _folder(place)
    return Process(
        name="valkey",
        command=[str(place.valkey), "valkey.conf"],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        cwd=folder,
        account=place.account,
        log=log,
        death_signal=signal.SIGTERM,
        prepare=lambda: prepare(place, broker, fast=fast),
    )


def prepare(place: Place, broker: Broker, *, fast: bool) -> None:
    folder = make_folder(_folder(place), place.account)
    clear(folder, "valkey-server")
    settings = folder / "valkey.conf"  # a file, because everybody can read a command line
    settings.unlink(missing_ok=True)
    with os.fdopen(os.open(settings, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(
            f"loglevel warning\nbind {HOST}\nport {broker.port}\nrequirepass {broker.password}\n"
            f'appendonly {"no" if fast else "yes"}\nsave ""\nmaxmemory-policy noeviction\n'
        )
    if place.account:
        os.chown(settings, *place.account)


def ready(broker: Broker) -> bool:
    with suppress(OSError), socket.create_connection((HOST, broker.port), timeout=1) as link:
        link.sendall(f"AUTH {broker.password}\r\nPING\r\n".encode())
        answer = b""
        while chunk := link.recv(200):
            answer += chunk
            if answer.count(b"\r\n") >= 2:
                return answer == b"+OK\r\n+PONG\r\n"  # -LOADING while it reads its log
    return False


def _folder(place: Place) -> Path:
    return place.state / "valkey"


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
