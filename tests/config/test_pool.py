"""Connections to the database are bounded by threads, and fit the embedded server."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.management.commands.up import processes
from config.pool import MAX_CONNECTIONS, SCAN_THREADS, most_connections

SPARE = 20  # for superusers (3), a person at psql, a backup, a migration beside the running site


def test_what_up_starts_is_what_is_counted() -> None:
    commands = {process.name: list(process.command) for process in processes(Path("/var/wasl"), 8000, None)}
    web = commands["web"]
    assert int(web[web.index("-w") + 1]) * (int(web[web.index("--threads") + 1]) + 1) == most_connections()["web"]
    for name in ("sender", "settler"):
        threads = int(commands[name][commands[name].index("-c") + 1])
        assert threads + SCAN_THREADS + 2 == most_connections()[name]
    mirror = commands["mirror"]
    assert 2 * int(mirror[mirror.index("-c") + 1]) + SCAN_THREADS + 2 == most_connections()["mirror"]
    assert set(commands) == set(most_connections())


def test_they_fit_the_embedded_server_with_room_to_spare() -> None:
    assert sum(most_connections().values()) + SPARE <= MAX_CONNECTIONS


def test_no_process_of_the_site_is_told_who_owns_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://wasl_owner:@/x/wasl")
    for process in processes(Path("/var/wasl"), 8000, 8900):
        assert process.env is not None
        assert "DATABASE_OWNER_URL" not in process.env
