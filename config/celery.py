"""Celery, and the scan that makes its broker a mere bell: every worker also looks into PostgreSQL for rows that are due."""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from celery import Celery, bootsteps

from config.pool import SCAN_THREADS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Celery would have a worker run every check of Django's, for which it loads each page of the staff's and of the admin: 36 MB
# that it never needs again. What production must not start without is asked below (Scanner), and the rest by `migrate`.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

log = logging.getLogger(__name__)
EVERY = 1.0  # seconds between scans

app = Celery("wasl")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

Scan = tuple[Callable[[], list[uuid.UUID]], Callable[[uuid.UUID], Any]]


def scans_for(queues: set[str]) -> list[Scan]:
    """Which tables a worker of these queues scans. Senders and settlers are apart, so that neither starves the other."""
    import loyalty.selectors
    import loyalty.services
    import reservations.selectors
    import reservations.services
    from partners import notices
    from providers import hooks, operations
    from vouchers import selectors, services

    by_queue: dict[str, list[Scan]] = {
        "send": [(operations.due_to_send, operations.send_operation)],
        "settle": [(operations.due_to_settle, operations.settle_operation)],
        "look": [
            (selectors.lookups_due, services.look_up_voucher),
            (reservations.selectors.asks_due, reservations.services.answer_ask),
            (loyalty.selectors.asks_due, loyalty.services.answer_ask),
        ],
        "mirror": [(hooks.hooks_due, hooks.take_hook), (notices.receivers_due, notices.tell_partner)],
    }
    return [scan for queue, scans in by_queue.items() if queue in queues for scan in scans]


class Scanner(bootsteps.StartStopStep):  # type: ignore[misc]  # celery ships no types
    """Runs due rows whether or not a bell rang; started before the broker is reached, so a dead broker stops nothing."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        super().__init__(worker, **kwargs)
        self._stop = threading.Event()
        self._busy: set[uuid.UUID] = set()

    def start(self, worker: Any) -> None:
        from config.startup import refuse_unsafe_production

        refuse_unsafe_production()
        queues = set(worker.app.amqp.queues.consume_from)
        scans = scans_for(queues)
        if scans:
            threading.Thread(target=self._loop, args=(scans,), name="scanner", daemon=True).start()

    def stop(self, worker: Any) -> None:
        self._stop.set()

    def _loop(self, scans: list[Scan]) -> None:
        with ThreadPoolExecutor(SCAN_THREADS, thread_name_prefix="scan") as pool:
            while not self._stop.wait(EVERY):
                for due, run in scans:
                    self._round(pool, due, run)

    def _round(
        self, pool: ThreadPoolExecutor, due: Callable[[], list[uuid.UUID]], run: Callable[[uuid.UUID], Any]
    ) -> None:
        for row_id in fresh_connection(due, []):
            if row_id not in self._busy:
                self._busy.add(row_id)
                done = pool.submit(fresh_connection, run, "", row_id)
                done.add_done_callback(partial(self._free, row_id))

    def _free(self, row_id: uuid.UUID, _done: Future[Any]) -> None:
        self._busy.discard(row_id)


def fresh_connection(work: Callable[..., Any], otherwise: Any, *args: Any) -> Any:
    """Run with a database connection that is alive; one bad row or a database restart never ends the loop."""
    from django.db import close_old_connections

    close_old_connections()
    try:
        return work(*args)
    except Exception:  # the last resort of a loop that must go on: the row's lease makes it due again
        log.exception("scan failed: %s", getattr(work, "__name__", work))
        return otherwise
    finally:
        close_old_connections()


app.steps["worker"].add(Scanner)
