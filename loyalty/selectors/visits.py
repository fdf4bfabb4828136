"""Today's visits of a branch and of a customer, and their bills. Visits are of one place: another branch's are not shown, and
not found."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from branches.models import Branch
from customers.models import ProviderCustomer
from loyalty.models import Appointment, Card, Holding, Visit
from loyalty.selectors.places import Link, link_at, loyalty_links

MOST = 200  # visits of a day on one page


@dataclass(frozen=True, slots=True)
class DayVisit:
    """One visit of a day: its first appointment, with the others that belong to it, and its bill as it was read last."""

    first: Appointment
    others: tuple[Appointment, ...]
    bill: Visit | None

    @property
    def titles(self) -> list[str]:
        return [one["title"] for row in (self.first, *self.others) for one in row.services]


@dataclass(frozen=True, slots=True)
class Day:
    visits: list[DayVisit]
    cut: bool
    seen_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """A card, with when it was read last: by itself, or in the list of a client's cards."""

    card: Card
    as_of: dt.datetime


def day_of(branch: Branch, day: dt.date) -> Day:
    """All visits of this place, by time. Three queries."""
    links = loyalty_links(branch)
    if not links:
        return Day([], False, None)
    which = Q()
    for link in links:
        which |= _at(link) & _on(link, day)
    rows = list(_rows().filter(which).order_by("starts_at", "pk")[: MOST + 1])
    return Day(_together(rows[:MOST]), len(rows) > MOST, max((row.seen_at for row in rows), default=None))


def visits_of_customer(customer: ProviderCustomer, branch: Branch, now: dt.datetime) -> list[DayVisit]:
    """Today's, at this branch. Three queries."""
    link = link_at(branch, customer.account_id)
    if link is None:
        return []
    rows = _rows().filter(_at(link) & _on(link, link.day(now)), client_id=customer.external_id)
    return _together(list(rows.order_by("starts_at", "pk")[:20]))


def appointment_at(branch: Branch, row_id: int) -> Appointment | None:
    """One of this branch's place. Two queries at most."""
    row = _rows().select_related("account").filter(pk=row_id).exclude(visit_id="").first()
    link = link_at(branch, row.account_id) if row else None
    return row if row and link and (not link.here or row.place_id in ("", link.here)) else None


def bill_for(row: Appointment) -> Visit | None:
    return Visit.objects.filter(account=row.account_id, external_id=row.visit_id).first()


def together_with(row: Appointment) -> list[Appointment]:
    """All appointments of its visit, this one among them."""
    return list(_rows().filter(account=row.account_id, visit_id=row.visit_id).order_by("starts_at", "pk")[:20])


def held_by(account_id: uuid.UUID, client_id: str) -> list[Held]:
    """The cards of a client. One query."""
    held = Holding.objects.filter(account=account_id, client_id=client_id)
    rows = Card.objects.filter(account=account_id, external_id__in=held.values("card_id"), gone_at__isnull=True)
    listed = Subquery(held.filter(card_id=OuterRef("external_id")).values("seen_at")[:1])
    found: Any = rows.annotate(listed_at=listed).defer("payload").order_by("type_title", "pk")
    return [Held(card, max(card.seen_at, card.listed_at)) for card in found[:50]]


def _rows() -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(is_deleted=False, gone_at__isnull=True)
    return rows.exclude(client_id="").defer("payload")


def _at(link: Link) -> Q:
    rows = Q(account=link.account)
    return rows & Q(place_id__in=["", link.here]) if link.here else rows


def _on(link: Link, day: dt.date) -> Q:
    """By the clock of that place, whatever the length of its day."""
    starts = dt.datetime.combine(day, dt.time(), link.zone)
    ends = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), link.zone)
    return Q(starts_at__gte=starts, starts_at__lt=ends)


def _together(rows: Iterable[Appointment]) -> list[DayVisit]:
    """Appointments of one visit are one line."""
    by_visit: dict[tuple[uuid.UUID, str], list[Appointment]] = {}
    for row in rows:
        by_visit.setdefault((row.account_id, row.visit_id or f"alone {row.pk}"), []).append(row)
    ids = [visit_id for _account, visit_id in by_visit]
    bills = Visit.objects.filter(account__in={account for account, _visit in by_visit}, external_id__in=ids)
    known = {(bill.account_id, bill.external_id): bill for bill in bills.defer("payload")}
    return [DayVisit(found[0], tuple(found[1:]), known.get(key)) for key, found in by_visit.items()]
