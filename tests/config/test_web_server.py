"""gunicorn as the site runs it: what it says of itself, and what of a request that is none."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.launch import Process, launch
from config.management.commands.up import processes
from tests.elsewhere import ROOT, database_url
from tests.scene import eventually

BANNERS = (b"gunicorn", b"python", b"django", b"server:", b"x-powered-by")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def say(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(request)
        link.shutdown(socket.SHUT_WR)
        parts = []
        while part := link.recv(65536):
            parts.append(part)
    return b"".join(parts)


@pytest.fixture(scope="module")
def port(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The command of `manage.py up`, and nothing else of it."""
    folder, number = tmp_path_factory.mktemp("web"), free_port()
    [web] = [process for process in processes(folder, number, None) if process.name == "web"]
    env = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    env |= {"PYTHONPATH": str(ROOT), "WEB_CONCURRENCY": "1"}
    command = [sys.executable, *list(web.command)[1:]]
    running = launch(Process("web", command, env=env, cwd=ROOT, log=Path(folder) / "log"))
    try:
        eventually(lambda: answers(number))
        yield number
    finally:
        running.terminate()
        running.wait(20)


def answers(port: int) -> bool:
    try:
        return say(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").startswith(
            b"HTTP/1.1 200"
        )
    except OSError:
        return False


def lines(*rows: str) -> bytes:
    return "\r\n".join((*rows, "Connection: close", "", "")).encode()


@pytest.mark.parametrize(
    "request_",
    [
        lines("GET /healthz HTTP/1.1", "Host: localhost"),
        lines("GET /accounts/login/ HTTP/1.1", "Host: localhost"),
        lines("GET /nothing HTTP/1.1", "Host: localhost"),
        lines("GET / HTTP/1.1", "Host: evil.example"),
        lines("TRACE / HTTP/1.1", "Host: localhost", "Cookie: canary"),
        lines("OPTIONS * HTTP/1.1", "Host: localhost"),
        lines("GET /.git/config HTTP/1.1", "Host: localhost"),
        b"nonsense\r\n\r\n",
        lines("GET / HTTP/1.1", "Host: localhost", "Content-Length: 3", "Transfer-Encoding: chunked"),
    ],
    ids=["alive", "sign-in", "nothing", "another host", "trace", "options", "git", "nonsense", "smuggled"],
)
def test_no_answer_names_the_programs_behind_it(port: int, request_: bytes) -> None:
    head, _, body = say(port, request_).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.")
    assert [banner for banner in BANNERS if banner in head.lower()] == []
    assert b"canary" not in body
    assert b"Traceback" not in body
