"""Real Celery workers, as the site runs them, on the database of the tests."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import redis
from django.conf import settings

from config.embedded.place import choose, var_folder
from tests.elsewhere import ROOT, database_url
from tests.scene import eventually


@contextmanager
def worker(queues: str = "send,settle,look", **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """Killed at the end of the block, unless it died before."""
    command = [sys.executable, "-m", "celery", "-q", "-A", "config", "worker", "-P", "threads", "-c", "4"]
    own = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database_url(),
        "WASL_TEST_WINDOWS": json.dumps(asdict(settings.WINDOWS)),
        "PYTHONPATH": str(ROOT),
    }
    running = subprocess.Popen([*command, "-l", "ERROR", "-Q", queues], env=os.environ | own | env, cwd=ROOT)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@contextmanager
def own_broker(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Valkey that may be killed: where it listens, and its process."""
    program = choose(var_folder(os.environ)).valkey
    port = closed_port()
    command = [str(program), "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    with subprocess.Popen([*command, "--loglevel", "warning"]) as server:
        url = f"redis://127.0.0.1:{port}/0"
        eventually(lambda: valkey_answers(url))
        try:
            yield url, server
        finally:
            server.kill()


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def valkey_answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url).ping())
    except redis.ConnectionError:
        return False
