"""A booking of ours that comes back at another time than we sent shows by which clock they tell it. Somebody must know: the
account's own setting says how their times are read, and nothing here ever changes it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from providers.contracts.bookings import ReservationRecord
from providers.models import Account, Discrepancy, Operation
from providers.secrets import unseal
from reservations.effects.times import Moment, moment_from, zone_read_in
from reservations.models import Act

KIND = Discrepancy.Kind.CLOCK


def compare_clocks(account: Account, records: Sequence[Any], now: dt.datetime) -> None:
    """Of what was read just after we made it. Inside a transaction. One notice an account and a zone, open or closed."""
    rows = {row.external_id: row for row in records if isinstance(row, ReservationRecord)}
    made = Act.objects.filter(operation__account=account, operation__kind="booking.book", made_ids__overlap=list(rows))
    for act in made.select_related("operation__branch") if rows else ():
        mine = [rows[key] for key in act.made_ids if key in rows]
        facts = next(filter(None, (_read_otherwise(act.operation, row) for row in mine)), None)
        if facts:
            _list(account, act.operation, facts, now)


def _read_otherwise(operation: Operation, row: ReservationRecord) -> dict[str, str] | None:
    """None where it came back as one of the times that we sent, or as something else altogether: then it was moved."""
    request = json.loads(unseal(operation.sealed_request, operation.request_context()))
    found, zone = Moment(row.wire_starts, row.starts_at), request["zone"]
    sent = [moment_from(item["from"]) for item in request["items"]]
    if any(one.wire == found.wire for one in sent):
        return None
    fits = [(one, zone_read_in(one, found, zone)) for one in sent]
    return next(({"sent": one.wire, "read": found.wire, "fits": name} for one, name in fits if name), None)


def _list(account: Account, operation: Operation, facts: dict[str, str], now: dt.datetime) -> None:
    """The lock makes it one, whoever else reads at this moment."""
    locked = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    resource = f"clock:{facts['fits']}"
    if Discrepancy.objects.filter(account=account, kind=KIND, resource=resource).exists():
        return
    told = facts | {"set": str(locked.settings.get("wire_timezone") or "UTC"), "reference": operation.reference}
    # Without its operation: the booking is well, and nobody has to decide about it.
    place = {"account": account, "branch": operation.branch}
    Discrepancy.objects.create(kind=KIND, resource=resource, facts=told, at=now, **place)
