"""Whose cards a person may see, one card, and what moved it, page by page."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from branches.roles import Permission
from branches.selectors import branches_of
from customers.models import ProviderCustomer
from loyalty.models import Card, LoyaltyTransaction
from loyalty.selectors.places import loyalty_accounts

PAGE = 20
_CURSOR = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?:([0-9]{1,18})")


class BadCursor(Exception):
    """Not a place in a list that we have named."""


@dataclass(frozen=True, slots=True)
class Movements:
    """A page of what moved a card, newest first. `next` is '' on the last one."""

    rows: list[LoyaltyTransaction]
    next: str = ""


def customer_for(user: Any, row_id: int) -> ProviderCustomer | None:
    """Of the loyalty accounts that this person's branches use. One query."""
    accounts = loyalty_accounts(branches_of(user, Permission.CARDS)).values("pk")
    rows = ProviderCustomer.objects.filter(account__in=accounts, gone_at__isnull=True).defer("payload")
    return rows.select_related("account").filter(pk=row_id).first()


def card_for(user: Any, row_id: int) -> Card | None:
    """One query. A card that is gone may be looked at: what moved it stays."""
    accounts = loyalty_accounts(branches_of(user, Permission.CARDS)).values("pk")
    rows = Card.objects.filter(account__in=accounts).defer("payload")
    return rows.select_related("account").filter(pk=row_id).first()


def movements_of(card: Card, after: str = "") -> Movements:
    """Those without a day first: a visit or a look has shown them, and the night has not listed them yet. Raises BadCursor."""
    rows = LoyaltyTransaction.objects.filter(account=card.account_id, card_id=card.external_id, gone_at__isnull=True)
    rows = rows.defer("payload").order_by(F("day").desc(nulls_first=True), "-pk")
    if after:
        rows = rows.filter(_after(after))
    found = list(rows[: PAGE + 1])
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Movements(found[:PAGE], f"{last.day.isoformat() if last.day else ''}:{last.pk}" if last else "")


def _after(cursor: str) -> Q:
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise BadCursor
    last = int(match[2])
    if not match[1]:
        return Q(day__isnull=True, pk__lt=last) | Q(day__isnull=False)
    try:
        day = dt.date.fromisoformat(match[1])
    except ValueError:
        raise BadCursor from None
    return Q(day__lt=day) | Q(day=day, pk__lt=last)
