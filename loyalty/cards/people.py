"""What the pages of a customer's cards, of one card, and of a day's visits show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from branches.models import Branch, User
from customers.models import ProviderCustomer
from loyalty import selectors
from loyalty.cards.acts import told
from loyalty.models import Act, Appointment, Card, LoyaltyTransaction
from loyalty.selectors import DayVisit, Held
from providers.contracts.loyalty import Attendance
from providers.contracts.loyalty_orders import Movement
from providers.models import OPEN_STATES
from providers.normalise import mask_phone

ATTENDANCE_ICONS = {
    Attendance.CONFIRMED.value: "day",
    Attendance.ARRIVED.value: "done",
    Attendance.WAITING.value: "clock",
    Attendance.NO_SHOW.value: "minus",
}
GIVES = {Movement.ACCRUAL.value, Movement.REFERRAL.value, Movement.DEPOSIT_BY_HAND.value}
TAKES = {Movement.WITHDRAWAL.value, Movement.WITHDRAWAL_BY_HAND.value, Movement.EXPIRY.value}


@dataclass(frozen=True, slots=True)
class Discount:
    """A program of a card. `worth` is how much it takes off, as far as they tell."""

    id: str
    title: str
    value: Decimal | None
    unit: str
    is_discount: bool | None


def masked(phone: str) -> str:
    return mask_phone(phone) if phone else ""


def tail(number: str) -> str:
    return f"••••{number[-4:]}" if number else "—"


def programs_of(card: Card) -> list[Discount]:
    return [
        Discount(
            one["id"],
            one["title"],
            Decimal(one["value"]) if one.get("value") is not None else None,
            one.get("unit", ""),
            one.get("is_discount"),
        )
        for one in card.programs
    ]


def held(one: Held) -> dict[str, Any]:
    return {"card": one.card, "as_of": one.as_of, "tail": tail(one.card.number), "programs": programs_of(one.card)}


def visit_line(one: DayVisit, zone_day: bool = True) -> dict[str, Any]:
    row = one.first
    return {
        "row": row,
        "who": row.client_name,
        "titles": one.titles,
        "practitioners": ", ".join(dict.fromkeys(each.practitioner_name for each in (row, *one.others))),
        "bill": one.bill,
        "has_page": bool(row.visit_id),
        "status": row.get_attendance_display(),
        "icon": ATTENDANCE_ICONS.get(row.attendance, "info"),
    }


# One customer ---------------------------------------------------------------------------------------------------------


def customer_page(user: User, row: ProviderCustomer, branch: Branch, now: dt.datetime) -> dict[str, Any]:
    cards = selectors.held_by(row.account_id, row.external_id)
    acts = selectors.acts_of_client(user, row.account_id, row.external_id)
    visits = selectors.visits_of_customer(row, branch, now)
    return {
        "title": row.name,
        "customer": row,
        "phone": masked(row.phone),
        "cards": [held(one) for one in cards],
        "visits": [visit_line(one) for one in visits],
        "acts": [told(act, now) for act in acts],
        "as_of": max([row.seen_at, *(one.as_of for one in cards)]),
        "address": resolve_url("loyalty:customer", row.pk),
        "page": "customers",
    }


# One card -------------------------------------------------------------------------------------------------------------


def card_page(
    card: Card, holder: ProviderCustomer | None, now: dt.datetime, after: str, as_of: dt.datetime
) -> dict[str, Any]:
    """Raises loyalty.selectors.BadCursor."""
    page = selectors.movements_of(card, after)
    acts = selectors.acts_on_card(card.account, card.external_id)
    ours = {key: act for act in acts for key in act.transaction_ids}
    return {
        "title": card.type_title or _("Loyalty card"),
        "card": card,
        "tail": tail(card.number),
        "programs": programs_of(card),
        "customer": holder,
        "movements": [movement(one, ours) for one in page.rows],
        "is_first": not after,
        "following": page.next,
        "acts": [told(act, now) for act in acts[:20]],
        "open_act": open_in(acts),
        "as_of": as_of,
        "address": resolve_url("loyalty:card", card.pk),
        "page": "customers",
    }


def movement(row: LoyaltyTransaction, ours: dict[str, Act]) -> dict[str, Any]:
    """With the sign with which it changed the balance: they write amounts without."""
    sign = 1 if row.movement in GIVES else -1 if row.movement in TAKES else 0
    return {
        "row": row,
        "name": row.get_movement_display(),
        "amount": abs(row.amount) * (sign or 1),
        "counts": bool(sign),
        "act": ours.get(row.external_id),
    }


def open_in(acts: Sequence[Act]) -> Act | None:
    return next((act for act in acts if act.operation.state in OPEN_STATES), None)


# A day ----------------------------------------------------------------------------------------------------------------


def day_page(branch: Branch, day: dt.date, now: dt.datetime) -> dict[str, Any]:
    found, today = selectors.day_of(branch, day), branch.business_date(now)
    address = resolve_url("loyalty:today")
    return {
        "title": _("Visits"),
        "visits": [visit_line(one) for one in found.visits],
        "cut": found.cut,
        "as_of": found.seen_at,
        "day": day,
        "is_today": day == today,
        "before": f"{address}?day={day - dt.timedelta(days=1)}",
        "after": f"{address}?day={day + dt.timedelta(days=1)}",
        "address": address,
        "page": "visits",
    }


def who_of(row: Appointment) -> str:
    return row.client_name or "—"
