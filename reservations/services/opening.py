"""The one way in which these services open an operation, with the act that says what was asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from providers.acting import NotOpened, Order, Place, open_order
from providers.models import Operation
from reservations.models import Act
from reservations.selectors.places import Link
from reservations.services.place import CannotBook


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall happen. `request` is sealed and sent; `asked` is shown. `subject_id` is '' for what is to be made."""

    kind: str
    subject: str
    subject_id: str
    customer_id: str
    request: dict[str, Any]
    resources: list[str]
    asked: dict[str, Any] = field(default_factory=dict)
    follows: Act | None = None


def open_act(wish: Wish, place: Place, link: Link, *, now: dt.datetime) -> Act:
    """Commit the intent; a sender does the rest. The same form gives the same act. Raises CannotBook: in_use_here,
    provider_down, busy."""
    where = {"zone": link.branch.timezone, "place_id": link.place_id, "marker": link.marker}
    order = Order(wish.kind, link.account, {**wish.request, **where}, wish.resources)
    try:
        operation = open_order(order, place, lambda operation: _record(operation, wish, place, now))
    except NotOpened as error:
        raise CannotBook(error.code, error.holder) from error
    return Act.objects.select_related("operation").get(operation=operation)


def _record(operation: Operation, wish: Wish, place: Place, now: dt.datetime) -> None:
    Act.objects.create(
        operation=operation,
        subject=wish.subject,
        subject_id=wish.subject_id,
        customer_id=wish.customer_id,
        asked=wish.asked,
        business_date=place.branch.business_date(now),
        external_ref=place.external_ref[:80],
        follows=wish.follows,
    )
