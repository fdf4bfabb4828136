"""A command's hold on the services: they run while anybody holds them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from config.embedded import keys, locks
from config.embedded.place import ROOT, EmbeddedError

VARIABLES = {"postgres": "DATABASE_URL", "valkey": "BROKER_URL"}
BESIDE = {"postgres": "DATABASE_OWNER_URL"}  # not from a keeper that was started before there were two roles
HELD = "WASL_SERVICES"  # tells a command which lock it inherited, and for what
PATIENCE = 150.0


@dataclass
class Hold:
    var: Path
    wanted: list[str]  # services of ours; the others were given to us
    lock: int | None = None
    fast: bool = False
    env: dict[str, str] = field(default_factory=dict)

    def ensure(self) -> None:
        """Start the services, or find them running. Call it again to bring back a keeper that was killed."""
        if self.lock is not None:
            self.env |= _addresses(self.var, self.wanted, fast=self.fast)

    def leave(self) -> None:
        """Let go. The last one out waits until the services have stopped."""
        if self.lock is None:
            return
        if locks.take(self.lock):
            _stop_keeper(self.var)
        else:  # at once when others stay, and when the keeper is already stopping, after that
            locks.share(self.lock)
        os.close(self.lock)
        self.lock = None

    def hand_over(self) -> dict[str, str]:
        """What a program that replaces this one needs in its environment to have the hold."""
        if self.lock is None:
            return self.env
        os.set_inheritable(self.lock, True)
        return self.env | {HELD: " ".join([str(self.lock), *self.wanted])}

    @classmethod
    def inherited(cls, var: Path) -> Hold:
        """The hold that the program we replaced handed over, if any; our own children do not get it."""
        if HELD not in os.environ:
            return cls(var, [])
        lock, *wanted = os.environ.pop(HELD).split()
        os.set_inheritable(int(lock), False)
        return cls(var, wanted, int(lock))


@contextmanager
def running(var: Path, *, fast: bool = False, environ: Mapping[str, str] = os.environ) -> Iterator[dict[str, str]]:
    hold = enter(var, fast=fast, environ=environ)
    try:
        yield hold.env
    finally:
        hold.leave()


def enter(var: Path, *, fast: bool = False, environ: Mapping[str, str] = os.environ) -> Hold:
    hold = _prepare(var, environ, fast=fast)
    if hold.lock is not None:
        locks.share(hold.lock)
    return _settled(hold)


def enter_for_tests(var: Path, *, environ: Mapping[str, str] = os.environ) -> Hold:
    """The first folder that nobody uses: two runs of the tests at once would drop each other's database."""
    for number in count():
        hold = _prepare(var / str(number), environ, fast=True)
        if hold.lock is None or locks.take(hold.lock):
            return _settled(hold)
        os.close(hold.lock)
    raise AssertionError


def _settled(hold: Hold) -> Hold:
    try:
        hold.ensure()
    except BaseException:
        hold.leave()
        raise
    return hold


def _prepare(var: Path, environ: Mapping[str, str], *, fast: bool) -> Hold:
    try:
        if not var.exists():
            var.mkdir(parents=True)
            var.chmod(0o755)  # whatever the umask: the servers may run as another user; what is secret has its own mode
        (var / "log").mkdir(exist_ok=True)
        env = {"DJANGO_ENV": environ.get("DJANGO_ENV") or "demo", "WASL_VAR": str(var)}
        if env["DJANGO_ENV"] == "demo":
            env |= {name: environ.get(name) or value for name, value in keys.read_or_make(var / "secrets.env").items()}
        env |= {name: environ[name] for name in VARIABLES.values() if environ.get(name)}
        wanted = [service for service, name in VARIABLES.items() if name not in env]
        return Hold(var, wanted, locks.open_lock(var / "users.lock") if wanted else None, fast, env)
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename} is closed to us: run as the user it belongs to, or set WASL_VAR to another folder."
        ) from error


def _addresses(var: Path, wanted: list[str], *, fast: bool) -> dict[str, str]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        lock = locks.open_lock(var / "keeper.lock")
        try:
            text = (
                _start_keeper(var, wanted, lock, fast=fast) if locks.take(lock) else os.pread(lock, 10_000, 0).decode()
            )
        finally:
            os.close(lock)
        if text:
            return _chosen(json.loads(text), wanted)
        time.sleep(0.02)  # another command is starting them
    raise EmbeddedError(f"the database and the broker do not start; see {var / 'log'}.")


def _chosen(found: dict[str, str], wanted: list[str]) -> dict[str, str]:
    if "error" in found:
        raise EmbeddedError(found["error"])
    if missing := [VARIABLES[name] for name in wanted if VARIABLES[name] not in found]:
        raise EmbeddedError(
            f"the running services were started with {missing[0]} set: set it here too, or stop them first."
        )
    names = [VARIABLES[name] for name in wanted] + [BESIDE[name] for name in wanted if name in BESIDE]
    return {name: found[name] for name in names if name in found}


def _start_keeper(var: Path, wanted: list[str], lock: int, *, fast: bool) -> str:
    os.ftruncate(lock, 0)
    with (var / "log/keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "config.embedded.keeper",
                str(var),
                str(lock),
                "fast" if fast else "durable",
                *wanted,
            ],
            cwd="/",
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=[lock],  # it inherits the lock, and nobody can slip in between
            start_new_session=True,  # Ctrl-C is for the command; the services stop last
        )
    assert keeper.stdout
    with keeper.stdout:
        answer = keeper.stdout.readline().decode()
    keeper.returncode = 0  # it may outlive us: that nobody waits here is no mistake
    return answer or json.dumps({"error": f"the keeper of the services ended; see {var / 'log/keeper.log'}."})


def _stop_keeper(var: Path) -> None:
    path = var / "keeper.lock"
    deadline = time.monotonic() + PATIENCE
    with suppress(ValueError, OSError):  # no address in it: the keeper is already going
        keeper = json.loads(path.read_text())["pid"]
        if locks.is_taken(path):
            os.kill(keeper, signal.SIGTERM)
            while locks.is_taken(path) and time.monotonic() < deadline:
                time.sleep(0.02)
            os.waitpid(keeper, 0)  # ours, when it was this very process that started it
