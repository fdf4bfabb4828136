"""Start a sandbox: as a thread of this process for tests, or in the foreground for people."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from providers.sandbox.box import Clock, Sandbox, now
from providers.sandbox.remote import Remote
from providers.sandbox.server import LOOPBACK, Door, Listener, PortTaken


class RunningSandbox:
    """A sandbox that listens. `base_url` is what an account points at; `control` scripts and inspects."""

    def __init__(self, box: Sandbox, port: int, *, own_ports: bool) -> None:
        self.box = box
        self._listener = Listener(port, box)
        self._doors = {slug: Door(box, slug) for slug in box.twins} if own_ports else {}
        box.when_switched.extend(door.switch for door in self._doors.values())
        self.origin = f"http://{LOOPBACK}:{self._listener.port}"
        self.control = Remote(self.origin)

    def base_url(self, provider: str) -> str:
        """On the provider's own port where it has one: `control.down` then refuses connections for real."""
        door = self._doors.get(provider)
        origin = f"http://{LOOPBACK}:{door.port}" if door else self.origin
        return origin + self.box.twins[provider].prefix

    def shared_url(self, provider: str) -> str:
        return self.origin + self.box.twins[provider].prefix

    def stop(self) -> None:
        self.box.stopping.set()
        self._listener.stop()
        self._listener.sever()
        for door in self._doors.values():
            door.close()
        self.box.close()


def start(*, port: int, scenario: str, state: Path | None, clock: Clock = now, own_ports: bool) -> RunningSandbox:
    box = Sandbox(scenario=scenario, state=state, clock=clock)
    try:
        return RunningSandbox(box, port, own_ports=own_ports)
    except PortTaken:
        box.close()
        raise


@contextmanager
def running_sandbox(
    *, scenario: str = "demo", state: Path | None = None, port: int = 0, clock: Clock = now
) -> Iterator[RunningSandbox]:
    """A sandbox on free ports, until the block ends."""
    running = start(port=port, scenario=scenario, state=state, clock=clock, own_ports=True)
    try:
        yield running
    finally:
        running.stop()


def serve(*, port: int, scenario: str = "demo", state: Path | None = None, announce: Callable[[str], object]) -> None:
    """In the foreground until SIGTERM or SIGINT. Raises PortTaken or StateUnusable before anything is announced."""
    running = start(port=port, scenario=scenario, state=state, own_ports=False)
    asked_to_stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked_to_stop.set())
    for slug in running.box.twins:
        announce(f"{slug}: {running.base_url(slug)}")
    announce(f"control: {running.origin}/__control__/")
    asked_to_stop.wait()
    running.stop()
