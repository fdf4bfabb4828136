"""Real Celery workers, as the site runs them, on the database of the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from django.conf import settings

from tests.elsewhere import ROOT, database_url


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
