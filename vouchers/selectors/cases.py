"""Questions about cases, always within the person's branches, and sums by redemption for the lists that show them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value, Window

from branches.models import User
from branches.roles import Permission
from branches.selectors import branches_of
from providers.models import State
from vouchers.effects import lines_used
from vouchers.models import Case, CaseLine, ContraLine, Redemption, RedemptionLine
from vouchers.selectors.redemptions import needs_person, redemptions_for

# A redemption that has used something at the issuer, and will not change any more.
APPLIED = (State.SUCCEEDED, State.RESOLVED_APPLIED, State.PARTIAL)
PAGE = 25
STANDING = "standing"  # open or sent: what a list of cases begins with
LONGEST_CURSOR = 80


def cases_for(user: Any) -> QuerySet[Case]:
    rows = Case.objects.filter(branch__in=branches_of(user, Permission.CASES))
    lines = Prefetch("case_lines", CaseLine.objects.select_related("line"))
    return rows.select_related("branch", "account", "opened_by").prefetch_related(lines)


def correctable_redemptions(user: Any) -> QuerySet[Redemption]:
    """About which this person may open a case."""
    places = branches_of(user, Permission.CASES_OPEN)
    return redemptions_for(user).filter(operation__branch__in=places, operation__state__in=APPLIED)


def case_of(redemption: Redemption) -> Case | None:
    """The one that is not closed, else the last one; in `taken_back`, what was taken back from the redemption in all."""
    taken = ContraLine.objects.filter(redemption=OuterRef("redemption")).order_by().values("redemption")
    rows = Case.objects.filter(redemption=redemption).annotate(
        taken_back=Subquery(taken.annotate(sum=Sum("amount")).values("sum"))
    )
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-opened_at").first()


def uncorrected(redemption: Redemption, lines: Iterable[RedemptionLine]) -> Decimal:
    """What these codes, all of them used, still count for: their value, less what was taken back from them, or from the sale as
    a whole."""
    chosen = list(lines)
    rows = ContraLine.objects.filter(redemption=redemption)
    taken = rows.aggregate(whole=Sum("amount"), part=Sum("amount", filter=Q(line__in=chosen)))
    whole = sum((line.value for line in lines_used(redemption)), taken["whole"] or Decimal(0))
    part = sum((line.value for line in chosen), taken["part"] or Decimal(0))
    return max(min(whole, part), Decimal(0))


# For lists of redemptions -----------------------------------------------------------------------------------------------


def disputed_redemptions(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Decimal]:
    """Redemption: what is in dispute. Those without a case that waits are not in it. One question for a whole page."""
    rows = Case.objects.filter(redemption__in=ids).exclude(state=Case.State.CLOSED)
    return dict(rows.values_list("redemption", "amount"))


def contra_sums(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Decimal]:
    """Redemption: what issuers' decisions took back, below zero. Those that nothing was taken back from are not in it."""
    rows = ContraLine.objects.filter(redemption__in=ids).values("redemption").annotate(sum=Sum("amount"))
    return dict(rows.values_list("redemption", "sum"))


# Whose turn it is -------------------------------------------------------------------------------------------------------


def waiting_for(user: User) -> QuerySet[Case]:
    """Cases that this person can take a step further, the oldest first: a letter to send, or an answer to enter."""
    to_send = Q(state=Case.State.OPEN, branch__in=branches_of(user, Permission.CASES_OPEN))
    to_close = Q(state=Case.State.SENT, branch__in=branches_of(user, Permission.CASES_CLOSE)) & ~Q(opened_by=user)
    return Case.objects.filter(to_send | to_close).order_by("opened_at", "id")


def oldest_waiting(user: User, limit: int = 3) -> tuple[list[Case], int]:
    """The first of them, and how many there are: one question."""
    rows = waiting_for(user).select_related("branch", "account").annotate(whole=Window(Count("*")))
    found: list[Any] = list(rows[:limit])
    return found, int(found[0].whole) if found else 0


def waiting_counts(
    user: User, permissions: Collection[str], beside: Iterable[tuple[str, QuerySet[Any]]] = ()
) -> dict[str, int]:
    """For the menu, which is on every page: how many redemptions and how many cases wait for this person, with what other
    domains have `beside` them. One question."""
    asked = [(Permission.REVIEW, needs_person(user)), (Permission.CASES, waiting_for(user)), *beside]
    counts = [_counted(rows, right) for right, rows in asked if right in permissions]
    if not counts:
        return {}
    found: dict[str, int] = {}
    for right, count in counts[0].union(*counts[1:], all=True) if len(counts) > 1 else counts[0]:
        found[right] = found.get(right, 0) + count
    return found


def _counted(rows: QuerySet[Any], name: str) -> QuerySet[Any]:
    named: QuerySet[Any] = rows.order_by().annotate(what=Value(str(name))).values("what")
    counted: QuerySet[Any] = named.annotate(many=Count("pk", distinct=True)).values_list("what", "many")
    return counted


# A list, page by page ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of cases is asked for. `after` is where the page before it ended."""

    state: str = STANDING
    issuer: str = ""
    branch: str = ""  # its code
    after: str = ""

    @property
    def newest_first(self) -> bool:
        return self.state not in (STANDING, Case.State.OPEN, Case.State.SENT)


def page_of_cases(user: Any, wanted: Wanted) -> tuple[list[Case], str]:
    """One page, and where the next one begins, '' after the last. What waits is listed by age; what is over, latest first."""
    rows = _filtered(cases_for(user), wanted)
    at = _read_cursor(wanted.after)
    if at:
        rows = rows.filter(_beyond(*at, newest_first=wanted.newest_first))
    order = ("-opened_at", "-id") if wanted.newest_first else ("opened_at", "id")
    found = list(rows.order_by(*order)[: PAGE + 1])
    return found[:PAGE], cursor_of(found[PAGE - 1]) if len(found) > PAGE else ""


def _filtered(rows: QuerySet[Case], wanted: Wanted) -> QuerySet[Case]:
    if wanted.state == STANDING:
        rows = rows.exclude(state=Case.State.CLOSED)
    elif wanted.state in Case.State.values:
        rows = rows.filter(state=wanted.state)
    if wanted.issuer:
        rows = rows.filter(account__provider=wanted.issuer)
    return rows.filter(branch__code=wanted.branch) if wanted.branch else rows


def _beyond(opened_at: dt.datetime, key: uuid.UUID, *, newest_first: bool) -> Q:
    side = "lt" if newest_first else "gt"
    return Q(**{f"opened_at__{side}": opened_at}) | Q(opened_at=opened_at, **{f"id__{side}": key})


def cursor_of(case: Case) -> str:
    return f"{case.opened_at.astimezone(dt.UTC):%Y%m%dT%H%M%S.%f}-{case.pk.hex}"


def _read_cursor(text: str) -> tuple[dt.datetime, uuid.UUID] | None:
    """None for nonsense: a list then begins where it begins."""
    moment, _dash, key = text[:LONGEST_CURSOR].partition("-")
    try:
        return dt.datetime.strptime(moment, "%Y%m%dT%H%M%S.%f").replace(tzinfo=dt.UTC), uuid.UUID(key)
    except ValueError:
        return None
