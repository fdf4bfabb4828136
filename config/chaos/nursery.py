"""Forks the site's real processes from one that has everything imported: a kill then costs tenths of a second, not two.

Orders and news are lines of JSON on standard input and output. A child that dies is replaced at once, until told to stop.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import runpy
import selectors
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NoReturn

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
PAUSE = 0.1  # before a child that did not live for a second is replaced
HEAVY = (  # imported here, so that no child has to
    *("celery.bin.celery", "celery.concurrency.thread", "celery.worker.worker", "kombu.transport.redis"),
    *("gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "config.wsgi"),
)
Order = dict[str, Any]


@dataclass
class Child:
    order: Order
    born: float
    due: float = 0.0


class Nursery:
    def __init__(self) -> None:
        self.children: dict[int, Child] = {}
        self.waiting: list[Child] = []
        self.orders = b""

    def run(self) -> None:
        here, there = os.pipe()
        for end in (here, there, sys.stdin.fileno()):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.set_wakeup_fd(there, warn_on_full_buffer=False)
        selector = selectors.DefaultSelector()
        for end in (here, sys.stdin.fileno()):
            selector.register(end, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select(PAUSE if self.waiting else None):
                content = os.read(key.fd, 65536)
                if key.fd == sys.stdin.fileno():
                    self._obey(content)
            self._reap()
            self._replace()

    def _obey(self, content: bytes) -> None:
        if not content:  # the run is over, or was killed
            self._stop()
            sys.exit()
        *lines, self.orders = (self.orders + content).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if order["do"] == "stop":
                self._stop()
                say(stopped=True)
            else:
                self._bear(order)

    def _stop(self) -> None:
        self.waiting.clear()
        for pid in self.children:
            _kill_group(pid)
        while self.children:
            with suppress(ChildProcessError):
                self.children.pop(os.waitpid(-1, 0)[0], None)
                continue
            self.children.clear()

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                child = self.children.pop(ended[0], None)
                if child is None:
                    continue
                _kill_group(ended[0])  # a dead web master's workers would keep the port
                say(died=child.order["name"], status=os.waitstatus_to_exitcode(ended[1]))
                now = time.monotonic()
                child.due = now + (PAUSE if now - child.born < 1 else 0)
                self.waiting.append(child)

    def _replace(self) -> None:
        now = time.monotonic()
        for child in [child for child in self.waiting if child.due <= now]:
            self.waiting.remove(child)
            self._bear(child.order)

    def _bear(self, order: Order) -> None:
        pid = os.fork()
        if pid == 0:
            _live(order)
        self.children[pid] = Child(order, time.monotonic())
        say(born=order["name"], pid=pid)


def say(**news: object) -> None:
    sys.stdout.write(json.dumps(news) + "\n")
    sys.stdout.flush()


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _live(order: Order) -> NoReturn:
    """In the child: become what was ordered, and never come back."""
    try:
        os.setsid()
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for end, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(end, target)
        os.environ.update(order["env"])
        _prepare(order)
        sys.argv = order["argv"]
        runpy.run_module(order["argv"][0], run_name="__main__", alter_sys=True)
    except SystemExit:
        pass
    except BaseException:  # it goes to the log; the nursery sees the exit
        traceback.print_exc()
    os._exit(0)


def _prepare(order: Order) -> None:
    from django.conf import settings

    from config.chaos import mutants, probes
    from config.chaos.windows import loaded
    from providers.operations import settle
    from providers.specs import SPECS

    settler: Any = settle
    settings.DATABASES["default"]["NAME"] = order["database"]
    settings.WINDOWS = loaded(order["windows"])
    settler.LOOK_AGAIN = tuple(seconds / 10 for seconds in settler.LOOK_AGAIN)  # as everything else
    for (
        slug,
        spec,
    ) in SPECS.items():  # a minute's requests of a provider that counts them are gone in a run's first seconds
        SPECS[slug] = replace(spec, per_second=0, per_minute=0)
    probes.install(order["probes"])
    mutants.switch_on(order["mutant"])


def main() -> None:
    import django

    django.setup()
    for name in HEAVY:
        importlib.import_module(name)
    from django.urls import get_resolver

    from config.celery import app

    app.loader.import_default_modules()
    _ = get_resolver().url_patterns
    Nursery().run()


if __name__ == "__main__":
    main()
