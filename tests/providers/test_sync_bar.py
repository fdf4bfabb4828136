"""The bar of `manage.py sync`: on a terminal and nowhere else, and never between the lines that a program reads."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading

import pytest

from branches.models import Branch
from providers.accounts import connect_account
from providers.models import Environment
from providers.sandbox.running import RunningSandbox
from tests.terminal import ROOT, in_a_process, surroundings

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = ("sync", "rekaz", "--resource", "customers", "--json")
ERASED = "\r\x1b[K"


@pytest.fixture(autouse=True)
def rekaz(olaya: Branch, twin: RunningSandbox) -> None:
    connect_account(
        provider="rekaz",
        branch=olaya,
        base_url=twin.base_url("rekaz"),
        environment=Environment.SANDBOX,
        values=dict(twin.box.twins["rekaz"].login()),
    )


def at_a_terminal(*words: str) -> tuple[str, str]:
    """What stands on standard output, and what the terminal was told."""
    ours, theirs = pty.openpty()
    told: list[bytes] = []
    reader = threading.Thread(target=_listen, args=(ours, told), daemon=True)
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    with subprocess.Popen(command, env=surroundings(), stdout=subprocess.PIPE, stderr=theirs, text=True) as process:
        os.close(theirs)
        reader.start()
        out, _ = process.communicate(timeout=120)
    reader.join(timeout=10)
    os.close(ours)
    assert process.returncode == 0, told
    return out, b"".join(told).decode()


def _listen(terminal: int, told: list[bytes]) -> None:
    while True:
        try:
            told.append(os.read(terminal, 4096))
        except OSError:  # the last one at the other end has gone
            return


def test_at_a_terminal_a_bar_grows_and_is_wiped_away_before_the_line() -> None:
    out, told = at_a_terminal(*WORDS)
    line = json.loads(out)
    assert line["status"] == "green" and line["read"] > 0
    assert "\rrekaz customers " in told and f"/{line['reported']}, " in told
    assert told.rstrip().endswith(ERASED.rstrip())
    assert not any(mark in out for mark in ("\r", "\x1b", "█", "░"))


def test_without_a_terminal_not_one_control_character_is_written() -> None:
    shown = in_a_process(*WORDS)
    assert shown.returncode == 0 and json.loads(shown.stdout)["status"] == "green"
    for text in (shown.stdout, shown.stderr):
        assert not any(ord(char) < 32 and char != "\n" for char in text) and "█" not in text and "░" not in text
