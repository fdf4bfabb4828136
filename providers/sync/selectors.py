"""What pages show of the mirrors: the last runs, how fresh a collection is, what waits for a person."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from branches.models import Branch
from providers.models import Account, BranchAccount, Drift, Quarantined, SyncDeed, SyncRun, SyncStatus
from providers.specs import SPECS
from providers.sync.runs import last_complete
from providers.sync.tables import mirror_of, mirrors


@dataclass(frozen=True, slots=True)
class Standing:
    """How one collection of one account stands. `whole` may be the same run as `last`."""

    account: Account
    collection: str
    branches: tuple[Branch, ...]
    last: SyncRun | None  # running or ended
    whole: SyncRun | None  # the last complete reading
    unreadable: int
    drift: int
    is_ordered: bool = False  # a person asked for a reading that has not begun

    @property
    def as_of(self) -> dt.datetime | None:
        return _as_of(self.whole, self.last)


def as_of(account: Account, collection: str) -> dt.datetime | None:
    """What we show of this collection was so at this time, or later where a row says so itself. None: never read, or
    read for one subject at a time: then only whoever keeps when each was asked about knows."""
    mirror = mirror_of(SPECS[account.provider].kind, collection) if account.provider in SPECS else None
    if mirror and mirror.subjects:
        return None
    return _as_of(last_complete(account, collection), last_run(account, collection))


def _as_of(whole: SyncRun | None, last: SyncRun | None) -> dt.datetime | None:
    """A window that agreed with their total counts like a whole reading: it is green."""
    good = [run.began_at for run in (whole, last) if run and (run.complete or run.status == SyncStatus.GREEN)]
    return max(good, default=None)


def row_as_of(row_seen_at: dt.datetime, collection_as_of: dt.datetime | None) -> dt.datetime:
    """An unchanged row is not written again: it is as fresh as the last complete reading."""
    return max(row_seen_at, collection_as_of) if collection_as_of else row_seen_at


def last_run(account: Account, collection: str) -> SyncRun | None:
    return SyncRun.objects.filter(account=account, collection=collection).order_by("-began_at", "-pk").first()


def standings(branches: Iterable[Branch]) -> list[Standing]:
    """Every collection of every account of these branches, by account."""
    links = BranchAccount.objects.filter(branch__in=list(branches), account__is_active=True)
    by_account: dict[Account, list[Branch]] = {}
    for link in links.select_related("account", "branch").order_by(
        "account__provider", "account__label", "branch__code"
    ):
        by_account.setdefault(link.account, []).append(link.branch)
    return _standings(by_account)


def _standings(by_account: dict[Account, list[Branch]]) -> list[Standing]:
    """Five questions, however many collections there are."""
    mine = {"account__in": list(by_account)}
    newest = SyncRun.objects.filter(**mine).order_by("account_id", "collection", "-began_at", "-pk")
    newest = newest.distinct("account_id", "collection").defer("tally")
    last = {(run.account_id, run.collection): run for run in newest}
    whole = {(run.account_id, run.collection): run for run in newest.filter(complete=True)}
    unreadable = _counted(Quarantined.objects.filter(**mine, resolved_at__isnull=True))
    drift = _counted(Drift.objects.filter(**mine, acknowledged_at__isnull=True))
    orders = SyncDeed.objects.filter(**mine, waits=True).values_list("account", "collection")
    waiting = set(orders)
    return [
        Standing(
            account=account,
            collection=collection,
            branches=tuple(places),
            last=last.get((account.pk, collection)),
            whole=whole.get((account.pk, collection)),
            unreadable=unreadable.get((account.pk, collection), 0),
            drift=drift.get((account.pk, collection), 0),
            is_ordered=(account.pk, collection) in waiting,
        )
        for account, places in by_account.items()
        for collection in collections_of(account)
    ]


def _counted(rows: QuerySet[Any]) -> dict[tuple[uuid.UUID, str], int]:
    counts = rows.order_by().values_list("account", "collection").annotate(n=Count("pk"))
    return {(account, collection): n for account, collection, n in counts}


def collections_of(account: Account) -> list[str]:
    """Which of this account's collections are mirrored and read at night, in the order in which they are best read."""
    kind = SPECS[account.provider].kind if account.provider in SPECS else ""
    mine = [mirror for mirror in mirrors() if mirror.kind == kind and mirror.at_night]
    return [mirror.collection for mirror in sorted(mine, key=lambda mirror: bool(mirror.after))]


def runs_of(branches: Iterable[Branch]) -> QuerySet[SyncRun]:
    """The runs of these branches' accounts, the newest first. The caller takes a page of it."""
    accounts = BranchAccount.objects.filter(branch__in=list(branches)).values("account")
    return SyncRun.objects.filter(account__in=accounts).select_related("account").order_by("-began_at", "-pk")
