"""The whole site for browser tests: a web server in a thread, and real Celery workers on the same database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from django.core.handlers.wsgi import WSGIHandler
from django.test.testcases import LiveServerThread

from config.launch import Process, launch
from providers.windows import Windows
from tests.elsewhere import ROOT, database_url

# The real rules in seconds. A worker that was killed loses its row after `lease`; a call that hangs is cut after `total`.
WINDOWS = Windows(
    connect=2,
    total=4,
    lease=5,
    send=3,
    send_before=60,
    settle=1,
    second_look=0.5,
    review=120,
    breaker_failures=1000,
    breaker_open=30,
)
SENDER, SETTLER = "send,look", "settle,default"


@contextmanager
def serving() -> Iterator[str]:
    """The site itself, static files included, as WhiteNoise serves them; its address."""
    thread = LiveServerThread("127.0.0.1", lambda _media: WSGIHandler())
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    try:
        yield f"http://127.0.0.1:{thread.port}"
    finally:
        thread.terminate()


def start_worker(queues: str, log: Path) -> subprocess.Popen[bytes]:
    """It dies with us, whatever happens."""
    env = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "WASL_TEST_WINDOWS": json.dumps(asdict(WINDOWS)),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "ignore:You're running the worker",
    }
    options = ["-P", "threads", "-c", "4", "-Q", queues, "-n", f"{log.stem}@%h", "--without-gossip", "--without-mingle"]
    command = [sys.executable, "-m", "celery", "-q", "-A", "config", "worker", "-l", "WARNING", *options]
    return launch(Process(log.stem, command, env=env, cwd=ROOT, log=log))


def kill(workers: Sequence[subprocess.Popen[bytes]]) -> None:
    """The way a power cut would. PostgreSQL is the queue: nothing that they held is lost."""
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.wait()
