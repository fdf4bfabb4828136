"""The board of a day and the week around it: by hour with a column for each practitioner, or one practitioner after another."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from branches.models import Branch
from providers.badges import Badge
from providers.contracts.bookings import ReservationStatus
from reservations.models import Reservation
from reservations.reading.words import badge_of
from reservations.selectors import Board, Entry, ahead, booking_links, day_of, week
from reservations.selectors.freshness import read_whole, youngest

MOST_COLUMNS = 6  # more stand below each other
COLLECTION = "reservations"
ALIVE = (ReservationStatus.PENDING, ReservationStatus.CONFIRMED)
TESTS: dict[str, Callable[[Entry], bool]] = {
    "all": lambda entry: True,
    "waiting": lambda entry: entry.waiting,
    "in_service": lambda entry: entry.in_service,
    "late": lambda entry: entry.late,
    "left": lambda entry: entry.left,
    "owes": lambda entry: entry.owes > 0,
}
TILE_ICONS = {"all": "day", "waiting": "clock", "in_service": "user", "late": "clock", "left": "done", "owes": "card"}


@dataclass(frozen=True, slots=True)
class Item:
    """One reservation as a card or a row."""

    entry: Entry
    row: Reservation
    badge: Badge
    minutes: int
    who: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Column:
    """`number` is its place on the board, from one on."""

    number: int
    name: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Hour:
    at: dt.datetime
    is_now: bool
    columns: tuple[Column, ...]


def day_page(branch: Branch, day: dt.date, now: dt.datetime, by: str, show: str) -> dict[str, Any]:
    links = booking_links(branch)
    board = day_of(branch, day, now, links)
    entries = [entry for cell in board.cells for entry in cell.entries]
    items = [_item(entry, now) for entry in entries if TESTS[show](entry)]
    names = _names(items)
    today = branch.business_date(now)
    seen_ahead = ahead(links[0].branch, now) if links else None
    return {
        "board": board,
        "ahead": seen_ahead if seen_ahead and seen_ahead.is_short and day == today else None,
        "day": day,
        "today_is": today,
        "by": by,
        "show": show,
        "found": len(items),
        "hours": _hours(items, names, branch, now) if by == "hour" else [],
        "people": _people(items, names) if by == "practitioner" else [],
        "names": names,
        "grid": len(names) if len(names) <= MOST_COLUMNS else 0,
        "tiles": _tiles(board, entries, day, by, show),
        "as_of": youngest(board.as_of, read_whole(links, COLLECTION)),
        "before": day_address(day - dt.timedelta(days=1), by, show),
        "after": day_address(day + dt.timedelta(days=1), by, show),
        "address": day_address(day, by, show),
        "to_today": day_address(today, by, show),
        "by_hour": day_address(day, "hour", show),
        "by_person": day_address(day, "practitioner", show),
    }


def to_refresh(board: Board) -> list[Reservation]:
    """What may still change today, the stalest news first."""
    rows = [entry.row for cell in board.cells for entry in cell.entries if entry.row.status in ALIVE]
    return sorted(rows, key=lambda row: (row.seen_at, row.starts_at, row.pk))


def _item(entry: Entry, now: dt.datetime) -> Item:
    row = entry.row
    return Item(
        entry=entry,
        row=row,
        badge=badge_of(entry, now),
        minutes=int((row.ends_at - row.starts_at).total_seconds()) // 60,
        who=named(row),
        is_over=entry.left or row.status == ReservationStatus.CANCELLED,
    )


def named(row: Reservation) -> str:
    """Who serves, as the board sorts by it; '' where nobody is named."""
    return ", ".join(one["name"] for one in row.practitioners)


def _names(items: Iterable[Item]) -> list[str]:
    """Whoever is named first, in order; who is not named comes last."""
    return sorted({item.who for item in items}, key=lambda name: (name == "", name))


def _by_time(item: Item) -> tuple[dt.datetime, int]:
    return item.row.starts_at, item.row.pk


def _hours(items: list[Item], names: list[str], branch: Branch, now: dt.datetime) -> list[Hour]:
    def hour(item: Item) -> dt.datetime:
        return item.row.starts_at.astimezone(branch.zone).replace(minute=0, second=0, microsecond=0)

    found = []
    for at, group in groupby(sorted(items, key=_by_time), key=hour):
        here = list(group)
        columns = _people(here, names) if len(names) <= MOST_COLUMNS else [Column(1, "", tuple(here))]
        is_now = at <= now < at + dt.timedelta(hours=1)
        found.append(Hour(at, is_now, tuple(column for column in columns if column.items)))
    return found


def _people(items: list[Item], names: list[str]) -> list[Column]:
    in_order = sorted(items, key=_by_time)
    return [Column(n, name, tuple(item for item in in_order if item.who == name)) for n, name in enumerate(names, 1)]


def _tiles(board: Board, entries: list[Entry], day: dt.date, by: str, show: str) -> list[dict[str, Any]]:
    words = {
        "all": _("All"),
        "waiting": _("Waiting here"),
        "in_service": _("In service"),
        "late": _("Late"),
        "left": _("Gone"),
        "owes": _("Owe money"),
    }
    counts = board.counts | {"owes": sum(entry.owes > 0 for entry in entries)}
    return [
        {
            "icon": TILE_ICONS[name],
            "text": text,
            "count": counts.get(name, 0),
            "current": name == show,
            "href": day_address(day, by, name),
        }
        for name, text in words.items()
    ]


def day_address(day: dt.date, by: str, show: str) -> str:
    said = {"day": day.isoformat()} | ({"by": by} if by != "hour" else {}) | ({"show": show} if show != "all" else {})
    return f"{reverse('reservations:today')}?{urlencode(said)}"


# The week -------------------------------------------------------------------------------------------------------------


def week_page(branch: Branch, day: dt.date, now: dt.datetime) -> dict[str, Any]:
    """The seven days that begin on the Sunday before, as a Saudi week does; on the Monday elsewhere."""
    first = day - dt.timedelta(days=_days_since_first(branch, day))
    links = booking_links(branch)
    counted = week(branch, first, links)
    today = branch.business_date(now)
    days = [_day(at, counts, today) for at, counts in counted.items()]
    return {
        "days": days,
        "first": first,
        "last": first + dt.timedelta(days=6),
        "found": sum(day["all"] for day in days),
        "before": _week_address(first - dt.timedelta(days=7)),
        "after": _week_address(first + dt.timedelta(days=7)),
        "to_today": _week_address(today),
        "as_of": read_whole(links, COLLECTION),
    }


def _days_since_first(branch: Branch, day: dt.date) -> int:
    return day.isoweekday() % 7 if branch.country == "SA" else day.weekday()


def _day(at: dt.date, counts: Counter[str], today: dt.date) -> dict[str, Any]:
    return {
        "date": at,
        "is_today": at == today,
        "href": day_address(at, "hour", "all"),
        "all": sum(counts.values()),
        "pending": counts[ReservationStatus.PENDING.value],
        "confirmed": counts[ReservationStatus.CONFIRMED.value],
        "done": counts[ReservationStatus.DONE.value],
        "cancelled": counts[ReservationStatus.CANCELLED.value],
    }


def _week_address(day: dt.date) -> str:
    return f"{reverse('reservations:week')}?{urlencode({'day': day.isoformat()})}"
