"""What goes wrong between client and twin, and what the twin says by itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from providers.contracts import BookingOrder, Cancellation, Pause, ReservationStatus
from providers.errors import BrokenContract, Misconfigured, OutcomeUnknown, ProviderError, Rejected, Unavailable
from providers.rekaz.webhook import read_webhook
from providers.sandbox.remote import ControlRefused
from providers.sandbox.running import RunningSandbox
from tests.providers.rekaz.account import PHONE
from tests.providers.rekaz.clinic import SLUG, booked, client_of, order

# What goes wrong


SPOILING = (
    *("garbage", "empty", "truncated", "null_data", "wrong_code", "duplicate_keys", "nan", "bad_utf8", "wrong_types"),
    *("unseen_status", "huge", "gzip_bomb", "html_login", "status", "redirect"),
)


FAULTS = [
    *({"kind": kind} for kind in ("drop_before", "drop_after", "partial", "human", "unauthorized")),
    *({"kind": "status", "status": status, "body": "json"} for status in (429, 500, 503)),
    *({"kind": kind, "after": after} for kind in SPOILING for after in (False, True)),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: " ".join(map(str, fault.values())))
@pytest.mark.parametrize("endpoint", ["book", "cancel", "pause"])
def test_no_fault_makes_a_write_say_what_is_not_true(fault: Any, endpoint: str, twin: RunningSandbox) -> None:
    client = client_of(twin)
    subscription = next(
        one for one in client.subscriptions_of(client.customers_with(PHONE)[0].external_id) if one.status == "active"
    )
    wanted, standing = order(client, 5), booked(client)
    acts = {
        "book": lambda: client.book(wanted),
        "cancel": lambda: client.cancel(Cancellation(standing, "x", False)),
        "pause": lambda: client.pause(Pause(subscription.external_id, "2099-01-01T00:00:00Z", "2099-01-05T00:00:00Z")),
    }
    twin.control.fault(provider=SLUG, endpoint=endpoint, **fault)
    done = 0
    try:
        acts[endpoint]()
        done = 1
    except OutcomeUnknown:
        return
    except (Rejected, Misconfigured):
        pass
    assert [one.endpoint for one in twin.control.ledger(SLUG) if one.actor == "api"] == ["book"] + [endpoint] * done


def test_a_bulk_may_be_done_by_half_and_is_then_unknown(twin: RunningSandbox) -> None:
    client = client_of(twin)
    first, second = order(client, 0), order(client, 4)
    twin.control.fault("partial", provider=SLUG, endpoint="book", count=1)
    with pytest.raises(OutcomeUnknown):
        client.book(BookingOrder(first.customer_id, "", first.items + second.items))
    assert len(twin.control.ledger(SLUG)) == 1
    starts = {one.wire_starts for one in client.reservations_of(PHONE, first.customer_id)}
    assert {first.items[0].wire_from, second.items[0].wire_from} & starts == {first.items[0].wire_from}


def test_a_stale_read_does_not_know_a_booking_yet(twin: RunningSandbox) -> None:
    client = client_of(twin)
    reservation = booked(client)
    twin.control.fault("stale_read", provider=SLUG, endpoint="reservation", seconds=600)
    assert client.reservation(reservation) is None
    assert client.reservation(reservation) is not None


def test_reception_may_move_what_we_are_confirming(twin: RunningSandbox) -> None:
    client = client_of(twin)
    reservation = booked(client)
    twin.control.fault("human", provider=SLUG, endpoint="confirm", when="after")
    client.confirm(reservation)
    found = client.reservation(reservation)
    assert found is not None and found.status is ReservationStatus.CONFIRMED
    assert [one.actor for one in twin.control.ledger(SLUG)] == ["api", "api", "portal"]


@pytest.mark.parametrize("kind", [*SPOILING, "unauthorized", "drop_after", "human"])
def test_no_fault_makes_a_read_say_that_something_may_have_happened(kind: str, twin: RunningSandbox) -> None:
    client = client_of(twin)
    reservation = booked(client)
    twin.control.fault(kind, provider=SLUG, endpoint="reservation")
    try:
        found = client.reservation(reservation)
        assert found is not None and found.external_id == reservation
    except ProviderError as error:
        assert type(error) in (Unavailable, BrokenContract, Misconfigured)


# What they say by themselves


@pytest.fixture
def heard() -> Iterator[tuple[str, list[bytes]]]:
    bodies: list[bytes] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook/x", bodies
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("shape", ["pascal", "camel", "bare"])
def test_events_arrive_twice_and_out_of_order_in_every_shape(
    shape: str, twin: RunningSandbox, heard: tuple[str, list[bytes]]
) -> None:
    url, bodies = heard
    reservation = booked(client_of(twin))
    names = ("ReservationCreatedEvent", "ReservationConfirmedEvent", "ReservationCancelledEvent")
    events = [{"event": name, "id": reservation} for name in names]
    statuses = twin.control.webhooks(SLUG, url, *events, duplicates=2, shuffle=3, shape=shape)
    told = [read_webhook(body) for body in bodies]
    assert statuses == [204] * 5
    assert {one.event for one in told} == set(names) and len({one.event_id for one in told}) == 3
    assert {(one.subject_kind, one.subject_id) for one in told} == {("reservation", reservation)}


def test_events_go_to_this_machine_only(twin: RunningSandbox) -> None:
    with pytest.raises(ControlRefused, match="this machine"):
        twin.control.webhooks(SLUG, "http://203.0.113.1/x", {"event": "ReservationDoneEvent", "id": "x"})
    with pytest.raises(ControlRefused, match="by itself"):
        twin.control.act("alreaaiaa", "generate")
    with pytest.raises(ControlRefused, match="do must be"):
        twin.control.act(SLUG, "explode")
