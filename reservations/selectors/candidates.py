"""What stands at the provider that an act of ours may have made or changed: for a person who decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from customers.models import ProviderCustomer
from reservations.effects.candidates import MOST, Seen, may_be_made_by, seen_last
from reservations.effects.shared import MADE_AS
from reservations.models import Act, Attendance, Reservation, Subscription


@dataclass(frozen=True, slots=True)
class Candidate:
    """`fits`: the last look counted it as what we asked for. `otherwise`: it would, were the clock there read in the other way.
    `may_be_ours`: a person may say that we made it."""

    external_id: str
    name: str
    number: str
    status: str
    seen_at: dt.datetime
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    made_at: dt.datetime | None = None
    who: str = ""
    source: str = ""
    fits: bool = False
    otherwise: bool = False
    may_be_ours: bool = False


def candidates_of(act: Act) -> list[Candidate]:
    """At most three queries. As the mirror has them: every look brings it up to date."""
    seen = seen_last(act.operation)
    if act.operation.kind == "booking.attend":
        return [_visit(row) for row in _rows(Attendance, act, subject_id=act.subject_id)]
    if act.operation.kind in MADE_AS:
        return [_may_be_ours(row, seen) for row in may_be_made_by(act, seen)] + _in_the_way(act, seen)
    model = Subscription if act.subject == Act.Subject.SUBSCRIPTION else Reservation
    return [_told(row) for row in _rows(model, act, external_id=act.subject_id)]


def _rows(model: Any, act: Act, **where: Any) -> list[Any]:
    rows = model.objects.filter(account=act.operation.account_id, gone_at__isnull=True, **where)
    return list(rows.defer("payload").order_by("-pk")[:MOST])


def _may_be_ours(row: Any, seen: Seen) -> Candidate:
    key = row.external_id
    return _told(row, fits=key in seen.fits, otherwise=key in seen.otherwise, may_be_ours=True)


def _in_the_way(act: Act, seen: Seen) -> list[Candidate]:
    """Customers who had the phone already: nobody of them is ours."""
    if act.subject != Act.Subject.CUSTOMER or not seen.there:
        return []
    return [_told(row) for row in _rows(ProviderCustomer, act, external_id__in=seen.there - seen.first)]


def _told(row: Any, **more: Any) -> Candidate:
    if isinstance(row, ProviderCustomer):
        return Candidate(row.external_id, row.name, row.number, "", row.seen_at, **more)
    status, times = str(row.get_status_display()), (row.starts_at, row.ends_at, row.made_at)
    if isinstance(row, Subscription):
        name = ", ".join(one["name"] for one in row.items)
        return Candidate(row.external_id, name, row.code, status, row.seen_at, *times, **more)
    who = ", ".join(one["name"] for one in row.practitioners)
    name, number = row.product_name, row.number
    return Candidate(row.external_id, name, number, status, row.seen_at, *times, who, row.source, **more)


def named_there(act: Act, ids: Collection[str]) -> dict[str, str]:
    """What people call them: their number, else their name."""
    if not ids:
        return {}
    models = {Act.Subject.CUSTOMER: ProviderCustomer, Act.Subject.SUBSCRIPTION: Subscription}
    model: Any = models.get(Act.Subject(act.subject), Reservation)
    rows = model.objects.filter(account=act.operation.account_id, external_id__in=ids).defer("payload")
    return {row.external_id: told.number or told.name for row in rows for told in [_told(row)]}


def _visit(row: Attendance) -> Candidate:
    status = str(row.get_direction_display())
    return Candidate(row.external_id, row.subject_name, "", status, row.seen_at, row.starts_at, row.ends_at)
