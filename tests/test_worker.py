"""The broker is only a bell: real workers, and a broker that is missing, emptied or killed."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import time
from typing import Any

import pytest
import redis
from celery import Celery
from django.utils import timezone

from config.celery import app as site
from config.celery import fresh_connection, scans_for
from providers.models import Operation
from providers.operations import ring
from providers.sandbox.running import RunningSandbox
from tests.providers.operations.truth import assert_true
from tests.scene import CODE, OTHER_CODE, SLUG, Desk, eventually, in_thread
from tests.workers import closed_port, worker
from vouchers import services
from vouchers.models import Lookup

A_FEW_SECONDS = 8.0  # the broker's own time-out is five


def scanned(desk: Desk, code: str) -> Lookup:
    """Scanned at the desk; no bell is rung for it."""
    return services.start_lookup(code, desk.place, now=timezone.now())


def succeeds(operation: Operation) -> bool:
    operation.refresh_from_db()
    return operation.state == "succeeded"


# Workers ----------------------------------------------------------------------------------------------------------------


def test_without_a_broker_everything_is_looked_up_sent_and_settled(desk: Desk, twin: RunningSandbox) -> None:
    answered, lost = desk.redeem(CODE), desk.redeem(OTHER_CODE)
    twin.control.fault("drop_after", endpoint="redeem", code=OTHER_CODE)
    lookup = scanned(desk, "VCL7C1000NO1000")
    with worker("send,settle,look", BROKER_URL=f"redis://127.0.0.1:{closed_port()}/0"):
        for operation in (answered, lost):
            eventually(lambda row=operation: succeeds(row), 60)
        eventually(lambda: Lookup.objects.get(pk=lookup.pk).state == Lookup.State.FOUND)
    for operation in (answered, lost):
        assert_true(operation, twin)
    assert (answered.evidence_level, lost.evidence_level) == ("response", "inferred")


def test_a_broker_that_is_emptied_and_then_killed_takes_nothing_with_it(
    desk: Desk, twin: RunningSandbox, broker: tuple[str, subprocess.Popen[bytes]]
) -> None:
    url, server = broker
    first = desk.redeem(CODE)
    with worker("send,settle,look", BROKER_URL=url):
        eventually(lambda: succeeds(first), 60)
        redis.Redis.from_url(url).flushall()
        second = desk.redeem(OTHER_CODE)
        redis.Redis.from_url(url).flushall()
        eventually(lambda: succeeds(second))
        server.kill()
        third = desk.redeem("VCL7C1000NO1000")
        eventually(lambda: succeeds(third))
    for operation in (first, second, third):
        assert_true(operation, twin)
    assert len(twin.control.ledger(SLUG)) == 3


@pytest.mark.parametrize(
    ("queues", "works"),
    [
        ({"send"}, ["send_operation"]),
        ({"settle", "look"}, ["settle_operation", "look_up_voucher", "answer_ask", "answer_ask"]),
        ({"mirror"}, ["take_hook", "tell_partner"]),
        ({"default"}, []),
    ],
)
def test_a_worker_scans_for_its_own_queues_only(queues: set[str], works: list[str]) -> None:
    """Senders and settlers are apart, so that neither waits for the other."""
    assert [run.__name__ for _due, run in scans_for(queues)] == works


def test_a_row_that_cannot_be_worked_on_does_not_end_the_scan(desk: Desk) -> None:
    def breaks(_row: object) -> str:
        raise ValueError("a row nobody can read")

    assert fresh_connection(breaks, "otherwise", desk) == "otherwise"


# The bell -------------------------------------------------------------------------------------------------------------


def rung(url: str) -> float:
    """Seconds that ringing took. Raises what it raises."""

    def work() -> float:
        app = Celery("somewhere", set_as_current=False)
        app.config_from_object({**celery_settings(), "broker_url": url})
        app.set_current()  # of this thread alone
        began = time.monotonic()
        ring("providers.send", Operation.objects.get().pk)
        return time.monotonic() - began

    done: list[float | BaseException] = []
    thread = in_thread(work, done)
    thread.join(60)
    assert done, "it never came back"
    if isinstance(done[0], BaseException):
        raise done[0]
    return done[0]


def celery_settings() -> dict[str, Any]:
    names = ("broker_transport_options", "task_publish_retry", "task_serializer", "task_routes", "task_ignore_result")
    return {name: site.conf[name] for name in names}


def test_ringing_leaves_the_id_alone_in_the_queue_of_the_task(desk: Desk, broker: Any) -> None:
    operation = desk.redeem()
    rung(broker[0])
    (message,) = redis.Redis.from_url(broker[0]).lrange("send", 0, -1)
    assert json.loads(base64.b64decode(json.loads(message)["body"]))[:2] == [[str(operation.pk)], {}]


def test_ringing_a_broker_that_is_away_neither_fails_nor_keeps_a_person_waiting(desk: Desk) -> None:
    operation = desk.redeem()
    assert rung(f"redis://127.0.0.1:{closed_port()}/0") < A_FEW_SECONDS
    operation.refresh_from_db()
    assert operation.state == "created"


def test_ringing_a_broker_that_stands_still_neither_fails_nor_keeps_a_person_waiting(
    desk: Desk, broker: tuple[str, subprocess.Popen[bytes]]
) -> None:
    desk.redeem()
    url, server = broker
    server.send_signal(signal.SIGSTOP)
    try:
        assert rung(url) < A_FEW_SECONDS
    finally:
        server.send_signal(signal.SIGCONT)


def test_ringing_something_that_is_no_broker_does_not_fail(desk: Desk, twin: RunningSandbox) -> None:
    desk.redeem()
    assert rung(twin.origin.replace("http", "redis") + "/0") < A_FEW_SECONDS
