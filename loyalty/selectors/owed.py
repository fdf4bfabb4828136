"""What customers could still spend in points, by chain and month (S31, issue 6): what the cards have now, and what came and
went. Everything is added up in the database; the rows behind a number are in owed_rows.py.

They tell of a movement only its day. What was owed at a month's end is reckoned back from what is owed now.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    CharField,
    Count,
    DecimalField,
    Exists,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Abs, Coalesce, TruncMonth

from branches.models import Branch
from branches.roles import Permission
from branches.selectors import branches_of
from loyalty.models import Act, Card, CardType, LoyaltyTransaction
from loyalty.selectors.places import KIND
from providers.contracts.loyalty_orders import Movement
from providers.models import Account, BranchAccount, State, SyncRun, SyncStatus
from providers.specs import specs_of

MONTHS = 12
NOTHING = Decimal(0)
# Each column of the report, what of theirs it adds up, and how that changes what is owed.
COLUMNS: dict[str, tuple[tuple[Movement, ...], int]] = {
    "earned": ((Movement.ACCRUAL, Movement.REFERRAL), 1),
    "used": ((Movement.WITHDRAWAL,), -1),
    "given": ((Movement.DEPOSIT_BY_HAND,), 1),
    "taken": ((Movement.WITHDRAWAL_BY_HAND,), -1),
    "expired": ((Movement.EXPIRY,), -1),
}
COLUMN_OF = {movement.value: name for name, (movements, _sign) in COLUMNS.items() for movement in movements}
BY_HAND = [Movement.DEPOSIT_BY_HAND.value, Movement.WITHDRAWAL_BY_HAND.value]
DONE = (State.SUCCEEDED, State.RESOLVED_APPLIED)
AMOUNT: DecimalField[Any, Any] = DecimalField(max_digits=18, decimal_places=2)


@dataclass(frozen=True, slots=True)
class Chain:
    """Of one account. `branch` is one of ours that keeps its cards there: its clock and its currency count."""

    account: Account
    chain_id: str
    title: str
    branch: Branch
    owed: Decimal
    cards: int
    with_points: int
    cards_at: dt.datetime | None = None  # when all of them were last read
    movements_at: dt.datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.account.pk}:{self.chain_id}"


@dataclass(slots=True)
class Month:
    first: dt.date
    known: bool = True  # whether we have read movements that old
    owed: Decimal = NOTHING  # at its end, or now
    sums: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(COLUMNS, NOTHING))

    @property
    def net(self) -> Decimal:
        return sum((sign * self.sums[name] for name, (_kinds, sign) in COLUMNS.items()), NOTHING)

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> dt.date:
        return month_after(self.first) - dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far the report may be trusted: when cards and movements were last read whole, since which day there are movements,
    and how many have no day yet, so that no month counts them."""

    cards_at: dt.datetime | None
    movements_at: dt.datetime | None
    since: dt.date | None
    undated: int


@dataclass(frozen=True, slots=True)
class Person:
    """What one person gave and took by hand."""

    person_id: uuid.UUID | None
    name: str
    given: Decimal
    taken: Decimal
    acts: int


def month_after(first: dt.date) -> dt.date:
    return (first + dt.timedelta(days=31)).replace(day=1)


def months_until(day: dt.date) -> list[dt.date]:
    """The first days of the last twelve months, oldest first."""
    back = [day.year * 12 + day.month - 1 - n for n in reversed(range(MONTHS))]
    return [dt.date(number // 12, number % 12 + 1, 1) for number in back]


def days_of(month: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """Of one month (2026-11), or of all twelve."""
    months = months_until(today)
    chosen = next((first for first in months if f"{first:%Y-%m}" == month), None)
    first, last = (chosen, chosen) if chosen else (months[0], months[-1])
    return first, month_after(last) - dt.timedelta(days=1)


# Which chains ---------------------------------------------------------------------------------------------------------


def chains_for(user: Any) -> list[Chain]:
    """Where this person may see what is owed, the largest first. Two queries."""
    rows = BranchAccount.objects.filter(branch__in=branches_of(user, Permission.LIABILITY), account__is_active=True)
    rows = rows.filter(account__provider__in=list(specs_of(KIND))).select_related("account", "branch")
    rows = rows.annotate(cards_at=_read_whole("cards"), movements_at=_read_whole("transactions"))
    links: dict[uuid.UUID, Any] = {}
    for row in rows.order_by("branch__code", "pk"):
        links.setdefault(row.account_id, row)
    found = []
    for account_id, chain_id, title, *figures in _owed_now(links):
        link = links[account_id]
        facts = dict(zip(("owed", "cards", "with_points"), figures, strict=True))
        read = {"cards_at": link.cards_at, "movements_at": link.movements_at}
        found.append(Chain(link.account, chain_id, title or "", link.branch, **facts, **read))
    return sorted(found, key=lambda chain: (-chain.owed, chain.key))


def _read_whole(collection: str) -> Subquery:
    """When this collection of an account was last read with its proof, within the question that reads the account."""
    runs = SyncRun.objects.filter(Q(complete=True) | Q(status=SyncStatus.GREEN), collection=collection)
    return Subquery(runs.filter(account=OuterRef("account")).order_by("-began_at").values("began_at")[:1])


def _owed_now(accounts: Iterable[uuid.UUID]) -> Iterable[Any]:
    same = CardType.objects.filter(account=OuterRef("account"), chain_id=OuterRef("chain_id")).exclude(chain_title="")
    rows = (
        Card.objects.filter(account__in=list(accounts), gone_at__isnull=True).order_by().values("account", "chain_id")
    )
    rows = rows.annotate(owed=Sum("balance", output_field=AMOUNT), cards=Count("pk"))
    rows = rows.annotate(with_points=Count("pk", filter=~Q(balance=0)), title=Subquery(same.values("chain_title")[:1]))
    return rows.values_list("account", "chain_id", "title", "owed", "cards", "with_points")


# By month -------------------------------------------------------------------------------------------------------------


def movements_of(chain: Chain) -> QuerySet[LoyaltyTransaction]:
    """What changed its cards and was not taken back. A bill may not say of which chain it is."""
    rows = LoyaltyTransaction.objects.filter(account=chain.account, chain_id__in=[chain.chain_id, ""])
    return rows.filter(gone_at__isnull=True, movement__in=list(COLUMN_OF))


def owed_by_month(chain: Chain, today: dt.date) -> list[Month]:
    """Oldest first. One query."""
    months = {first: Month(first) for first in months_until(today)}
    oldest, newest = min(months), max(months)
    rows = movements_of(chain).filter(day__gte=oldest, day__lt=month_after(newest)).order_by()
    sums = rows.annotate(month=TruncMonth("day")).values("month", "movement")
    for month, movement, amount in sums.annotate(sum=Sum(Abs("amount"))).values_list("month", "movement", "sum"):
        months[month].sums[COLUMN_OF[movement]] += amount
    owed = chain.owed
    for first in sorted(months, reverse=True):
        months[first].owed = owed
        owed -= months[first].net
    return [months[first] for first in sorted(months)]


def completeness_of(chain: Chain) -> Completeness:
    """One query."""
    days = movements_of(chain).aggregate(first=Min("day"), undated=Count("pk", filter=Q(day__isnull=True)))
    return Completeness(chain.cards_at, chain.movements_at, days["first"], days["undated"])


# By hand --------------------------------------------------------------------------------------------------------------


def acts_by_hand(user: Any, chain: Chain, since: dt.date, until: dt.date) -> QuerySet[Act]:
    """What our people moved by hand on these days, at the branches of which this person may see it."""
    rows = Act.objects.filter(operation__account=chain.account, operation__kind="loyalty.points")
    rows = rows.filter(operation__state__in=DONE, business_date__range=(since, until))
    return rows.filter(operation__branch__in=branches_of(user, Permission.LIABILITY))


def people_by_hand(user: Any, chain: Chain, since: dt.date, until: dt.date) -> list[Person]:
    """Who gave and took how much, the most given first. One query."""
    names = ("operation__actor", *(f"operation__actor__{part}" for part in ("first_name", "last_name", "username")))
    moved = Coalesce("applied", "requested")
    rows = acts_by_hand(user, chain, since, until).annotate(moved=moved).order_by().values(*names)
    rows = rows.annotate(
        given=Coalesce(Sum("moved", filter=Q(moved__gt=0)), Value(NOTHING, AMOUNT)),
        taken=Coalesce(Sum(Abs("moved"), filter=Q(moved__lt=0)), Value(NOTHING, AMOUNT)),
        acts=Count("pk"),
    )
    found = [_person(row, *names) for row in rows.order_by("-given", "operation__actor")[:200]]
    return found


def _person(row: Mapping[str, Any], actor: str, first: str, last: str, username: str) -> Person:
    name = f"{row[first] or ''} {row[last] or ''}".strip() or str(row[username] or "")
    return Person(row[actor], name, row["given"], row["taken"], row["acts"])


def elsewhere(chain: Chain, since: dt.date, until: dt.date) -> dict[str, Decimal]:
    """By hand, and by none of our acts: somebody did it in the provider's own system. One query."""
    rows = movements_of(chain).filter(day__range=(since, until), movement__in=BY_HAND)
    sums = rows.filter(~Exists(ours_in_sql(chain))).order_by().values("movement").annotate(sum=Sum(Abs("amount")))
    return {COLUMN_OF[row["movement"]]: row["sum"] for row in sums}


def ours_in_sql(chain: Chain) -> QuerySet[Act]:
    """Within the question for a transaction: the act of ours that made it."""
    column: ArrayField[Any, Any] = ArrayField(CharField(max_length=80))
    one = Func(OuterRef("external_id"), template="ARRAY[%(expressions)s]::varchar(80)[]", output_field=column)
    return Act.objects.filter(operation__account=chain.account, transaction_ids__contains=one)
