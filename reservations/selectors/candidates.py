"""What stands at the provider that an act of ours may have made or changed: for a person who decides."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from customers.models import ProviderCustomer
from providers.models import Evidence
from reservations.models import Act, Attendance, Reservation, Subscription

MOST = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """`fits`: the last look counted it as what we asked for."""

    name: str
    number: str
    status: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    made_at: dt.datetime | None
    seen_at: dt.datetime
    fits: bool


def candidates_of(act: Act) -> list[Candidate]:
    """Two queries. As the mirror has them: every look brings it up to date."""
    looks = act.operation.evidence.exclude(source__in=(Evidence.From.RESPONSE, Evidence.From.PERSON)).order_by("-pk")
    last: dict[str, Any] = looks.values_list("facts", flat=True).first() or {}
    fitting = set(last.get("made", ()))
    if act.operation.kind == "booking.attend":
        return [_visit(row) for row in _rows(Attendance, act, subject_id=act.subject_id)]
    if act.subject == Act.Subject.CUSTOMER:
        rows = _rows(ProviderCustomer, act, external_id__in=sorted(fitting | set(last.get("ids", ()))))
        return [_customer(row, row.external_id in fitting) for row in rows]
    model = Subscription if act.subject == Act.Subject.SUBSCRIPTION else Reservation
    if act.subject_id:
        return [_booked(row, fits=False) for row in _rows(model, act, external_id=act.subject_id)]
    new = _rows(model, act, customer_id=act.customer_id)
    before = set(act.operation.snapshot.get("before", {}).get("ids", ()))
    return [_booked(row, fits=row.external_id in fitting) for row in new if row.external_id not in before]


def _rows(model: Any, act: Act, **where: Any) -> list[Any]:
    rows = model.objects.filter(account=act.operation.account_id, gone_at__isnull=True, **where)
    return list(rows.defer("payload").order_by("-pk")[:MOST])


def _booked(row: Reservation | Subscription, *, fits: bool) -> Candidate:
    if isinstance(row, Reservation):
        name, number = row.product_name, row.number
    else:
        name, number = ", ".join(one["name"] for one in row.items), row.code
    status = str(row.get_status_display())
    return Candidate(name, number, status, row.starts_at, row.ends_at, row.made_at, row.seen_at, fits)


def _visit(row: Attendance) -> Candidate:
    return Candidate(
        row.subject_name,
        "",
        str(row.get_direction_display()),
        row.starts_at,
        row.ends_at,
        None,
        row.seen_at,
        fits=False,
    )


def _customer(row: ProviderCustomer, fits: bool) -> Candidate:
    return Candidate(row.name, row.number, "", None, None, None, row.seen_at, fits)
