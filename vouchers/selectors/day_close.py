"""A till's trading day: what it comes to, what is still open in it, what ended after it was closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from branches.models import Branch, Till
from providers.models import State
from vouchers.models import DayClose, Redemption
from vouchers.outcomes import GROUPS
from vouchers.selectors.ledger import IS_OPEN, IS_USED, added_up, as_shown, with_money

MOST_LISTED = 50
IS_WITH_A_PERSON = Q(operation__state=State.NEEDS_REVIEW)
IS_NOT_USED = Q(operation__state__in=GROUPS["not_done"])


@dataclass(frozen=True, slots=True)
class TillSum:
    """One issuer's part of a till's day, in one currency."""

    issuer: str
    currency: str
    used: int = 0
    services: Decimal = Decimal(0)
    value: Decimal = Decimal(0)  # what the issuer owes
    left: Decimal = Decimal(0)  # what the customers paid
    not_used: int = 0
    open: int = 0
    open_value: Decimal = Decimal(0)
    person: int = 0  # of the open ones, those that wait for somebody's decision

    def with_issuer(self, other: TillSum) -> TillSum:
        """Both together, in the name of this one's issuer."""
        figures = [field.name for field in fields(self) if field.name not in ("issuer", "currency")]
        return replace(self, **{name: getattr(self, name) + getattr(other, name) for name in figures})

    def in_json(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> TillSum:
        """A figure that came later than the row is zero."""
        amounts = {field.name for field in fields(cls) if isinstance(field.default, Decimal)}
        figures: dict[str, Any] = {name: Decimal(row[name]) if name in amounts else row[name] for name in row}
        return cls(**figures)


def day_of_till(till: Till, day: dt.date) -> QuerySet[Redemption]:
    return Redemption.objects.filter(operation__till=till, business_date=day)


def ended_by(moment: dt.datetime) -> Q:
    """In the sums of a close at that moment. Everything else of the day belongs after it."""
    return Q(operation__finished_at__lte=moment)


def till_sums(rows: QuerySet[Redemption]) -> list[TillSum]:
    figures = {
        "used": Count("pk", filter=IS_USED),
        "services": added_up("services_total", IS_USED),
        "value": added_up("worth", IS_USED),
        "left": added_up("rest", IS_USED),
        "not_used": Count("pk", filter=IS_NOT_USED),
        "open": Count("pk", filter=IS_OPEN),
        "open_value": added_up("operation__amount", IS_OPEN),
        "person": Count("pk", filter=IS_WITH_A_PERSON),
    }
    found: Any = with_money(rows).values("currency", issuer=F("operation__account__provider")).annotate(**figures)
    return [TillSum(**row) for row in found.order_by("issuer", "currency")]


def open_rows(rows: QuerySet[Redemption]) -> list[Redemption]:
    return listed(rows.filter(IS_OPEN))


def listed(rows: QuerySet[Redemption]) -> list[Redemption]:
    return list(as_shown(with_money(rows).order_by("-operation__created_at", "operation_id"))[:MOST_LISTED])


def close_of(till: Till, day: dt.date) -> DayClose | None:
    return DayClose.objects.filter(till=till, business_date=day).select_related("closed_by").first()


@dataclass(frozen=True, slots=True)
class TillDay:
    """One line of the overview. `till` is None for what was redeemed at no till, which no close covers."""

    till: Till | None
    rows: int
    open: int
    close: DayClose | None


def tills_on(branch: Branch, day: dt.date) -> list[TillDay]:
    rows = Redemption.objects.filter(operation__branch=branch, business_date=day)
    counted = rows.values("operation__till").annotate(rows=Count("pk"), open=Count("pk", filter=IS_OPEN))
    counts: dict[int | None, tuple[int, int]] = {row["operation__till"]: (row["rows"], row["open"]) for row in counted}
    made = DayClose.objects.filter(branch=branch, business_date=day).select_related("closed_by")
    closes = {row.till_id: row for row in made}
    tills = [TillDay(till, *counts.get(till.pk, (0, 0)), closes.get(till.pk)) for till in branch.tills.all()]
    return [*tills, TillDay(None, *counts[None], None)] if None in counts else tills
