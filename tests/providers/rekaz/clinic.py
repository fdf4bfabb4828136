"""What a clinic does at the twin, with a client over a real socket."""

from __future__ import annotations

import datetime as dt
from typing import Any

from providers.contracts import BookingItem, BookingOrder, BookingProvider, Call, ProductKind, SlotQuery, SlotRecord
from providers.rekaz.client import Rekaz
from providers.sandbox.box import all_twins
from providers.sandbox.running import RunningSandbox
from tests.providers.rekaz.account import PHONE, client_at

SLUG = "rekaz"
LOGIN = dict(all_twins()[SLUG].login())
NEXT = {"key": "wasl-demo-key-2", "secret": "wasl-demo-secret-2"}
Rules = dict[str, str]
DOCUMENTED = {
    **{"fields": "documented", "envelopes": "documented", "errors": "documented", "faithful_filters": "on"},
    **{"invoice_id": "present", "payment_link": "absolute", "success_status": "201"},
}


def client_of(twin: RunningSandbox, **options: Any) -> Rekaz:
    calls: list[Call] = []
    return client_at(twin.base_url(SLUG), LOGIN, calls, total_seconds=20, **options)


def tomorrow() -> dt.datetime:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(hours=3, days=2)).replace(
        hour=0, minute=0, second=0, microsecond=0, tzinfo=None
    )


def open_slots(client: BookingProvider) -> tuple[str, list[SlotRecord]]:
    product = next(one for one in client.products() if one.kind is ProductKind.RESERVATION and one.prices[0].amount)
    price = product.prices[0].external_id
    return price, list(client.slots(SlotQuery(price, tomorrow(), tomorrow() + dt.timedelta(days=1))))


def order(client: BookingProvider, place: int = 0, who: int = 0) -> BookingOrder:
    price, slots = open_slots(client)
    slot = slots[place]
    item = BookingItem(price, 1, slot.wire_from, slot.wire_to, slot.practitioner_ids[:1])
    return BookingOrder(client.customers_with(PHONE)[who].external_id, "", (item,))


def booked(client: Rekaz, place: int = 0) -> str:
    return client.book(order(client, place)).references["reservations"]


def effects(twin: RunningSandbox) -> list[str]:
    return [effect.endpoint for effect in twin.control.ledger(SLUG)]
