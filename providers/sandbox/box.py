"""The sandbox itself, without a socket of its own: its twins, what they remember, and what is set to go wrong."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from providers.sandbox.books import Books, Cause, Seen
from providers.sandbox.journal import Journal
from providers.sandbox.line import Line
from providers.sandbox.script import Drawn, Script
from providers.sandbox.shelf import Draft
from providers.sandbox.stage import Stage
from providers.sandbox.twin import Request, Twin

# Modules with a `twin()`. By name, because each of them builds on this package: imports must point one way only.
TWINS = (
    "providers.alreaaiaa.sandbox",
    "providers.afriquia_gaz.sandbox",
    "providers.rekaz.sandbox",
    "providers.altegio.sandbox",
)
SCENARIOS = ("demo", "seed", "hostile", "empty")
RIYADH = dt.timezone(dt.timedelta(hours=3))

Clock = Callable[[], dt.datetime]


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def all_twins() -> dict[str, Twin]:
    twins: list[Twin] = [import_module(name).twin() for name in TWINS]
    return {twin.slug: twin for twin in twins}


class Sandbox:
    def __init__(self, *, scenario: str = "demo", state: Path | None = None, clock: Clock = now) -> None:
        self.twins = all_twins()
        self.clock = clock
        self.script = Script()
        self.stopping = threading.Event()
        self.when_switched: list[Callable[[str, bool], None]] = []  # told of every `down`
        self._journal = Journal(state)
        self.books = Books(self._journal)
        self._down: set[str] = set()
        self._resets = 0
        self._stock(self.books.remembered_scenario(scenario))
        self.books.recall()

    def _stock(self, scenario: str) -> None:
        self.scenario = scenario
        for slug, twin in self.twins.items():
            draft = Draft(self.books.shelf(slug))
            twin.stock(draft, scenario, self.today())
            self.books.stock(slug, draft)

    def today(self) -> dt.date:
        return self.clock().astimezone(RIYADH).date()

    def reset(self, scenario: str) -> None:
        """As on the first day: fixtures fresh, ledger and history empty, nothing scripted, everybody up."""
        with self.books.lock:
            self._resets += 1
            self.books.clear()
            self._stock(scenario)
            self.books.forget(scenario)
        self.script.clear()
        for slug in self.twins:
            self.switch(slug, down=False)

    def switch(self, provider: str, *, down: bool) -> None:
        (self._down.add if down else self._down.discard)(provider)
        for tell in self.when_switched:
            tell(provider, down)

    def is_down(self, provider: str) -> bool:
        return provider in self._down

    def change(self, provider: str, draft: Draft) -> None:
        """Something the control API changed; no request of a client caused it."""
        cause = Cause(provider=provider, endpoint="control", request=0, body_sha256="", fault="")
        self.books.commit(draft, self.clock(), cause)

    def draft(self, provider: str) -> Draft:
        return Draft(self.books.shelf(provider))

    def play(self, twin: Twin, request: Request, drawn: Drawn | None, line: Line) -> None:
        """One request to its end: into the history, through its fault or straight to the twin, and answered."""
        seen = self._seen(twin, request, drawn)
        self.books.arrived(seen)
        cause = Cause(
            provider=twin.slug,
            endpoint=seen.endpoint,
            request=request.sequence,
            body_sha256=seen.body_sha256,
            fault=seen.fault,
        )
        stage = Stage(twin, request, self.books, line, cause, self.clock, self._later)
        if drawn:
            drawn.fault.play(stage)
        else:
            line.send(stage.perform())

    def _seen(self, twin: Twin, request: Request, drawn: Drawn | None) -> Seen:
        endpoint, codes = twin.endpoint_of(request), twin.codes_of(request)
        return Seen(
            sequence=request.sequence,
            at=request.at.isoformat(),
            provider=twin.slug,
            endpoint=endpoint,
            method=request.method,
            path=request.path,
            code=next(iter(codes), ""),
            codes=list(codes),
            body_sha256="" if endpoint in twin.secret_endpoints else request.body_sha256,
            fault=drawn.fault.kind if drawn else "",
            fault_id=drawn.number if drawn else 0,
        )

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        resets = self._resets

        def wait_and_act() -> None:
            # What was still to happen before a reset must not happen to whoever comes after it.
            if not self.stopping.wait(seconds) and self._resets == resets:
                act()

        threading.Thread(target=wait_and_act, daemon=True).start()

    def close(self) -> None:
        self.stopping.set()
        with self.books.lock:
            self._journal.close()
