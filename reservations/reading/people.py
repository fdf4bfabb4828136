"""What the search and the page of a customer show. Phones are masked; who may book sees one whole on request."""

from __future__ import annotations

import datetime as dt
from typing import Any

from branches.models import Branch, User
from customers import selectors as customers
from customers.models import ProviderCustomer, Search
from providers.normalise import mask_phone
from reservations import selectors
from reservations.models import Ask, Attendance, Reservation, Subscription
from reservations.reading.board import named
from reservations.reading.words import status_badge, subscription_badge, told
from reservations.selectors.freshness import read_at, youngest


def masked(phone: str) -> str:
    return mask_phone(phone) if phone else ""


# Searching ------------------------------------------------------------------------------------------------------------


def results(user: User, search: Search, branch: Branch, after: str, ask: Ask | None) -> dict[str, Any]:
    """Raises customers.selectors.BadCursor."""
    typed = search.typed
    found = customers.search_customers(user, branch, typed, after)
    phone = customers.phone_in(typed, branch)
    same_phone = len(found.rows) > 1 and bool(phone) and all(row.phone == phone for row in found.rows)
    return {
        "search": search,
        "typed": typed,
        "is_phone": bool(phone),
        "rows": [{"customer": row, "phone": masked(row.phone)} for row in found.rows],
        "following": found.next,
        "first_page": bool(after),
        "too_short": found.too_short,
        "family": same_phone,
        "may_ask": bool(phone) and ask is None,
        "answered": ask is not None and ask.state == Ask.State.ANSWERED,
    }


def customer_of(user: User, row_id: int) -> ProviderCustomer | None:
    """Of the accounts that this person's branches use, with `used_as`, and `read_at`: when the customers were last read
    whole. One query."""
    rows = ProviderCustomer.objects.annotate(read_at=read_at("customers"), used_as=selectors.used_as(user))
    row: Any = rows.select_related("account").filter(pk=row_id, gone_at__isnull=True).first()
    return row if row and row.used_as else None


# One customer ---------------------------------------------------------------------------------------------------------


def customer_page(
    user: User,
    row: ProviderCustomer,
    branch: Branch,
    now: dt.datetime,
    after: str,
    *,
    whole_phone: bool = False,
) -> dict[str, Any]:
    """`row` as `customer_of` gives it. Raises reservations.selectors.BadCursor."""
    page = selectors.reservations_of(row, after)
    lines = [_reservation(one, row) for one in page.rows]
    ahead = [line for line in lines if line["row"].ends_at > now]
    return {
        "customer": row,
        "phone": row.phone if whole_phone else masked(row.phone),
        "whole_phone": whole_phone,
        "upcoming": list(reversed(ahead)) if not after else [],
        "past": lines[len(ahead) :] if not after else lines,
        "is_first": not after,
        "following": page.next,
        "subscriptions": [_subscription(one, branch, now, row) for one in selectors.subscriptions_of(row)],
        "attendances": [_attendance(one) for one in selectors.attendances_of(row, limit=20)],
        "acts": [told(act, now) for act in selectors.acts_of_customer(user, row.account_id, row.external_id)],
        "as_of": youngest(row.seen_at, getattr(row, "read_at", None)),
    }


def _reservation(row: Reservation, customer: ProviderCustomer) -> dict[str, Any]:
    return {
        "row": row,
        "badge": status_badge(row),
        "who": named(row),
        "is_ours": _is_ours(customer, row.place_id),
    }


def _is_ours(customer: ProviderCustomer, place_id: str) -> bool:
    """Another branch's reservation is told, and not opened."""
    return selectors.is_ours(customer.account, getattr(customer, "used_as", ()), place_id)


def _subscription(row: Subscription, branch: Branch, now: dt.datetime, customer: ProviderCustomer) -> dict[str, Any]:
    days = selectors.days_of(row, branch, now)
    return {
        "row": row,
        "days": days,
        "badge": subscription_badge(row, days),
        "names": _contents(row),
        "is_ours": _is_ours(customer, row.place_id),
    }


def _contents(row: Subscription) -> list[str]:
    return [item["product"] or item["name"] for item in row.items]


def _attendance(row: Attendance) -> dict[str, Any]:
    return {"row": row, "who": ", ".join(one["name"] for one in row.practitioners)}
