"""How fresh what a page shows is: a row that has not changed is as fresh as the last reading that proved itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Max, OuterRef, Q, Subquery

from providers.models import SyncRun, SyncStatus
from reservations.selectors.places import Link

PROVEN = Q(complete=True) | Q(status=SyncStatus.GREEN)


def read_at(collection: str) -> Subquery:
    """Of one mirror row, within the question that reads it."""
    runs = SyncRun.objects.filter(PROVEN, account=OuterRef("account"), collection=collection).order_by("-began_at")
    return Subquery(runs.values("began_at")[:1])


def read_whole(links: Iterable[Link], collection: str) -> dt.datetime | None:
    """The oldest of these accounts' last readings; None where one of them was never read. One query."""
    accounts = {link.account.pk for link in links}
    runs = SyncRun.objects.filter(PROVEN, account__in=accounts, collection=collection).order_by()
    found = dict(runs.values_list("account").annotate(Max("began_at")))
    return min(found.values()) if found and len(found) == len(accounts) else None


def youngest(seen_at: dt.datetime | None, whole: dt.datetime | None) -> dt.datetime | None:
    return max((at for at in (seen_at, whole) if at), default=None)
