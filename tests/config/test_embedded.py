"""The starter of the embedded services: it starts, shares and stops them, and nothing that is killed loses anything."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded import enter, running
from config.embedded.locks import is_taken
from config.embedded.place import ROOT
from tests.config.embedding import (
    AM_ROOT,
    NOTHING_SET,
    answers,
    command,
    connect,
    copy,
    keeper,
    kill,
    python_for,
    servers,
)
from tests.scene import eventually


@pytest.mark.parametrize("who", ["me", *(["nobody"] if AM_ROOT else [])])  # only root becomes another user
def test_a_first_and_a_second_start_find_the_same_data_and_secrets(empty: Path, who: str) -> None:
    account = None if who == "me" else pwd.getpwnam(who)
    env: dict[str, str] = {}
    if account:
        env = python_for(account, empty.parent)
        os.chown(empty.parent, account.pw_uid, account.pw_gid)
    first, second = command(empty, account=account, **env), command(empty, account=account, **env)
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
