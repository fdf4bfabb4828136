"""Keeps a set of processes alive, and stops them in order. No Django, so that the services' keeper can use it too."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import IO, cast

from config.launch import Process, launch

TURN = 0.2  # seconds between two looks at the processes
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0  # before a dead process is started again
SETTLED = 10.0  # one that lived this long is not in a crash loop
SAME_SIGNAL = 1.0  # two within this many seconds are one
COLOURS = (36, 33, 35, 32, 34, 31)


@dataclass
class Child:
    process: Process
    prefix: bytes
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.0
    due_at: float = 0.0
    unfinished: bytes = b""  # the start of a line whose end has not come yet


@dataclass
class Supervisor:
    processes: Sequence[Process]
    out: IO[bytes] = field(default_factory=lambda: sys.stdout.buffer)
    deaths: int = 0  # how often a process ended without being asked to
    told_to_stop: bool = False
    in_a_hurry: bool = False  # told a second time

    def __post_init__(self) -> None:
        self._told_at = 0.0
        self._selector = selectors.DefaultSelector()
        self._waker, self._wakes = socket.socketpair()
        for end in (self._waker, self._wakes):
            end.setblocking(False)
        self._selector.register(self._wakes, selectors.EVENT_READ)
        self._children = [Child(p, self._prefix(n)) for n, p in enumerate(self.processes)]

    def run(self, each_turn: Callable[[], None] = lambda: None) -> None:
        """Until SIGINT, SIGTERM or SIGHUP; a second one does not wait for anybody."""
        with self.listening():
            try:
                self.start()
                while not self.told_to_stop:
                    self.turn()
                    each_turn()
            finally:
                self.stop()

    @contextmanager
    def listening(self) -> Iterator[None]:
        before = {
            number: signal.signal(number, self._told) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        woke = signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)  # every signal ends a turn's wait
        try:
            yield
        finally:
            signal.set_wakeup_fd(woke)
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self) -> None:
        for child in sorted(self._children, key=lambda child: child.process.stage):
            self._start(child)

    def turn(self, seconds: float = TURN) -> None:
        """One look: pass on what they print, start again what died."""
        self._pass_on(seconds)
        for child in self._children:
            if child.running and child.running.poll() is not None:
                self._mourn(child)
            if not child.running and not self.told_to_stop and time.monotonic() >= child.due_at:
                self._start(child)

    def stop(self) -> None:
        self.told_to_stop = True
        for stage in sorted({child.process.stage for child in self._children}, reverse=True):
            self._stop([child for child in self._children if child.process.stage == stage and child.running])

    def say(self, text: str) -> None:
        self._write(text.encode())

    def pids(self) -> dict[str, int]:
        return {child.process.name: child.running.pid for child in self._children if child.running}

    def _told(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        # Ctrl-C through another program (make, timeout, docker) often arrives twice.
        self.in_a_hurry = self.told_to_stop and now - self._told_at > SAME_SIGNAL
        self._told_at = self._told_at if self.told_to_stop else now
        self.told_to_stop = True

    def _prefix(self, number: int) -> bytes:
        text = f"{self.processes[number].name:<{max(len(p.name) for p in self.processes)}} | "
        return (f"\x1b[{COLOURS[number % len(COLOURS)]}m{text}\x1b[0m" if self.out.isatty() else text).encode()

    def _start(self, child: Child) -> None:
        process = child.process
        if process.prepare:
            process.prepare()
        child.running = launch(process)
        child.started_at = time.monotonic()
        if child.running.stdout:
            os.set_blocking(child.running.stdout.fileno(), False)
            self._selector.register(child.running.stdout, selectors.EVENT_READ, child)

    def _mourn(self, child: Child) -> None:
        self.deaths += 1
        now = time.monotonic()
        quick = now - child.started_at < SETTLED
        child.pause = min(child.pause * 2 or FIRST_PAUSE, LONGEST_PAUSE) if quick else FIRST_PAUSE
        child.due_at = now + child.pause
        code = child.running.returncode if child.running else 0
        self.say(f"{child.process.name} ended ({_ending(code)}); starting it again in {child.pause:g} s")
        self._bury(child)

    def _stop(self, children: list[Child]) -> None:
        asked_at = time.monotonic()
        for child in children:
            if child.running and child.running.poll() is None:
                child.running.send_signal(child.process.stop_signal)
        while waiting := [child for child in children if child.running]:
            for child in waiting:
                if child.running and child.running.poll() is not None:
                    self._bury(child)
                elif self.in_a_hurry or time.monotonic() - asked_at > child.process.grace:
                    self.say(f"{child.process.name} does not stop; killing it")
                    self._bury(child)
            self._pass_on(TURN / 4)

    def _bury(self, child: Child) -> None:
        """Kill whatever is left of its group (a dead web master's workers would keep the port), and let go of it."""
        if not child.running:
            return
        with suppress(ProcessLookupError):
            os.killpg(child.running.pid, signal.SIGKILL)
        child.running.wait()
        if child.running.stdout:
            self._relay(child, child.running.stdout)
            self._forget(child.running.stdout)
        child.running = None

    def _pass_on(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, Child):
                self._relay(key.data, cast(IO[bytes], key.fileobj))
            else:
                self._wakes.recv(1000)

    def _relay(self, child: Child, pipe: IO[bytes]) -> None:
        data = pipe.read() if not pipe.closed else None
        *lines, child.unfinished = (child.unfinished + (data or b"")).split(b"\n")
        if data == b"":
            self._forget(pipe)
            lines, child.unfinished = [*lines, *filter(None, [child.unfinished])], b""
        for line in lines:
            self._write(child.prefix + line)

    def _forget(self, pipe: IO[bytes]) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(pipe)
        pipe.close()

    def _write(self, line: bytes) -> None:
        with suppress(OSError):  # whoever read our output may have gone; that stops nobody
            self.out.write(line + b"\n")
            self.out.flush()


def _ending(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit status {code}"
