"""The supervisor, over real processes."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.embedded.place import ROOT
from config.launch import Process
from config.supervisor import Supervisor

STAYS = ("sleep", "60")
# Supervises a child that ignores SIGTERM, and tells its process id.
STUBBORN = """
import sys
from config.launch import Process
from config.supervisor import Supervisor
child = Process("stubborn", ["sh", "-c", "trap '' TERM; echo $$; while :; do sleep 1; done"], grace=60)
Supervisor([child]).run()
"""


def says(text: str, on_stop: str = "exit") -> tuple[str, ...]:
    return ("sh", "-c", f"trap '{on_stop}' TERM; echo {text}; while :; do sleep 0.02; done")


def until(supervisor: Supervisor, true: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true in time"
        supervisor.turn(0.02)


@contextmanager
def supervising(*processes: Process) -> Iterator[tuple[Supervisor, io.BytesIO]]:
    out = io.BytesIO()
    supervisor = Supervisor(processes, out)
    supervisor.start()
    try:
        yield supervisor, out
    finally:
        supervisor.stop()


@contextmanager
def stubborn() -> Iterator[tuple[subprocess.Popen[str], int]]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", STUBBORN], env=env, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        yield supervisor, int(supervisor.stdout.readline().split()[-1])
        supervisor.kill()


def is_gone(pid: int, seconds: float = 3.0) -> bool:
    deadline = time.monotonic() + seconds
    while Path(f"/proc/{pid}/stat").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_killed_child_is_started_again_within_two_seconds() -> None:
    with supervising(Process("worker", STAYS), Process("web", STAYS)) as (supervisor, out):
        before = supervisor.pids()
        os.kill(before["worker"], signal.SIGKILL)
        until(supervisor, lambda: supervisor.pids().get("worker", before["worker"]) != before["worker"], seconds=2)
        assert supervisor.pids()["web"] == before["web"]
        assert b"worker ended (killed by signal 9); starting it again in 0.5 s" in out.getvalue()


def test_what_a_killed_child_started_goes_with_it() -> None:
    with supervising(Process("web", ("sh", "-c", "sleep 60 & echo $!; wait"))) as (supervisor, out):
        until(supervisor, lambda: b"\n" in out.getvalue())
        os.kill(supervisor.pids()["web"], signal.SIGKILL)
        until(supervisor, lambda: supervisor.deaths == 1)
        assert is_gone(int(out.getvalue().split()[2]))


def test_a_child_that_dies_at_once_is_started_ever_more_slowly() -> None:
    with supervising(Process("broken", ("false",))) as (supervisor, out):
        until(supervisor, lambda: supervisor.deaths == 2)
        assert b"again in 0.5 s" in out.getvalue()
        assert b"again in 1 s" in out.getvalue()


def test_the_stages_stop_from_the_highest_to_the_lowest(tmp_path: Path) -> None:
    order = tmp_path / "order"
    names = ("sandbox", "worker", "beat", "web")
    children = [
        Process(name, says("up", f"sleep 0.1; echo {name} >>{order}; exit"), stage) for stage, name in enumerate(names)
    ]
    with supervising(*children) as (supervisor, out):
        until(supervisor, lambda: out.getvalue().count(b"up") == len(names))
    assert order.read_text().split() == ["web", "beat", "worker", "sandbox"]


def test_a_child_that_ignores_the_signal_to_stop_is_killed() -> None:
    with supervising(Process("stubborn", says("up", ""), grace=0.3)) as (supervisor, out):
        until(supervisor, lambda: b"up" in out.getvalue())
        pid = supervisor.pids()["stubborn"]
        asked_at = time.monotonic()
        supervisor.stop()
        assert 0.3 <= time.monotonic() - asked_at < 2
        assert is_gone(pid)
        assert b"stubborn does not stop; killing it" in out.getvalue()


def test_every_line_has_its_name_and_colours_are_for_a_terminal() -> None:
    with supervising(Process("web", says("one; echo two; printf three")), Process("longer", says("four"))) as (
        supervisor,
        out,
    ):
        until(supervisor, lambda: b"two" in out.getvalue() and b"four" in out.getvalue())
    assert {b"web    | one", b"web    | two", b"web    | three", b"longer | four"} <= set(out.getvalue().splitlines())

    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    supervisor = Supervisor([Process("web", ("echo", "one"))], terminal)
    supervisor.start()
    until(supervisor, lambda: b"one" in terminal.getvalue())
    supervisor.stop()
    assert b"\x1b[36mweb | \x1b[0mone\n" in terminal.getvalue()


def test_children_die_with_a_supervisor_that_is_killed() -> None:
    with stubborn() as (supervisor, child):
        supervisor.kill()
        assert is_gone(child)


def test_a_second_signal_waits_for_nobody() -> None:
    with stubborn() as (supervisor, child):
        supervisor.terminate()
        supervisor.send_signal(signal.SIGINT)  # as good as the same one: Ctrl-C through another program arrives twice
        with pytest.raises(subprocess.TimeoutExpired):
            supervisor.wait(1.2)
        supervisor.send_signal(signal.SIGINT)
        assert supervisor.wait(3) == 0
        assert is_gone(child)
