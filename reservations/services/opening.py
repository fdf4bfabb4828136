"""The one way in which these services open an operation, with the act that says what was asked."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from branches.models import User
from providers.models import Operation, State
from providers.operations import Claimed, Intent, open_operation
from providers.operations.claim import CircuitOpen, QueueFull, new_reference
from providers.operations.life import database_now
from reservations.models import Act
from reservations.selectors.places import Link
from reservations.services.place import CannotBook, Place


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
    intent = _intent(wish, place, link)
    try:
        operation = open_operation(intent, lambda operation: _record(operation, wish, place, now))
    except Claimed as claimed:
        raise CannotBook("in_use_here", claimed.holder) from claimed
    except CircuitOpen as error:
        raise CannotBook("provider_down") from error
    except QueueFull as error:
        raise CannotBook("busy") from error
    return Act.objects.select_related("operation").get(operation=operation)


def _intent(wish: Wish, place: Place, link: Link) -> Intent:
    reference = new_reference()
    request = {
        **wish.request,
        "order_ref": reference,
        "resources": wish.resources,
        "zone": link.branch.timezone,
        "place_id": link.place_id,
        "marker": link.marker,
    }
    return Intent(
        kind=wish.kind,
        account=link.account,
        branch=place.branch,
        till=place.till,
        actor=place.actor,
        source=place.source,  # type: ignore[arg-type]  # its own word
        request=json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        resources=wish.resources,
        amount=Decimal(0),  # no money moves here
        currency=place.branch.currency,
        form_token=place.form_token if place.actor else None,
        reference=reference,
        snapshot={},
        partner=place.partner,
        external_ref=place.external_ref,
    )


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
    place.also(operation)


def put_aside(act: Act, person: User, *, now: dt.datetime) -> None:
    """Its final result has been read by the person who asked for it; it leaves the unfinished work."""
    if not act.operation.is_open and act.operation.actor_id == person.pk:
        Act.objects.filter(pk=act.pk, seen_at__isnull=True).update(seen_at=now)


def check_now(act: Act) -> None:
    """A person asks for the next look to happen now. A look changes nothing; a worker that holds the row goes on."""
    rows = Operation.objects.filter(pk=act.operation_id, state=State.UNKNOWN, claim_token__isnull=True)
    rows.update(next_at=database_now())
