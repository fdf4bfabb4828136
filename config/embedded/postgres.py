"""The embedded PostgreSQL: its cluster, its command line, its signs of life."""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path

from config.embedded.leftovers import clear
from config.embedded.place import EmbeddedError, Place, make_folder
from config.launch import Process
from config.pool import MAX_CONNECTIONS

PORT = 5432  # only the socket's name: the URL form that works has no room for another (see url)
BARE = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "TZ": "UTC",
}  # no PG* variable of the person at the terminal gets through
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": str(MAX_CONNECTIONS),
    "log_checkpoints": "off",
}
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
# No role of the site is a superuser here either: what works in the demo then works on a server that others look after.
# `app` (web, workers, beat) owns nothing; `wasl_owner` migrates, backs up and restores (config/rights.py).
FIRST_COMMANDS = "CREATE ROLE app LOGIN\nCREATE ROLE wasl_owner LOGIN CREATEDB\nCREATE DATABASE wasl OWNER wasl_owner\n"
# A cluster of the time when one role did everything. A line is a command here; said twice, nothing more happens.
SPLIT_COMMANDS = (
    "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wasl_owner') "
    "THEN CREATE ROLE wasl_owner LOGIN CREATEDB; END IF; END $$\n"
    "REASSIGN OWNED BY app TO wasl_owner\n"
    "ALTER ROLE app NOCREATEDB\n"
)
SPLIT = "wasl.roles"  # a file in the cluster, so that it goes where the cluster goes: the roles are apart


def process(place: Place, log: Path, *, fast: bool) -> Process:
    settings = SETTINGS | {"unix_socket_directories": str(place.sockets)} | (FAST if fast else {})
    return Process(
        name="postgres",
        command=[
            str(place.postgres / "postgres"),
            "-D",
            str(_data(place)),
            *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
        ],
        env=BARE,
        cwd=Path("/"),  # our own working directory may be closed to the account
        account=place.account,
        log=log,
        stop_signal=signal.SIGINT,  # fast shutdown; SIGTERM would wait for every client
        death_signal=signal.SIGINT,
        grace=30.0,
        prepare=lambda: prepare(place, fast=fast),
    )


def url(place: Place) -> str:
    """django-environ decodes no %2F in a host, so the socket's folder is the first part of the path."""
    return f"postgres://app:@/{place.sockets}/wasl"


def owner_url(place: Place) -> str:
    return f"postgres://wasl_owner:@/{place.sockets}/wasl"


def ready(place: Place) -> bool:
    try:
        lines = (_data(place) / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def prepare(place: Place, *, fast: bool) -> None:
    """An existing cluster, no server in it, and no lock file: after a crash its process id may be another program's."""
    clear(_data(place), "postgres")
    (_data(place) / "postmaster.pid").unlink(missing_ok=True)
    make_folder(place.sockets, place.account)
    for stale in place.sockets.glob(f".s.PGSQL.{PORT}*"):
        stale.unlink()
    if not _data(place).exists():
        _make_cluster(place, fast=fast)
    elif not (_data(place) / SPLIT).exists():
        _run(place, ["postgres", "--single", "-D", str(_data(place)), "wasl"], SPLIT_COMMANDS)
        (_data(place) / SPLIT).touch()


def _data(place: Place) -> Path:
    return place.state / "postgres"


def _make_cluster(place: Place, *, fast: bool) -> None:
    """Under another name until it is complete, so that a start cut short leaves nothing half made."""
    unfinished = place.state / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    make_folder(unfinished, place.account)
    # This build has no ICU; C.UTF-8 still tells Arabic letters from signs, which trigram search needs.
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
    access = ["--username=postgres", "--auth-local=trust", "--auth-host=reject"]  # the socket's folder is the guard
    _run(place, ["initdb", "-D", str(unfinished), *locale, *access, *(["--no-sync"] if fast else [])])
    _run(place, ["postgres", "--single", "-D", str(unfinished), "postgres"], FIRST_COMMANDS)
    (unfinished / SPLIT).touch()
    unfinished.rename(_data(place))


def _run(place: Place, command: list[str], text: str = "") -> None:
    user, group = place.account or (None, None)
    done = subprocess.run(
        [str(place.postgres / command[0]), *command[1:]],
        input=text,
        capture_output=True,
        text=True,
        env=BARE,
        cwd="/",
        user=user,
        group=group,
        extra_groups=None if user is None else [],
        check=False,
    )
    if done.returncode or "ERROR:" in done.stderr:
        raise EmbeddedError(f"PostgreSQL's {command[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
