"""What both kinds of nights stand on: a twin as a process of its own, an account at it, a line of figures. Django is set up
before it is imported."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

from branches.services import add_branch
from providers.accounts import connect_account
from providers.models import Account, Environment
from providers.sandbox.box import all_twins
from providers.sandbox.remote import Remote

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def twin_of(slug: str) -> Iterator[tuple[Remote, str]]:
    """Its control, and the base URL of this provider."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "sandbox", "--port", str(port), "--scenario", "demo"]
    with Popen(command, stdout=PIPE, cwd=ROOT, text=True) as running:
        assert running.stdout is not None
        while "control" not in (said := running.stdout.readline()):
            if not said:
                raise SystemExit("the sandbox did not start")
        try:
            yield Remote(f"http://127.0.0.1:{port}"), f"http://127.0.0.1:{port}{all_twins()[slug].prefix}"
        finally:
            running.terminate()


def connected(slug: str, url: str) -> Account:
    names = dict.fromkeys(("ar", "fr", "en"), "Olaya")
    olaya, _ = add_branch(code="olaya", names=names, country="SA", timezone="Asia/Riyadh", currency="SAR")
    login, sandbox = dict(all_twins()[slug].login()), Environment.SANDBOX
    return connect_account(provider=slug, branch=olaya, base_url=url, environment=sandbox, values=login).account


def line(cells: Sequence[object]) -> str:
    return "  ".join(f"{cell:>11}" for cell in cells)
