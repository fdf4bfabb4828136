"""A few pages ahead: while pages are hashed and stored, the next ones come, one after the other over one connection.

A page that fails is asked for again by this engine and by nobody below it: each try is a request that the run counts.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from django.db import connections

from providers.contracts import Page
from providers.errors import BrokenContract, Unavailable
from providers.sync.rows import raw_hashes

LONGEST_PAUSE = 60.0
WINDOW = 8  # pages that may wait: a chunk is written without the provider standing idle, and memory stays small
TOGETHER = 4  # pages that are handed over at once by who answers at once: to wake a thread costs as much as to read one
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
    hashes: Sequence[bytes]  # of its rows, made where they came in and still are in the processor's cache
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
        """From `at` to the last one, the next ones always under way. Raises what the asking raised, once the pages before it
        are taken."""
        ahead: queue.SimpleQueue[list[Fetched]] = queue.SimpleQueue()
        room: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _place in range(WINDOW):
            room.put(None)
        enough = threading.Event()
        asking = self._pool.submit(self._run_ahead, at, since, ahead, room, enough)
        try:
            while some := self._next_of(ahead):
                for _page in some:
                    room.put(None)
                yield from some
            asking.result()
        finally:
            enough.set()
            room.put(None)  # wakes it where it waits for room

    def _run_ahead(
        self,
        at: str,
        since: str,
        ahead: queue.SimpleQueue[list[Fetched]],
        room: queue.SimpleQueue[None],
        enough: threading.Event,
    ) -> None:
        """Ends with nothing, whatever ended it."""
        some: list[Fetched] = []
        try:
            while True:
                room.get()
                if enough.is_set():
                    return
                some.append(self._ask(at, since))
                at = some[-1].page.next
                if not at:
                    return
                if len(some) == TOGETHER or not self.is_quick:
                    ahead.put(some)
                    some = []
        finally:
            if some:
                ahead.put(some)
            ahead.put([])

    def _next_of(self, ahead: queue.SimpleQueue[list[Fetched]]) -> list[Fetched]:
        renewed_at = time.monotonic()
        while True:
            if time.monotonic() > self._ends:
                raise OutOfTime
            with suppress(queue.Empty):
                return ahead.get(timeout=STEP)
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
                return Fetched(page, raw_hashes(page.rows), asked_at)
            except (Unavailable, BrokenContract) as error:
                if n == self._pace.tries or error.code == "budget_unknown":
                    raise
                pause = float(error.retry_after or self._pace.pause * 2 ** (n - 1))
            if self._stopped.wait(min(pause, LONGEST_PAUSE)):
                raise OutOfTime
        raise AssertionError("a page is tried at least once")
