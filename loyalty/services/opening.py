"""The one way in which these services open an operation, with the act that says what was asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from loyalty.models import Act
from loyalty.selectors.places import Link
from loyalty.services.place import CannotMove
from providers.acting import NotOpened, Order, Place, open_order
from providers.models import Operation


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall happen. `request` is sealed and sent; `act` are the columns of the act, `asked` what else a page shows of it.
    `amount`: how much of it a person's word must cover, without a sign."""

    kind: str
    subject: str
    request: dict[str, Any]
    resources: list[str]
    act: dict[str, Any]
    asked: dict[str, Any] = field(default_factory=dict)
    amount: Decimal = Decimal(0)
    follows: Act | None = None


def open_act(
    wish: Wish,
    place: Place,
    link: Link,
    *,
    now: dt.datetime,
    also: Callable[[Act], None] = lambda act: None,
) -> Act:
    """Commit the intent; a sender does the rest. The same form gives the same act. `also` is committed with it, and what it
    raises undoes all of it. Raises CannotMove: in_use_here, provider_down, busy."""
    order = Order(
        wish.kind,
        link.account,
        {**wish.request, "place_id": link.place_id, "day": link.day(now).isoformat()},
        wish.resources,
        wish.amount,
    )

    def record(operation: Operation) -> None:
        also(_record(operation, wish, place, link, now))

    try:
        operation = open_order(order, place, record)
    except NotOpened as error:
        raise CannotMove(error.code, error.holder) from error
    return Act.objects.select_related("operation").get(operation=operation)


def _record(operation: Operation, wish: Wish, place: Place, link: Link, now: dt.datetime) -> Act:
    return Act.objects.create(
        operation=operation,
        subject=wish.subject,
        asked={**wish.asked, "place_id": link.place_id, "day": link.day(now).isoformat()},
        business_date=place.branch.business_date(now),
        external_ref=place.external_ref[:80],
        follows=wish.follows,
        **wish.act,
    )
