"""A few pages ahead: while pages are hashed and stored, the next ones come, one after the other over one connection.

A page that fails is asked for again by this engine and by nobody below it: each try is a request that the run counts.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from django.db import connections

from providers.contracts import Page
from providers.errors import BrokenContract, Unavailable

LONGEST_PAUSE = 60.0
WINDOW = 8  # pages that may wait: a chunk is written without the provider standing idle, and memory stays small
STEP = 0.2
AT_ONCE = 0.01  # seconds: whoever answers faster is not who we wait for


@dataclass(frozen=True, slots=True)
class Pace:
    """How a run behaves. Tests have less patience."""

    tries: int = 4  # of one page
    pause: float = 2.0  # before the second try; twice that before the third
    batch: int = 2_000  # rows that are compared together, and after which the place is saved
    save_every: float = 5.0
    longest: float = 3 * 3600.0
    lease: float = 90.0
    most_pages: int = 50_000
    database_tries: int = 12  # while PostgreSQL restarts
    database_pause: float = 1.0


class OutOfTime(Exception):
    """The run's time is over: the next one goes on where it stopped."""


class Fetch(Protocol):
    def __call__(self, at: str, since: str) -> Page: ...


@dataclass(frozen=True, slots=True)
class Fetched:
    page: Page
    asked_at: float  # monotonic, before the request: what is known of the rows is not younger


class Fetcher:
    """Asks for pages in one thread of its own. Use it as a context, so that the thread and what it holds end."""

    def __init__(self, fetch: Fetch, pace: Pace, *, waiting: Callable[[], None], close: Callable[[], None]) -> None:
        self._fetch = fetch
        self._pace = pace
        self._waiting = waiting  # told now and then while a page is slow: the lease must not run out
        self._close = close
        self._ends = time.monotonic() + pace.longest
        self._stopped = threading.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pages")
        self.is_quick = False

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_args: object) -> None:
        self._stopped.set()
        self._pool.submit(self._let_go)
        self._pool.shutdown(wait=True)

    def _let_go(self) -> None:
        self._close()
        connections.close_all()  # those of this thread

    def one(self, at: str = "", since: str = "") -> Fetched:
        return self._wait_for(self._pool.submit(self._ask, at, since))

    def pages(self, at: str, since: str = "") -> Iterator[Fetched]:
        """From `at` to the last one, the next ones always under way."""
        ahead: queue.SimpleQueue[Fetched | None] = queue.SimpleQueue()
        room: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _place in range(WINDOW):
            room.put(None)
        enough = threading.Event()
        asking = self._pool.submit(self._run_ahead, at, since, ahead, room, enough)
        try:
            while (fetched := self._next_of(ahead, asking)) is not None:
                room.put(None)
                yield fetched
        finally:
            enough.set()
            room.put(None)  # wakes it where it waits for room

    def _run_ahead(
        self,
        at: str,
        since: str,
        ahead: queue.SimpleQueue[Fetched | None],
        room: queue.SimpleQueue[None],
        enough: threading.Event,
    ) -> None:
        while True:
            room.get()
            if enough.is_set():
                return
            fetched = self._ask(at, since)
            at = fetched.page.next
            ahead.put(fetched)
            if not at:
                ahead.put(None)
                return

    def _next_of(self, ahead: queue.SimpleQueue[Fetched | None], asking: Future[None]) -> Fetched | None:
        """None after the last page. Raises what the asking raised, once the pages before it are taken."""
        renewed_at = time.monotonic()
        while True:
            if time.monotonic() > self._ends:
                raise OutOfTime
            with suppress(queue.Empty):
                return ahead.get(timeout=STEP)
            if asking.done() and ahead.empty():
                asking.result()
                raise OutOfTime  # it was told to stop
            if time.monotonic() - renewed_at > self._pace.lease / 6:
                self._waiting()
                renewed_at = time.monotonic()

    def _wait_for(self, future: Future[Fetched]) -> Fetched:
        while True:
            if time.monotonic() > self._ends:
                raise OutOfTime
            if wait([future], timeout=self._pace.lease / 6).done:
                return future.result()
            self._waiting()

    def _ask(self, at: str, since: str) -> Fetched:
        for n in range(1, self._pace.tries + 1):
            asked_at = time.monotonic()
            try:
                page = self._fetch(at, since)
                self.is_quick = time.monotonic() - asked_at < AT_ONCE
                return Fetched(page, asked_at)
            except (Unavailable, BrokenContract) as error:
                if n == self._pace.tries or error.code == "budget_unknown":
                    raise
                pause = float(error.retry_after or self._pace.pause * 2 ** (n - 1))
            if self._stopped.wait(min(pause, LONGEST_PAUSE)):
                raise OutOfTime
        raise AssertionError("a page is tried at least once")
