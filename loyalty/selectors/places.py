"""How a branch of ours uses a loyalty account: as which of their places, with whose clock."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from branches.models import Branch
from providers.models import Account, BranchAccount
from providers.specs import specs_of

KIND = "loyalty"


@dataclass(frozen=True, slots=True)
class Link:
    """`place_id`: their id of this branch, '' for the account's own place; `here` is that id in either case, '' where nobody
    has said it. `zone`: the clock of that place."""

    branch: Branch
    account: Account
    place_id: str
    zone: ZoneInfo
    here: str = ""

    def day(self, now: dt.datetime) -> dt.date:
        """Their day: of a transaction they tell no more."""
        return now.astimezone(self.zone).date()


def link_for(row: BranchAccount) -> Link:
    settings: dict[str, Any] = row.account.settings
    zone = str(settings.get("timezone") or row.branch.timezone)
    place_id = str(row.place.get("location_id") or "")
    return Link(row.branch, row.account, place_id, ZoneInfo(zone), place_id or str(settings.get("location_id") or ""))


def loyalty_accounts(branches: Branch | Iterable[Branch] | QuerySet[Branch]) -> QuerySet[Account]:
    """The accounts through which these branches keep cards."""
    at = [branches] if isinstance(branches, Branch) else branches
    rows = Account.objects.filter(places__branch__in=at, provider__in=list(specs_of(KIND)), is_active=True)
    return rows.distinct()


def loyalty_links(branch: Branch) -> list[Link]:
    """The accounts through which this branch keeps cards; one, in most clinics."""
    rows = BranchAccount.objects.filter(branch=branch, account__provider__in=list(specs_of(KIND)))
    rows = rows.filter(account__is_active=True).select_related("account", "branch")
    return [link_for(row) for row in rows.order_by("account__label", "pk")]


def link_at(branch: Branch, account_id: uuid.UUID) -> Link | None:
    row = BranchAccount.objects.filter(branch=branch, account=account_id, account__is_active=True)
    found = row.filter(account__provider__in=list(specs_of(KIND))).select_related("account", "branch").first()
    return link_for(found) if found else None
