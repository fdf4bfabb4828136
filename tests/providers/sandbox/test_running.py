"""Starting, stopping, and being down."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox, running_sandbox
from providers.sandbox.server import PortTaken
from tests.providers.sandbox.wire import Alreaaiaa, ask

COMMAND = """
import sys
from django.conf import settings
settings.configure()
from providers.management.commands.sandbox import Command
Command().run_from_argv(["manage.py", "sandbox", *sys.argv[1:]])
"""


@contextmanager
def command(*arguments: str, port: int = 0) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        env=os.environ | {"SANDBOX_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def line_of(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_asked_to_stop(number: int, tmp_path: Path) -> None:
    with command("--scenario", "seed", "--state", str(tmp_path / "state")) as running:
        url = line_of(running).removeprefix("alreaaiaa: ")
        assert Alreaaiaa(url).log_in().find().status == 200
        assert any("/__control__/" in line_of(running) for _ in all_twins())
        running.send_signal(number)
        _, errors = running.communicate(timeout=5)
        assert (running.returncode, errors) == (0, "")


def test_an_effect_survives_a_sandbox_that_is_killed(tmp_path: Path) -> None:
    arguments = ("--state", str(tmp_path / "state"))
    with command(*arguments) as running:
        Alreaaiaa(line_of(running).removeprefix("alreaaiaa: ")).log_in().use()
        running.kill()
    with command(*arguments) as running:
        assert Alreaaiaa(line_of(running).removeprefix("alreaaiaa: ")).log_in().status_of() == "used"


def test_the_command_says_when_its_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, command(port=other.getsockname()[1]) as running:
        _, errors = running.communicate(timeout=10)
        assert running.returncode == 1
        assert f"port {other.getsockname()[1]} cannot be used: Address already in use" in errors


def test_a_taken_port_is_an_error_for_tests_too() -> None:
    with running_sandbox() as box, pytest.raises(PortTaken), running_sandbox(port=int(box.origin.rpartition(":")[2])):
        pass


def test_it_listens_on_loopback_only(box: RunningSandbox) -> None:
    assert box.origin.startswith("http://127.0.0.1:")
    assert box.base_url("alreaaiaa").startswith("http://127.0.0.1:")


def test_a_provider_that_is_down_refuses_connections_until_it_is_up_again(
    box: RunningSandbox, center: Alreaaiaa
) -> None:
    box.control.down("alreaaiaa")
    assert box.control.overview()["providers"]["alreaaiaa"]["down"] is True
    with pytest.raises(ConnectionRefusedError):
        center.find()
    assert ask(box.shared_url("alreaaiaa") + "/getAuthToken").ending == "reset"
    box.control.down("alreaaiaa", False)
    assert center.find().status == 200


def test_nobody_lives_at_other_addresses(box: RunningSandbox) -> None:
    assert ask(f"{box.origin}/nobody/api/v1/x").status == 404


def test_many_requests_share_a_connection(box: RunningSandbox, center: Alreaaiaa) -> None:
    text = (
        "POST /alreaaiaa/api/v1/findClientCenterVouchers HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {center.headers['Authorization']}\r\nContent-Length: 0\r\n\r\n"
    )
    host, port = box.origin.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        for _ in range(3):
            connection.sendall(text.encode())
            assert connection.recv(65536).startswith(b"HTTP/1.1 422 ")


def test_a_stopped_sandbox_ends_the_connections_it_had() -> None:
    with running_sandbox() as box:
        host, port = box.origin.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), timeout=5)
        connection.sendall(b"GET /__control__/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert connection.recv(1) == b""
    connection.close()
