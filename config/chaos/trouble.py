"""What goes wrong around the site while people work: deaths, pauses, restarts, a broker that forgets."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import redis

from config.chaos.site import Site
from providers.sandbox.remote import ControlRefused

QUIET = 0.05


class Trouble:
    """One thread that does one thing after the other, `pace` seconds apart on average; the same seed, the same things."""

    def __init__(self, site: Site, seed: int, pace: float, longest_pause: float) -> None:
        self._site = site
        self._dice = random.Random(seed)
        self._pace = pace
        self._longest = longest_pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._calm_until = 0.0
        self.done: Counter[str] = Counter()

    def __enter__(self) -> Trouble:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)

    def _go_on(self) -> None:
        acts = [
            (4, self.kill_a_worker),
            (2, self.kill_a_web_process),
            (3, self.pause_a_worker),
            (2, self.crash_postgres),
            (1, self.restart_postgres),
            (2, self.flush_the_broker),
            (1, self.stop_the_broker),
            (1, self.freeze_the_broker),
            (int(self._site.trade.has_login), self.revoke_the_tokens),
            (1, self.close_the_twin),
        ]
        while not self._over.wait(self._dice.uniform(0.4, 1.6) * self._pace):
            act = self._dice.choices([act for _, act in acts], [weight for weight, _ in acts])[0]
            with suppress(OSError, redis.RedisError, ControlRefused, KeyError, IndexError, ValueError):
                act()
                self.done[act.__name__] += 1

    # Processes ------------------------------------------------------------------------------------------------------

    def kill_a_worker(self) -> None:
        os.kill(self._worker(), signal.SIGKILL)

    def kill_a_web_process(self) -> None:
        master = self._site.pids["web"]
        workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        os.kill(int(self._dice.choice(workers)), signal.SIGKILL)

    def pause_a_worker(self) -> None:
        """As a machine that swaps, or a virtual one that is moved. Longer than a lease, now and then."""
        pid = self._worker()
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(self._dice.uniform(0.5, self._longest), _wake, [pid]).start()

    def _worker(self) -> int:
        names = sorted(name for name in self._site.pids if name.startswith(("sender", "settler")))
        return self._site.pids[self._dice.choice(names)]

    # Services -------------------------------------------------------------------------------------------------------

    def crash_postgres(self) -> None:
        self._site.crash_a_backend()

    def restart_postgres(self) -> None:
        if time.monotonic() < self._calm_until:  # its keeper waits longer for what dies twice within ten seconds
            raise ValueError
        self._calm_until = time.monotonic() + 12
        self._site.restart_postgres()

    def flush_the_broker(self) -> None:
        self._site.broker().flushall()

    def stop_the_broker(self) -> None:
        with suppress(redis.ConnectionError):  # it hangs up instead of answering
            self._site.broker().shutdown(nosave=True)

    def freeze_the_broker(self) -> None:
        pid = int(self._site.broker().info("server")["process_id"])
        os.kill(pid, signal.SIGSTOP)
        threading.Timer(self._dice.uniform(0.5, 2), _wake, [pid]).start()

    # Providers ------------------------------------------------------------------------------------------------------

    def revoke_the_tokens(self) -> None:
        self._site.twins[0].control.revoke_tokens(self._site.trade.slug)

    def close_the_twin(self) -> None:
        control = self._site.twins[0].control
        control.down(self._site.trade.slug, True)
        threading.Timer(self._dice.uniform(0.3, 1.5), control.down, [self._site.trade.slug, False]).start()


def _wake(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, signal.SIGCONT)
