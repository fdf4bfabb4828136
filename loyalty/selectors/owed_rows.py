"""The rows behind a number of what is owed in points (owed.py), page by page."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Q

from loyalty.models import Act, Card, LoyaltyTransaction
from loyalty.selectors.owed import COLUMNS, Chain, acts_by_hand, movements_of

PAGE = 50
_CURSOR = re.compile(r"(-?[0-9]{1,17}(?:\.[0-9]{1,2})?)~([0-9a-f]{1,32})", re.ASCII)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
T = TypeVar("T")


class BadCursor(Exception):
    """Not a place in a list that we have named."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: what the list is sorted by, and which row it was. In an address it is as good as any input."""

    value: Decimal
    key: str

    def __str__(self) -> str:
        return f"{self.value:f}~{self.key}"

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Raises BadCursor."""
        match = _CURSOR.fullmatch(text)
        if match is None:
            raise BadCursor
        return cls(Decimal(match[1]), match[2])

    @property
    def pk(self) -> int:
        return int(self.key) if self.key.isdigit() and len(self.key) < 19 else 0

    @property
    def day(self) -> dt.date:
        return dt.date.fromordinal(min(max(int(self.value), 1), dt.date.max.toordinal()))

    @property
    def moment(self) -> dt.datetime:
        return _EPOCH + min(max(int(self.value), 0), 10**16) * _MICROSECOND


def cards_behind(chain: Chain, after: Cursor | None) -> tuple[list[Card], Cursor | None]:
    """With points on them, the most first."""
    rows = Card.objects.filter(account=chain.account, chain_id=chain.chain_id, gone_at__isnull=True).exclude(balance=0)
    if after:
        rows = rows.filter(Q(balance__lt=after.value) | Q(balance=after.value, pk__gt=after.pk))
    found = list(rows.defer("payload", "programs").order_by("-balance", "pk")[: PAGE + 1])
    return _page(found, lambda row: Cursor(row.balance, str(row.pk)))


def movements_behind(
    chain: Chain, column: str, since: dt.date, until: dt.date, after: Cursor | None
) -> tuple[list[LoyaltyTransaction], Cursor | None]:
    """Of one column on these days, newest first."""
    kinds = [movement.value for movement in COLUMNS[column][0]]
    rows = movements_of(chain).filter(day__range=(since, until), movement__in=kinds)
    if after:
        rows = rows.filter(Q(day__lt=after.day) | Q(day=after.day, pk__lt=after.pk))
    found = list(rows.defer("payload").order_by("-day", "-pk")[: PAGE + 1])
    return _page(found, lambda row: Cursor(_ordinal(row.day), str(row.pk)))


def acts_behind(
    user: Any, chain: Chain, since: dt.date, until: dt.date, person: uuid.UUID | None, after: Cursor | None
) -> tuple[list[Act], Cursor | None]:
    """What one person moved by hand, newest first; None for partners."""
    rows = acts_by_hand(user, chain, since, until).filter(operation__actor=person)
    rows = rows.select_related("operation__branch", "operation__actor", "operation__account", "proposal__decided_by")
    if after:
        same = Q(operation__created_at=after.moment, operation_id__gt=_uuid(after.key))
        rows = rows.filter(Q(operation__created_at__lt=after.moment) | same)
    found = list(rows.order_by("-operation__created_at", "operation_id")[: PAGE + 1])
    return _page(found, lambda row: Cursor(_microseconds(row.operation.created_at), row.operation_id.hex))


def _ordinal(day: dt.date | None) -> Decimal:
    return Decimal(day.toordinal() if day else 0)


def _microseconds(at: dt.datetime) -> Decimal:
    return Decimal((at - _EPOCH) // _MICROSECOND)


def _uuid(key: str) -> uuid.UUID:
    return uuid.UUID(key.zfill(32))


def _page(found: Sequence[T], cursor: Callable[[T], Cursor]) -> tuple[list[T], Cursor | None]:
    return list(found[:PAGE]), cursor(found[PAGE - 1]) if len(found) > PAGE else None


def tails_of(chain: Chain, card_ids: Iterable[str]) -> dict[str, str]:
    """The last four of their numbers."""
    rows = Card.objects.filter(account=chain.account, external_id__in=set(card_ids))
    return {key: number[-4:] for key, number in rows.values_list("external_id", "number")}


def acts_of_movements(chain: Chain, ids: Sequence[str]) -> dict[str, Act]:
    """Which act of ours made which of these transactions."""
    rows = Act.objects.filter(operation__account=chain.account, transaction_ids__overlap=list(ids) or [""])
    found = rows.select_related("operation__actor", "operation__branch")
    return {one: act for act in found for one in act.transaction_ids}
