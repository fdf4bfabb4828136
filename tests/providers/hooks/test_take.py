"""An event is a hint: the record is read again, once for all that wait, in whatever order they came, and older never
overwrites newer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from customers.models import ProviderCustomer
from providers import hooks
from providers.hooks import take
from providers.models import Account, Hook, HookAddress
from providers.sandbox.running import RunningSandbox
from providers.sync import sync_collection
from reservations.models import Reservation
from tests.elsewhere import Elsewhere
from tests.providers.hooks.tell import Tell, event
from tests.scene import at_once, eventually
from tests.workers import worker

Work = Callable[[], list[str]]


def readings(twin: RunningSandbox, endpoint: str = "reservation") -> int:
    return sum(seen.endpoint == endpoint for seen in twin.control.requests("rekaz"))


def just_read() -> None:
    """However long the machine took: as if what was read had been read this moment."""
    Hook.objects.filter(state="done").update(done_at=Now())


def make_due() -> None:
    """As if the while between two readings were over."""
    ago = dt.timedelta(hours=1)
    Hook.objects.filter(state="waiting").update(next_at=F("next_at") - ago)
    Hook.objects.filter(state="done").update(done_at=F("done_at") - ago)


def test_the_record_is_read_and_the_event_is_not_believed(
    tell: Tell, twin: RunningSandbox, booked: str, work: Work
) -> None:
    """It says that the reservation was cancelled and whose it is; neither is true."""
    tell(booked)
    assert work() == ["done"]
    row = Reservation.objects.get(external_id=booked)
    assert row.status != "cancelled"
    assert "Canary" not in row.customer_name
    assert ProviderCustomer.objects.filter(
        external_id=row.customer_id
    ).exists()  # a stranger is found at the desk at once


def test_five_hundred_events_about_one_record_make_two_readings_at_most(
    path: str, twin: RunningSandbox, booked: str, work: Work
) -> None:
    address = HookAddress.objects.select_related("account").get()
    before, now = readings(twin), timezone.now()
    for n in range(500):
        hooks.receive(address, event(booked, event_id=f"evt-{n}"), now)
        if n in (3, 250, 400):
            just_read()
            work()
    make_due()
    work()
    assert Hook.objects.filter(state="done").count() == 500
    assert readings(twin) - before <= 2


def test_duplicates_out_of_order_from_the_twin_itself(
    path: str, twin: RunningSandbox, booked: str, work: Work, rekaz: Account
) -> None:
    twin.control.act("rekaz", "touch", id=booked, set={"customStatus": "VIP"})
    names = ("ReservationCancelledEvent", "ReservationUpdatedEvent", "ReservationCreatedEvent")
    with listening(path) as url:
        events = [{"event": name, "id": booked} for name in names]
        for shape in ("pascal", "camel", "bare"):
            told = twin.control.webhooks("rekaz", url, *events, duplicates=4, shuffle=7, shape=shape)
            assert told == [200] * 7
    assert Hook.objects.count() == 9  # three shapes of three events; the duplicates are known
    before = readings(twin)
    assert work() == ["done"]
    assert readings(twin) - before == 1
    assert Reservation.objects.get(external_id=booked).custom_status == "VIP"


def test_an_event_that_comes_while_we_read_is_followed_by_another_reading(
    tell: Tell, twin: RunningSandbox, booked: str, work: Work
) -> None:
    tell(booked)
    assert work() == ["done"]
    twin.control.act("rekaz", "touch", id=booked, set={"customStatus": "VIP"})
    tell(booked)
    assert work() == [""]  # it was read a moment ago: later
    make_due()
    assert work() == ["done"]
    assert Reservation.objects.get(external_id=booked).custom_status == "VIP"


def test_a_reading_that_began_earlier_never_overwrites_a_newer_one(
    tell: Tell, twin: RunningSandbox, rekaz: Account, booked: str, work: Work
) -> None:
    tell(booked)
    work()
    twin.control.act("rekaz", "touch", id=booked, set={"customStatus": "VIP"})
    now = timezone.now() + dt.timedelta(minutes=5)
    sync_collection(rekaz, "reservations", full=True, now=now)  # read later than the event's record will be
    twin.control.act("rekaz", "touch", id=booked, set={"customStatus": "old"})
    tell(booked)
    make_due()
    assert work() == ["done"]
    assert Reservation.objects.get(external_id=booked).custom_status == "VIP"


def test_a_record_that_is_not_there_is_no_trouble(tell: Tell, twin: RunningSandbox, work: Work) -> None:
    """Nor is what we have of it buried: nothing_left (conftest.py) looks after each of these tests."""
    tell("3a1d0000-0000-4000-8000-00000000ffff")
    assert work() == ["done"]
    assert Hook.objects.get().problem == "not_there"
    assert not Reservation.objects.exists()


def test_a_provider_that_is_down_is_asked_again_and_given_up_at_last(
    tell: Tell, twin: RunningSandbox, booked: str, work: Work
) -> None:
    twin.control.down("rekaz")
    tell(booked)
    for n in range(1, take.TRIES + 1):
        assert work() == ["failed" if n == take.TRIES else "waiting"]
        hook = Hook.objects.get()
        assert hook.tries == n
        assert hook.state == "failed" or hook.next_at > timezone.now()
        make_due()
    twin.control.down("rekaz", down=False)
    assert hooks.replay(Hook.objects.all()) == 1
    assert work() == ["done"]
    assert Reservation.objects.filter(external_id=booked).exists()


def test_events_about_different_records_do_not_wait_for_each_other(
    tell: Tell, twin: RunningSandbox, work: Work
) -> None:
    ids = twin.control.act("rekaz", "insert", count=5)["ids"]
    for one in ids:
        tell(one)
    assert work() == ["done"] * 5
    assert Reservation.objects.count() == 5


# Races ----------------------------------------------------------------------------------------------------------------


def test_many_workers_at_once_read_it_once(path: str, twin: RunningSandbox, booked: str) -> None:
    address = HookAddress.objects.select_related("account").get()
    for n in range(8):
        hooks.receive(address, event(booked, event_id=f"evt-{n}"), timezone.now())
    twin.control.fault("delay", provider="rekaz", endpoint="reservation", seconds=0.3)
    keys, before = list(Hook.objects.values_list("pk", flat=True)), readings(twin)
    done = at_once([lambda key=key: hooks.take_hook(key) for key in keys])
    assert sorted(done) == [*[""] * 7, "done"]
    assert readings(twin) - before == 1
    assert set(Hook.objects.values_list("state", flat=True)) == {"done"}


def test_a_process_of_its_own_does_the_same(tell: Tell, fresh: Elsewhere, booked: str) -> None:
    tell(booked)
    assert fresh.run("take_hook", Hook.objects.get().pk).result == "done"


def test_a_worker_that_dies_leaves_it_to_the_next(tell: Tell, booked: str, work: Work) -> None:
    tell(booked)
    assert take._take(Hook.objects.get().pk)  # and it was never heard of again
    assert work() == []
    make_due()
    assert work() == ["done"]


def test_real_workers_find_what_came_without_a_bell(tell: Tell, twin: RunningSandbox) -> None:
    ids = twin.control.act("rekaz", "insert", count=6)["ids"]
    with worker("mirror"), worker("mirror"):
        for one in ids * 4:
            assert tell(one) == 200
        eventually(lambda: Reservation.objects.filter(external_id__in=ids).count() == 6, 150)
        make_due()
        eventually(lambda: not Hook.objects.filter(state="waiting").exists(), 150)
    assert readings(twin) <= 6 * 3


class listening:
    """Our own application behind a socket, as the twin reaches it."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> str:
        from tests.web.world import browser

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = browser(csrf=True).post(self.path, body, content_type=self.headers["Content-Type"])
                self.send_response(answer.status_code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_address[1]}{self.path}"

    def __exit__(self, *_args: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_readings_of_a_kind_nobody_reads_any_more_are_left_alone(tell: Tell, booked: str, work: Work) -> None:
    tell(booked)
    Hook.objects.update(subject_kind="gift")
    assert work() == ["ignored"]
