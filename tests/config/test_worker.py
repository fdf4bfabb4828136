"""What a worker loads, and what it does not."""

from __future__ import annotations

import subprocess
import sys

STARTED = """
import sys
from celery.fixups.django import DjangoWorkerFixup
from config.celery import app
DjangoWorkerFixup(app).validate_models()
print(sorted({"config.urls", "desk.views", "django.contrib.admin.sites", "providers.sync"} & set(sys.modules)))
"""


def test_a_worker_does_not_load_the_pages_that_it_never_shows() -> None:
    done = subprocess.run([sys.executable, "-P", "-c", STARTED], capture_output=True, text=True, check=True)
    assert "providers.sync" in done.stdout
    assert "config.urls" not in done.stdout
    assert "desk.views" not in done.stdout
