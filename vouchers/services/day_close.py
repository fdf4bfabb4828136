"""Closing a till's trading day: once, for good, and not while anything in it is open."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import IntegrityError, transaction

from branches.models import Till
from branches.roles import Permission
from branches.selectors import permissions_at
from providers.operations.life import database_now
from vouchers.models import DayClose
from vouchers.selectors import day_close as selectors
from vouchers.services.place import Place


class CannotClose(Exception):
    """`code` says why: not_allowed, future_day, open, closed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def may_close(place: Place, till: Till) -> bool:
    """One's own till is the one she works at now; who supervises closes any of the branch."""
    granted = permissions_at(place.actor, till.branch)
    return Permission.CLOSE_ANY_TILL in granted or (Permission.CLOSE_TILL in granted and place.till == till)


def close_day(
    till: Till, day: dt.date, place: Place, *, counted: Decimal | None, note: str, now: dt.datetime
) -> DayClose:
    """Write down what the day came to. Raises CannotClose."""
    if not may_close(place, till):
        raise CannotClose("not_allowed")
    if day > till.branch.business_date(now):
        raise CannotClose("future_day")
    try:
        with transaction.atomic(durable=True):
            return _written(till, day, place, counted, note)
    except IntegrityError as error:
        raise CannotClose("closed") from error


def _written(till: Till, day: dt.date, place: Place, counted: Decimal | None, note: str) -> DayClose:
    """What ends while we add up has not ended by `border`: it counts as open, and she is told to press once more."""
    Till.objects.select_for_update().get(pk=till.pk)
    if selectors.close_of(till, day):
        raise CannotClose("closed")
    border = database_now()
    rows = selectors.day_of_till(till, day)
    if rows.exclude(selectors.ended_by(border)).exists():
        raise CannotClose("open")
    sums = selectors.till_sums(rows.filter(selectors.ended_by(border)))
    row = DayClose(till=till, branch=till.branch, business_date=day, closed_by=place.actor, closed_at=border)
    row.sums = [sum_.in_json() for sum_ in sums]
    row.currency, row.counted, row.note = till.branch.currency, counted, note
    row.save(force_insert=True)
    return row
