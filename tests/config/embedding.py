"""Folders with servers of their own, what a command finds there, and what can befall them."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import environ
import psycopg
import pytest
import redis

from config.embedded.leftovers import servers_in
from config.embedded.locks import is_taken
from config.embedded.place import ROOT
from tests.scene import eventually

NOTHING_SET: dict[str, str] = {}
AM_ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not AM_ROOT, reason="only root becomes another user to run PostgreSQL")
# A whole command, as a person gives it: what it is told about the services, and whether they answer.
LOOK = """
import json, os, environ, psycopg, redis
at = environ.Env.db_url_config(os.environ["DATABASE_OWNER_URL"])
with psycopg.connect(host=at["HOST"], user=at["USER"], dbname=at["NAME"]) as link:
    link.execute("CREATE TABLE IF NOT EXISTS starts (id int)")
    link.execute("INSERT INTO starts VALUES (1)")
    names = ("fsync", "full_page_writes", "synchronous_commit")
    settings = {name: link.execute(f"SHOW {name}").fetchone()[0] for name in names}
    starts = link.execute("SELECT count(*) FROM starts").fetchone()[0]
broker = redis.Redis.from_url(os.environ["BROKER_URL"]).ping()
found = {"starts": starts, "settings": settings, "broker": broker, "uid": os.getuid(), "env": dict(os.environ)}
print(json.dumps(found))
"""


@contextmanager
def folder() -> Iterator[Path]:
    """Not pytest's own: that is closed to the account that root runs PostgreSQL as."""
    top = Path(tempfile.mkdtemp(prefix="wasl-test-", dir="/tmp"))
    top.chmod(0o755)
    try:
        yield top / "var"
    finally:
        eventually(lambda: not any(map(is_taken, top.rglob("keeper.lock"))))  # commands do not wait for what they used
        for pointer in top.rglob("elsewhere"):
            shutil.rmtree(pointer.readlink(), ignore_errors=True)
        shutil.rmtree(top)


def copy(var: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", str(var), str(target)], check=True)


def connect(env: dict[str, str], user: str = "wasl_owner") -> psycopg.Connection:
    place = environ.Env.db_url_config(env["DATABASE_URL"])
    return psycopg.connect(host=place["HOST"], user=user, dbname=place["NAME"], autocommit=True)


def python_for(account: pwd.struct_passwd, folder: Path) -> dict[str, str]:
    """The environment in which this account may start our interpreter: a copy in this folder, where ours is closed to it."""
    packages = Path(psycopg.__file__).parents[1]
    if not subprocess.run(["test", "-x", sys.executable], user=account.pw_uid, check=False).returncode:
        return {}
    library = Path(json.__file__).parents[1]
    copied = folder / "python"
    unneeded = shutil.ignore_patterns("site-packages", "test", "__pycache__", "config-*", "idlelib", "ensurepip")
    shutil.copytree(library, copied / "lib" / library.name, ignore=unneeded)
    (copied / "bin").mkdir()
    shutil.copy2(Path(sys.executable).resolve(), copied / "bin" / "python")
    for shared in Path(sys.base_prefix, "lib").glob("libpython*.so*"):
        shutil.copy2(shared, copied / "lib")
    paths = {"PYTHONPATH": f"{ROOT}:{packages}", "LD_LIBRARY_PATH": str(copied / "lib")}
    return {"PYTHON": str(copied / "bin" / "python"), "PYTHONHOME": str(copied)} | paths


def command(var: Path, *, account: pwd.struct_passwd | None = None, **env: str) -> dict[str, Any]:
    python = env.get("PYTHON", sys.executable)
    start = [python, "-m", "config.embedded", "--", python, "-c", LOOK]
    clean = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "WASL_VAR": str(var)} | env
    user, group = (account.pw_uid, account.pw_gid) if account else (None, None)
    done = subprocess.run(
        start, cwd="/", env=clean, user=user, group=group, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def keeper(var: Path) -> int:
    return int(json.loads((var / "keeper.lock").read_text())["pid"])


def kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # a server's child that went with its parent
            os.kill(pid, signal.SIGKILL)


def answers(env: dict[str, str]) -> bool:
    try:
        with connect(env) as link:
            return bool(link.execute("SELECT true").fetchone()) and bool(redis.Redis.from_url(env["BROKER_URL"]).ping())
    except (psycopg.OperationalError, redis.ConnectionError):
        return False


def servers(var: Path) -> set[int]:
    return servers_in(var / "postgres", "postgres") | servers_in(var / "valkey", "valkey-server")
