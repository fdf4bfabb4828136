"""The board of a day: who comes when to whom, who is here, who is late, who owes. A branch's day ends when its trading day
does."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from django.db.models import Count, Max, Q, QuerySet

from branches.models import Branch
from providers.contracts.booking_orders import Direction
from providers.contracts.bookings import ReservationStatus
from providers.models import OPEN_STATES, State
from reservations.models import Act, Attendance, Reservation
from reservations.selectors.places import Link, booking_links

MOST = 600  # of one day at one branch; `cut` says that there are more
LATE = dt.timedelta(minutes=5)
ALIVE = (ReservationStatus.PENDING.value, ReservationStatus.CONFIRMED.value)
DONE = (State.SUCCEEDED, State.RESOLVED_APPLIED)
ATTEND = "booking.attend"
CAME, WENT = Direction.CHECK_IN.value, Direction.CHECK_OUT.value
# What a row shows. The payloads of a day would be most of what it costs.
SHOWN = (
    *("account", "external_id", "number", "status", "custom_status", "starts_at", "ends_at", "customer_id"),
    *("customer_name", "customer_phone", "product_name", "price_name", "quantity", "practitioners", "place_id"),
    *("remaining", "total", "payment_status", "is_walk_in", "meeting_url", "seen_at", "wire_starts", "wire_ends"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One reservation and what is known of it now. Of `waiting`, `in_service`, `late` and `left` at most one is true."""

    row: Reservation
    waiting: bool = False  # checked in, and its time has not come yet
    in_service: bool = False  # checked in, and its time has come
    late: bool = False  # its time has come, and nobody has
    left: bool = False  # checked out, or done
    paid: bool = False
    owes: Decimal = Decimal(0)
    open_act: Act | None = None  # a change of ours that has no end yet


@dataclass(frozen=True, slots=True)
class Cell:
    """The entries of one hour with one practitioner ('' where none is named)."""

    hour: dt.datetime
    practitioner: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """`cells` by hour, then practitioner. `counts`: waiting, in_service, late, left, cancelled, all. `as_of`: the oldest news
    of what is shown."""

    day: dt.date
    cells: tuple[Cell, ...]
    practitioners: tuple[str, ...]
    counts: dict[str, int] = field(default_factory=dict)
    as_of: dt.datetime | None = None
    cut: bool = False


def today(branch: Branch, now: dt.datetime) -> Board:
    """The trading day that `now` falls in. Four queries."""
    return day_of(branch, branch.business_date(now), now)


def day_of(branch: Branch, day: dt.date, now: dt.datetime, links: Sequence[Link] | None = None) -> Board:
    starts, ends = bounds(branch, day, 1)
    links = booking_links(branch) if links is None else links
    rows = list(_between(links, starts, ends)[: MOST + 1])
    entries = entries_of(rows[:MOST], now)
    cells = _cells(branch, entries)
    return Board(
        day=day,
        cells=tuple(cells),
        practitioners=tuple(sorted({cell.practitioner for cell in cells if cell.practitioner})),
        counts=_counts(entries),
        as_of=min((row.seen_at for row in rows), default=None),
        cut=len(rows) > MOST,
    )


def week(branch: Branch, first: dt.date, links: Sequence[Link] | None = None) -> dict[dt.date, Counter[str]]:
    """Seven trading days: how many reservations of each status. Two queries."""
    starts, ends = bounds(branch, first, 7)
    days = {first + dt.timedelta(days=n): Counter[str]() for n in range(7)}
    rows = _between(booking_links(branch) if links is None else links, starts, ends).values_list("starts_at", "status")
    for at, status in rows[: MOST * 7]:
        days[branch.business_date(at)][status] += 1
    return days


def bounds(branch: Branch, day: dt.date, days: int) -> tuple[dt.datetime, dt.datetime]:
    """When these trading days begin and end, by the branch's own clock, whatever its offset does meanwhile."""
    first = dt.datetime.combine(day, branch.day_ends_at, branch.zone)
    last = dt.datetime.combine(day + dt.timedelta(days=days), branch.day_ends_at, branch.zone)
    return first.astimezone(dt.UTC), last.astimezone(dt.UTC)


def _between(links: Iterable[Link], starts: dt.datetime, ends: dt.datetime) -> QuerySet[Reservation]:
    here = Q(pk__in=[])
    for link in links:
        here |= link.here()
    rows = Reservation.objects.filter(here, starts_at__gte=starts, starts_at__lt=ends, gone_at__isnull=True)
    return rows.only(*SHOWN).order_by("starts_at", "pk")


# What is known of each ------------------------------------------------------------------------------------------------


def entries_of(rows: Sequence[Reservation], now: dt.datetime) -> list[Entry]:
    """Two queries, however many rows."""
    return _entries(rows, list(_acts(rows)), now)


def entry_of(row: Reservation, acts: Iterable[Act], now: dt.datetime) -> Entry:
    """Of one whose acts are read already, as `acts_of` gives them. One query."""
    about = [act for act in acts if (act.subject, act.subject_id) == (Act.Subject.RESERVATION, row.external_id)]
    about = [act for act in about if act.operation.state in OPEN_STATES or act.operation.kind == ATTEND]
    [entry] = _entries([row], sorted(about, key=_ended), now)
    return entry


def _ended(act: Act) -> tuple[bool, dt.datetime]:
    operation = act.operation
    return operation.finished_at is None, operation.finished_at or operation.created_at


def _entries(rows: Sequence[Reservation], acts: Sequence[Act], now: dt.datetime) -> list[Entry]:
    """`acts` as they ended."""
    presence = _presence(rows, [act for act in acts if act.operation.state in DONE])
    open_acts = {(act.operation.account_id, act.subject_id): act for act in acts if act.operation.state in OPEN_STATES}
    return [_entry(row, presence.get((row.account_id, row.external_id), ""), open_acts, now) for row in rows]


def _acts(rows: Sequence[Reservation]) -> QuerySet[Act]:
    """Changes of ours that have no end yet, and check-ins and check-outs that were done, as they ended."""
    ids, accounts = [row.external_id for row in rows], {row.account_id for row in rows}
    counts = Q(operation__state__in=OPEN_STATES) | Q(operation__state__in=DONE, operation__kind=ATTEND)
    acts = Act.objects.filter(counts, subject=Act.Subject.RESERVATION, subject_id__in=ids)
    acts = acts.filter(operation__account__in=accounts).order_by("operation__finished_at")
    return acts.select_related("operation").defer("operation__sealed_request", "operation__snapshot")


def _presence(rows: Sequence[Reservation], attended: Iterable[Act]) -> dict[tuple[uuid.UUID, str], str]:
    """The last that is known of each: theirs, unless a check-in or check-out of ours was done after we read that."""
    ids, accounts = [row.external_id for row in rows], {row.account_id for row in rows}
    found = Attendance.objects.filter(account__in=accounts, subject_id__in=ids, gone_at__isnull=True)
    counted: dict[tuple[uuid.UUID, str], Counter[str]] = {}
    seen: dict[tuple[uuid.UUID, str], dt.datetime] = {}
    grouped = found.order_by().values_list("account", "subject_id", "direction")
    for account, subject_id, direction, n, at in grouped.annotate(n=Count("pk"), at=Max("seen_at")):
        key = (account, subject_id)
        counted.setdefault(key, Counter())[direction] += n
        seen[key] = max(at, seen.get(key, at))
    known = {key: CAME if counts[CAME] > counts[WENT] else WENT for key, counts in counted.items()}
    for act in attended:
        key = (act.operation.account_id, act.subject_id)
        finished = act.operation.finished_at
        if finished and (key not in seen or finished > seen[key]):
            undone = act.follows_id is not None and act.asked["direction"] == WENT
            known[key] = "" if undone else act.asked["direction"]
    return known


def _entry(row: Reservation, last: str, open_acts: dict[tuple[uuid.UUID, str], Act], now: dt.datetime) -> Entry:
    came, left = last == CAME, last == WENT or row.status == ReservationStatus.DONE
    alive, begun = row.status in ALIVE, row.starts_at <= now
    owes = row.remaining if row.remaining and row.remaining > 0 else Decimal(0)
    return Entry(
        row=row,
        waiting=alive and came and not begun,
        in_service=alive and came and begun,
        late=alive and not last and now > row.starts_at + LATE,
        left=left,
        paid=row.remaining == 0 or (row.remaining is None and row.payment_status.casefold() == "paid"),
        owes=owes if row.status != ReservationStatus.CANCELLED else Decimal(0),
        open_act=open_acts.get((row.account_id, row.external_id)),
    )


def _cells(branch: Branch, entries: Iterable[Entry]) -> list[Cell]:
    def place(entry: Entry) -> tuple[dt.datetime, str]:
        local = entry.row.starts_at.astimezone(branch.zone)
        named = ", ".join(one["name"] for one in entry.row.practitioners)
        return local.replace(minute=0, second=0, microsecond=0), named

    grouped = groupby(sorted(entries, key=place), key=place)
    return [Cell(hour, practitioner, tuple(found)) for (hour, practitioner), found in grouped]


def _counts(entries: Iterable[Entry]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for entry in entries:
        counts["all"] += 1
        counts["cancelled"] += entry.row.status == ReservationStatus.CANCELLED
        for name in ("waiting", "in_service", "late", "left"):
            counts[name] += getattr(entry, name)
    return dict(counts)
