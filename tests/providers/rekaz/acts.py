"""Everything that a client of Rekaz does, each with the least that it takes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from providers.contracts import (
    Attending,
    BookingItem,
    BookingOrder,
    Cancellation,
    Direction,
    Move,
    NewCustomer,
    Pause,
    Resumption,
    SlotQuery,
    Subject,
    SubscriptionItem,
    SubscriptionOrder,
)
from providers.rekaz.client import Rekaz
from tests.providers.rekaz.account import PHONE, SECRETS, desk, payload
from tests.providers.scripted_server import answer

Act = Callable[[Rekaz], Any]
ID, OTHER = "3fa85f64-5717-4562-b3fc-2c963f66afa6", "4fa85f64-5717-4562-b3fc-2c963f66afa6"
FROM, TO = "2025-09-04T17:00:00Z", "2025-09-04T18:00:00Z"
ITEM = BookingItem(ID, 1, FROM, TO)
WRITES: dict[str, Act] = {
    "create_customer": lambda client: client.create_customer(NewCustomer("سارة", PHONE)),
    "book": lambda client: client.book(BookingOrder(ID, "", (ITEM,))),
    "reschedule": lambda client: client.reschedule(Move(ID, FROM, TO, ())),
    "confirm": lambda client: client.confirm(ID),
    "cancel": lambda client: client.cancel(Cancellation(ID, "طلب العميل", False)),
    "finish": lambda client: client.finish(ID),
    "subscribe": lambda client: client.subscribe(SubscriptionOrder(ID, "", FROM, (SubscriptionItem(ID, 1),))),
    "pause": lambda client: client.pause(Pause(ID, FROM, TO)),
    "resume": lambda client: client.resume(Resumption(ID, TO)),
    "attend": lambda client: client.attend(Attending(Subject.RESERVATION, Direction.CHECK_IN, ID, ID)),
}
READS: dict[str, Act] = {
    "places": lambda client: client.places(),
    "products": lambda client: client.products(),
    "reservation": lambda client: client.reservation(ID),
    "customers_with": lambda client: client.customers_with(PHONE),
    "reservations_of": lambda client: client.reservations_of(PHONE, ID),
    "slots": lambda client: client.slots(SlotQuery(ID, dt.datetime(2025, 9, 9), dt.datetime(2025, 9, 10))),
    "page": lambda client: client.page("reservations", ""),
    "check_login": lambda client: client.check_login(SECRETS),
}
ABP = {"error": {"code": None, "message": "No.", "details": None, "data": None, "validationErrors": None}}
EDGE = answer("error code: 1010", 403, {"Content-Type": "text/plain"})


def sample(name: str) -> Any:
    return json.loads(payload(name))


def reservation(**changes: Any) -> dict[str, Any]:
    return sample("reservation.response") | changes


def read(row: dict[str, Any]) -> Any:
    with desk(answer(row)) as at:
        return at.client.reservation(ID)
