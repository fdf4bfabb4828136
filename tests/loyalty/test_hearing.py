"""What Altegio tells is a hint: record, client and cards are read anew, whatever the event says and whenever it comes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.utils import timezone

from customers.models import ProviderCustomer
from loyalty.models import Appointment, Card, Holding
from providers import hooks
from providers.models import Hook
from providers.sandbox.running import RunningSandbox
from tests.loyalty.nights import SLUG, Nights
from tests.loyalty.test_nights import SARAS, clients_asked, earn
from tests.providers.altegio.told import event
from tests.web.world import browser

pytestmark = pytest.mark.django_db(transaction=True)


class Door:
    """As Altegio knocks: no cookie, a bearer that is the same for everybody, and a secret in the path."""

    def __init__(self, nights: Nights) -> None:
        self.nights = nights
        self.path = f"/hooks/{SLUG}/{hooks.new_address(nights.account, timezone.now())}"
        self.client = browser(csrf=True)

    def tell(self, resource: str, subject: str, status: str = "update", **data: Any) -> None:
        self.send(event(resource, subject, status, **data))

    def send(self, body: bytes) -> None:
        assert self.client.post(self.path, body, content_type="application/json").status_code == 200

    def work(self) -> list[str]:
        return [hooks.take_hook(key) for key in hooks.hooks_due()]

    def later(self) -> None:
        """The while between two readings of one record is over."""
        for row in Hook.objects.filter(state="done"):
            Hook.objects.filter(pk=row.pk).update(done_at=timezone.now() - dt.timedelta(minutes=5))


@contextmanager
def ear() -> Iterator[tuple[str, list[bytes]]]:
    """Somebody who listens for the twin, and keeps what it says."""
    heard: list[bytes] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", heard
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def door(nights: Nights) -> Door:
    nights.now -= dt.timedelta(minutes=1)  # what is heard comes after the night
    return Door(nights)


def test_a_record_is_read_and_the_event_is_not_believed(door: Door, twin: RunningSandbox) -> None:
    door.tell("record", "501", deleted=True, attendance=-1)
    assert door.work() == ["done"]
    row = Appointment.objects.get(external_id="501")
    assert (row.is_deleted, row.attendance, row.client_id) == (False, "waiting", "401")
    assert ProviderCustomer.objects.get(external_id="401").name == "Sara Alqahtani"  # a stranger comes along
    assert Holding.objects.get(client_id="401").card_id == SARAS  # with her cards


def test_a_record_that_was_deleted_says_so(door: Door, twin: RunningSandbox) -> None:
    twin.control.act(SLUG, "delete", record="502")
    door.tell("record", "502", "delete")
    assert door.work() == ["done"]
    assert Appointment.objects.get(external_id="502").is_deleted


@pytest.mark.parametrize("resource", ["record", "client", "loyalty_card"])
def test_one_that_is_not_there_is_asked_for_once_and_buries_nothing(
    door: Door, twin: RunningSandbox, resource: str
) -> None:
    door.nights.read()
    door.tell(resource, "77777", "delete")
    assert door.work() == ["done"]
    assert Hook.objects.get().problem == "not_there"
    assert not Card.objects.filter(gone_at__isnull=False).exists()
    assert not ProviderCustomer.objects.filter(gone_at__isnull=False).exists()


def test_a_card_is_read_with_whoever_has_it(door: Door, twin: RunningSandbox) -> None:
    door.nights.read()
    earn(twin, SARAS, "5.00")
    door.tell("loyalty_card", SARAS, balance=1, phone="+966599999999")
    asked = clients_asked(twin)
    assert door.work() == ["done"]
    assert clients_asked(twin) == asked + 1
    assert Card.objects.get(external_id=SARAS).balance == Decimal("105.00")


def test_a_card_of_which_nobody_knows_whose_it_is_is_looked_for_by_its_phone(door: Door, twin: RunningSandbox) -> None:
    door.tell("loyalty_card", SARAS, "create", phone="+966501234567")
    assert door.work() == ["done"]
    assert Holding.objects.get(card_id=SARAS).client_id == "401"
    assert ProviderCustomer.objects.get(external_id="401").phone == "+966501234567"


def test_a_phone_that_leads_to_other_cards_leads_nowhere(door: Door, twin: RunningSandbox) -> None:
    door.tell("loyalty_card", SARAS, "create", phone="+966501234568")
    assert door.work() == ["done"]
    assert Hook.objects.get().problem == "not_there" and not Holding.objects.exists()


def test_as_the_twin_tells_it_one_by_one_or_in_a_list(door: Door, twin: RunningSandbox) -> None:
    events = [{"resource": "record", "id": "501", "status": "update"}]
    events += [{"resource": "client", "id": "402", "status": "create"}]
    events += [{"resource": "loyalty_card", "id": SARAS, "status": "update"}]
    with ear() as (url, heard):
        for shape in ("each", "list"):
            twin.control.webhooks(SLUG, url, *events, shape=shape)
    assert len(heard) == len(events) + 1
    for body in heard:
        door.send(body)
    assert Hook.objects.count() == 3  # the list said nothing new
    assert sorted(Hook.objects.values_list("subject_kind", flat=True)) == ["client", "loyalty_card", "record"]
    while door.work():
        door.later()
    assert Card.objects.filter(external_id__in=[SARAS, "9210521"]).count() == 2


def test_what_has_no_time_of_its_own_counts_again_when_it_comes_later(door: Door, twin: RunningSandbox) -> None:
    """Points that are given and taken again: the card looks as it did, and was another one in between."""
    door.tell("loyalty_card", SARAS, balance=100, phone="+966501234567")
    door.work()
    door.tell("loyalty_card", SARAS, balance=100, phone="+966501234567")
    assert Hook.objects.count() == 1 and door.work() == []  # at once: their second try
    door.later()
    door.tell("loyalty_card", SARAS, balance=100, phone="+966501234567")
    assert Hook.objects.count() == 1 and door.work() == ["done"]


def test_the_same_change_told_twice_is_one(door: Door) -> None:
    for _again in range(3):
        door.tell("record", "501", last_change_date="2026-11-01T09:00:00+0300")
        door.later()
    assert Hook.objects.count() == 1
