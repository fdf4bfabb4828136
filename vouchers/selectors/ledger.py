"""The ledger: every redemption of a branch, what became of it, and what it adds up to. Bounded by days and by pages."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import reduce
from itertools import groupby
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat, JSONArray

from branches.models import Branch, User
from branches.selectors import branches_of
from providers.models import OPEN_STATES, Account, Environment, Operation, State
from vouchers import models
from vouchers.effects import RESOURCE
from vouchers.models import Redemption, RedemptionLine
from vouchers.outcomes import GROUPS

PAGE = 50
AMOUNT: DecimalField[Any, Any] = DecimalField(max_digits=14, decimal_places=3)
NOTHING = Value(Decimal(0), AMOUNT)
USED_STATES = (*GROUPS["done"], State.PARTIAL)
IN_PART = Q(operation__state=State.PARTIAL) | Q(
    operation__state=State.RESOLVED_APPLIED, operation__outcome__has_key="applied"
)
IS_USED, IS_OPEN = Q(operation__state__in=USED_STATES), Q(operation__state__in=OPEN_STATES)
# What a row shows. The sealed columns and the JSON of fifty rows would be most of what a page costs.
SHOWN = (
    *("services_total", "client_pays", "currency", "business_date", "person_name", "operation"),
    *(f"operation__{name}" for name in ("reference", "state", "amount", "currency", "created_at", "branch", "till")),
    *("operation__actor", "operation__account"),
    *(f"operation__actor__{name}" for name in ("username", "first_name", "last_name")),
    *("operation__account__provider", "operation__account__environment", "operation__till__number"),
)
LINE = ("redemption", "position", "code_last4")
_CURSOR = re.compile(r"([0-9a-f]{1,14})-([0-9a-f]{32})")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What is asked for, checked by a form. A reference is one redemption, whenever it was."""

    branches: tuple[Branch, ...]
    since: dt.date
    until: dt.date
    issuer: str = ""
    staff: str = ""
    status: str = ""
    reference: str = ""


class BadCursor(Exception):
    """Not a place in the ledger that we have named."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page. In an address it is opaque, and as good as any other input: read with care."""

    at: dt.datetime
    operation: uuid.UUID

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND:x}-{self.operation.hex}"

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Raises BadCursor."""
        match = _CURSOR.fullmatch(text)
        if match is None:
            raise BadCursor
        return cls(_EPOCH + int(match[1], 16) * _MICROSECOND, uuid.UUID(match[2]))


@dataclass(frozen=True, slots=True)
class Total:
    """What a trading day comes to in one currency, or all days, when it names none."""

    currency: str
    day: dt.date | None = None
    rows: int = 0
    used: int = 0
    services: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    left: Decimal = Decimal(0)
    open: int = 0
    open_value: Decimal = Decimal(0)

    def with_day(self, day: Total) -> Total:
        figures = [field.name for field in fields(self) if field.name not in ("currency", "day")]
        return replace(self, **{name: getattr(self, name) + getattr(day, name) for name in figures})


# The rows -------------------------------------------------------------------------------------------------------------


def with_money(rows: QuerySet[Redemption]) -> QuerySet[Redemption]:
    """`worth`: what the vouchers really took off; `rest`: what the customer pays beside it. Zero for what was not used."""
    done, part = Q(operation__state__in=GROUPS["done"]) & ~IN_PART, IN_PART
    proven = Coalesce(Subquery(_proven_lines()), NOTHING)
    worth = Case(When(done, F("operation__amount")), When(part, proven), default=NOTHING, output_field=AMOUNT)
    beside = F("services_total") - F("worth")
    rest = Case(When(done, F("client_pays")), When(part, beside), default=NOTHING, output_field=AMOUNT)
    return rows.annotate(worth=worth).annotate(rest=rest)


def _proven_lines() -> QuerySet[Any]:
    """Of a redemption that was done in part: the codes that a look, or a person, has found used."""
    resource = JSONArray(Concat(Value(RESOURCE), F("code_hash")))
    lines = RedemptionLine.objects.filter(
        redemption=OuterRef("pk"), redemption__operation__outcome__applied__contains=resource
    )
    return lines.order_by().values("redemption").annotate(sum=Sum("value", output_field=AMOUNT)).values("sum")


def ledger_rows(wanted: LedgerFilter) -> QuerySet[Redemption]:
    """Newest first."""
    rows = Redemption.objects.filter(operation__branch__in=wanted.branches)
    if wanted.reference:
        rows = rows.filter(operation__reference=wanted.reference)
    else:
        rows = rows.filter(business_date__range=(wanted.since, wanted.until))
    if wanted.issuer:
        rows = rows.filter(operation__account__provider=wanted.issuer)
    if wanted.staff:
        rows = rows.filter(operation__actor=uuid.UUID(wanted.staff))
    if wanted.status:
        rows = rows.filter(_standing(wanted.status))
    return with_money(rows).order_by("-operation__created_at", "operation_id")


def _standing(status: str) -> Q:
    """What a person has decided in part stands with the parts."""
    if status == "part":
        return IN_PART
    wanted = Q(operation__state__in=GROUPS[status])
    return wanted & ~IN_PART if status == "done" else wanted


def as_shown(rows: QuerySet[Redemption]) -> QuerySet[Redemption]:
    """With all that a row shows, and nothing else."""
    related = rows.select_related("operation__account", "operation__till", "operation__actor").only(*SHOWN)
    related = related.annotate(
        in_part=ExpressionWrapper(IN_PART, BooleanField()),
        disputed=Subquery(_in_dispute()),
        corrected=Subquery(_taken_back()),
    )
    return related.prefetch_related(Prefetch("lines", RedemptionLine.objects.only(*LINE)))


def _in_dispute() -> QuerySet[Any]:
    """Of a case that waits for its issuer."""
    waiting = models.Case.objects.filter(redemption=OuterRef("pk")).exclude(state=models.Case.State.CLOSED)
    return waiting.order_by().values("amount")[:1]


def _taken_back() -> QuerySet[Any]:
    """By issuers' decisions, below zero; each in the books of its own day."""
    lines = models.ContraLine.objects.filter(redemption=OuterRef("pk")).order_by().values("redemption")
    return lines.annotate(sum=Sum("amount")).values("sum")


def contra_totals(wanted: LedgerFilter) -> dict[str, Decimal]:
    """Currency: what was taken back on these days, whenever it had been redeemed."""
    lines = models.ContraLine.objects.filter(redemption__operation__branch__in=wanted.branches)
    lines = lines.filter(business_date__range=(wanted.since, wanted.until))
    if wanted.issuer:
        lines = lines.filter(redemption__operation__account__provider=wanted.issuer)
    return dict(lines.order_by().values("currency").annotate(sum=Sum("amount")).values_list("currency", "sum"))


def ledger_page(wanted: LedgerFilter, after: Cursor | None) -> tuple[list[Redemption], Cursor | None]:
    """One page, and where the next one begins, if there is one."""
    rows = ledger_rows(wanted)
    if after:
        later = Q(operation__created_at__lt=after.at) | Q(operation_id__gt=after.operation)
        rows = rows.filter(later, operation__created_at__lte=after.at)
    found = list(as_shown(rows)[: PAGE + 1])
    if len(found) <= PAGE:
        return found, None
    last = found[PAGE - 1].operation
    return found[:PAGE], Cursor(last.created_at, last.pk)


# What they add up to --------------------------------------------------------------------------------------------------


def ledger_totals(wanted: LedgerFilter) -> list[Total]:
    """Per currency and trading day, newest day first. Only what was really used counts; open ones are counted apart."""
    days = ledger_rows(wanted).order_by().values("currency", day=F("business_date")).annotate(**sums())
    return [Total(**row) for row in days.order_by("currency", "-day")]


def sums() -> dict[str, Any]:
    """Of rows with their money: what was used, and what is open."""
    return {
        "rows": Count("pk"),
        "used": Count("pk", filter=IS_USED),
        "services": added_up("services_total", IS_USED),
        "value": added_up("worth", IS_USED),
        "left": added_up("rest", IS_USED),
        "open": Count("pk", filter=IS_OPEN),
        "open_value": added_up("operation__amount", IS_OPEN),
    }


def added_up(name: str, which: Q) -> Coalesce:
    return Coalesce(Sum(name, filter=which, output_field=AMOUNT), NOTHING)


def by_currency(days: Iterable[Total]) -> list[Total]:
    """The same over all days."""
    apart = groupby(days, key=lambda day: day.currency)
    return [reduce(Total.with_day, days, Total(currency)) for currency, days in apart]


# What can be asked for ------------------------------------------------------------------------------------------------


def ledger_branches(user: Any, permission: str) -> list[Branch]:
    return list(branches_of(user, permission).order_by("code"))


def redeemers(branches: Iterable[Branch]) -> list[User]:
    """Everybody who has ever redeemed at these branches, whoever still works there."""
    deeds = Operation.objects.filter(actor=OuterRef("pk"), branch__in=branches)
    return list(User.objects.filter(Exists(deeds)).order_by("first_name", "last_name", "username"))


def is_training(branches: Iterable[Branch]) -> bool:
    """Every account there is a sandbox: nothing of it is real."""
    environments = set(
        Account.objects.filter(places__branch__in=branches, is_active=True).values_list("environment", flat=True)
    )
    return environments == {Environment.SANDBOX}
