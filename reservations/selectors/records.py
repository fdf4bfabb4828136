"""Reservations, subscriptions and attendances: of a branch by filter, of one customer, one by one. Keyset pages."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

from branches.models import Branch
from customers.models import ProviderCustomer
from providers.contracts.bookings import SubscriptionStatus
from reservations.models import Attendance, Reservation, Subscription
from reservations.selectors.board import SHOWN
from reservations.selectors.freshness import read_at
from reservations.selectors.places import booking_links, is_ours, used_as

PAGE = 50
Row = TypeVar("Row", bound=Model)
_CURSOR = re.compile(r"(-?[0-9a-f]{1,14})-([0-9]{1,18})")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class BadCursor(Exception):
    """Not a place in a list that we have named."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`next` is '' on the last one."""

    rows: list[Row]
    next: str = ""


@dataclass(frozen=True, slots=True)
class ReservationFilter:
    """What is asked for, checked by a form. `number` is one reservation, whenever it is."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    statuses: tuple[str, ...] = ()
    phone: str = ""  # E.164
    number: str = ""
    customer_id: str = ""


@dataclass(frozen=True, slots=True)
class Days:
    """Where a subscription stands on a day. A pause that only lies ahead is not a pause yet."""

    paused: bool
    pause_planned: dt.datetime | None
    resumes: dt.datetime | None
    left: int | None  # days until its end, 0 on the last; None where it has no end, or has ended
    ends: dt.datetime | None


# Of a branch ----------------------------------------------------------------------------------------------------------


def find_reservations(branch: Branch, wanted: ReservationFilter, after: str = "") -> Page[Reservation]:
    """Latest start first. Raises BadCursor. Two queries."""
    here = Q(pk__in=[])
    for link in booking_links(branch):
        here |= link.here()
    rows = Reservation.objects.filter(here, gone_at__isnull=True)
    if wanted.number:
        rows = rows.filter(number=wanted.number)
    if wanted.since:
        rows = rows.filter(starts_at__gte=wanted.since)
    if wanted.until:
        rows = rows.filter(starts_at__lt=wanted.until)
    if wanted.statuses:
        rows = rows.filter(status__in=wanted.statuses)
    if wanted.phone:
        rows = rows.filter(customer_phone=wanted.phone)
    if wanted.customer_id:
        rows = rows.filter(customer_id=wanted.customer_id)
    return _page(rows.only(*SHOWN), after)


# Of one customer ------------------------------------------------------------------------------------------------------


def reservations_of(customer: ProviderCustomer, after: str = "") -> Page[Reservation]:
    """Latest start first, at every place of the account. Raises BadCursor. One query."""
    rows = Reservation.objects.filter(account=customer.account_id, customer_id=customer.external_id)
    return _page(rows.filter(gone_at__isnull=True).only(*SHOWN), after)


def subscriptions_of(customer: ProviderCustomer, limit: int = PAGE) -> list[Subscription]:
    """Latest start first. `days_of` says how each stands. One query."""
    rows = Subscription.objects.filter(account=customer.account_id, customer_id=customer.external_id)
    return list(rows.filter(gone_at__isnull=True).defer("payload").order_by("-starts_at", "-pk")[:limit])


def attendances_of(customer: ProviderCustomer, limit: int = PAGE) -> list[Attendance]:
    """As they list them, the newest to us first. One query."""
    rows = Attendance.objects.filter(account=customer.account_id, customer_id=customer.external_id)
    return list(rows.filter(gone_at__isnull=True).defer("payload").order_by("-pk")[:limit])


def days_of(row: Subscription, branch: Branch, now: dt.datetime) -> Days:
    """In days of the branch's calendar."""
    planned = row.paused_at if row.paused_at and row.paused_at > now and not row.is_paused else None
    begun = row.is_paused and (row.paused_at is None or row.paused_at <= now)
    if row.is_paused and not begun:
        planned = row.paused_at
    left = None
    running = row.status in (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAUSED)
    if row.ends_at and running:
        days = (row.ends_at.astimezone(branch.zone).date() - now.astimezone(branch.zone).date()).days
        left = days if days >= 0 else None
    return Days(begun, planned, row.resume_at if begun or planned else None, left, row.ends_at)


# One by one -----------------------------------------------------------------------------------------------------------


def reservation_for(user: Any, row_id: int) -> Reservation | None:
    """One of this person's branches; another branch's is not found. One query."""
    return _one(user, Reservation.objects.all(), "reservations", row_id)


def subscription_for(user: Any, row_id: int) -> Subscription | None:
    return _one(user, Subscription.objects.all(), "subscriptions", row_id)


def _one(user: Any, rows: QuerySet[Row], collection: str, row_id: int) -> Row | None:
    """With `read_at`: when its collection was last read whole."""
    found = rows.annotate(read_at=read_at(collection), used_as=used_as(user)).select_related("account")
    row: Any = found.filter(pk=row_id).first()
    return row if row and is_ours(row.account, row.used_as, row.place_id) else None


# Pages ----------------------------------------------------------------------------------------------------------------


def _page(rows: QuerySet[Reservation], after: str) -> Page[Reservation]:
    if after:
        at, key = _read(after)
        earlier = Q(starts_at__lt=at) | Q(pk__lt=key)
        rows = rows.filter(earlier, starts_at__lte=at)
    found = list(rows.order_by("-starts_at", "-pk")[: PAGE + 1])
    if len(found) <= PAGE:
        return Page(found)
    last = found[PAGE - 1]
    return Page(found[:PAGE], f"{(last.starts_at - _EPOCH) // _MICROSECOND:x}-{last.pk}")


def _read(text: str) -> tuple[dt.datetime, int]:
    match = _CURSOR.fullmatch(text)
    if match is None:
        raise BadCursor
    try:
        return _EPOCH + int(match[1], 16) * _MICROSECOND, int(match[2])
    except OverflowError as error:
        raise BadCursor from error
