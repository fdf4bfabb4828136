"""Badges and words for what the provider says. The four colours are for outcomes of ours: these stay neutral."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from providers.badges import SLOW, Badge
from providers.badges import badge_of as act_standing
from providers.contracts.bookings import ReservationStatus, SubscriptionStatus
from providers.models import OPEN_STATES
from reservations.models import Act, Reservation, Subscription
from reservations.outcomes import Words, kind_of, words_for
from reservations.selectors import Days, Entry

HOUR = 60
RESERVATION_ICONS = {
    ReservationStatus.PENDING.value: "clock",
    ReservationStatus.CONFIRMED.value: "day",
    ReservationStatus.DONE.value: "done",
    ReservationStatus.CANCELLED.value: "minus",
}
SUBSCRIPTION_ICONS = {
    SubscriptionStatus.PENDING.value: "clock",
    SubscriptionStatus.ACTIVE.value: "done",
    SubscriptionStatus.PAUSED.value: "stop",
    SubscriptionStatus.EXPIRED.value: "minus",
    SubscriptionStatus.CANCELLED.value: "minus",
}
# Their word for a payment is theirs to change: what we know gets our words, the rest is shown as said by them.
PAYMENTS = {
    "paid": pgettext_lazy("state", "Paid"),
    "pending": gettext_lazy("Not paid yet"),
    "unpaid": gettext_lazy("Not paid yet"),
    "partiallypaid": gettext_lazy("Paid in part"),
    "partially paid": gettext_lazy("Paid in part"),
    "refunded": gettext_lazy("Paid back"),
    "cancelled": gettext_lazy("Cancelled"),
}
WEEKDAYS = {
    "sunday": gettext_lazy("Sunday"),
    "monday": gettext_lazy("Monday"),
    "tuesday": gettext_lazy("Tuesday"),
    "wednesday": gettext_lazy("Wednesday"),
    "thursday": gettext_lazy("Thursday"),
    "friday": gettext_lazy("Friday"),
    "saturday": gettext_lazy("Saturday"),
}


def badge_of(entry: Entry, now: dt.datetime) -> Badge:
    """The one thing to know of it now: a change of ours first, then who is here, then what the provider says."""
    row = entry.row
    if entry.open_act:
        return act_badge(entry.open_act, now)
    if entry.in_service:
        return Badge("now", "user", _("In service"))
    if entry.waiting:
        return Badge("plain", "clock", _("Waiting here"))
    if entry.late:
        return Badge("ink", "clock", late(int((now - row.starts_at).total_seconds()) // 60))
    if entry.left and row.status != ReservationStatus.DONE:
        return Badge("plain", "done", _("Has left"))
    return status_badge(row)


def late(minutes: int) -> str:
    if minutes >= HOUR:
        return _("Nobody has come")
    return ngettext("%(n)s minute late", "%(n)s minutes late", minutes) % {"n": minutes}


def status_badge(row: Reservation) -> Badge:
    return Badge("plain", RESERVATION_ICONS.get(row.status, "info"), row.get_status_display())


def subscription_badge(row: Subscription, days: Days) -> Badge:
    """A pause that only lies ahead is not a pause yet."""
    if row.status == SubscriptionStatus.PAUSED and not days.paused:
        return Badge("plain", "done", _("Running"))
    return Badge("plain", SUBSCRIPTION_ICONS.get(row.status, "info"), row.get_status_display())


def payment(raw: str) -> tuple[str, bool]:
    """(what to write, whether it is their own word)."""
    known = PAYMENTS.get(raw.casefold())
    return (str(known), False) if known else (raw, True)


def weekdays(names: list[str]) -> list[str]:
    return [str(WEEKDAYS.get(name.casefold(), name)) for name in names]


# What we did ----------------------------------------------------------------------------------------------------------


def words_of(act: Act, now: dt.datetime) -> Words:
    return words_for(act.operation, slow=now - act.operation.created_at > SLOW)


def act_badge(act: Act, now: dt.datetime) -> Badge:
    return act_standing(act.operation, words_of(act, now).tone)


def told(act: Act, now: dt.datetime) -> dict[str, Any]:
    """One entry of a timeline: what was asked, by whom, where, and what came of it."""
    return {
        "act": act,
        "operation": act.operation,
        "name": kind_of(act.operation).name,
        "words": words_of(act, now),
        "badge": act_badge(act, now),
        "is_open": act.operation.state in OPEN_STATES,
        "facts": list(_asked(act)),
    }


def _asked(act: Act) -> list[tuple[str, Any]]:
    """Facts that read the same in every language, as (kind, value)."""
    asked = act.asked
    found: list[tuple[str, Any]] = []
    if asked.get("from") and asked.get("to"):
        found.append(("moved", (_moment(asked["from"]), _moment(asked["to"]))))
    if asked.get("reason"):
        found.append(("reason", str(asked["reason"])[:200]))
    if asked.get("direction"):
        found.append(("direction", str(asked["direction"])))
    if asked.get("first"):
        found.append(("days", (_date(asked["first"]), _date(asked.get("until", "")))))
    return found


def _moment(text: str) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def _date(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text[:10]) if text else None
