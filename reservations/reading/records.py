"""What the page of one reservation and of one subscription shows: what happened, the money, what we did."""

from __future__ import annotations

import datetime as dt
from typing import Any

from branches.models import Branch
from customers.selectors import customer_in
from reservations import selectors
from reservations.models import Reservation, Subscription
from reservations.reading.board import named
from reservations.reading.people import masked
from reservations.reading.words import badge_of, payment, status_badge, subscription_badge, told, weekdays
from reservations.selectors.board import entry_of
from reservations.selectors.freshness import youngest


def reservation_page(row: Reservation, branch: Branch, now: dt.datetime) -> dict[str, Any]:
    acts = selectors.acts_of(row.account, row.external_id)
    entry = entry_of(row, acts, now)
    paid, is_theirs = payment(row.payment_status)
    return {
        "row": row,
        "entry": entry,
        "badge": badge_of(entry, now),
        "status": status_badge(row),
        "who": named(row),
        "minutes": int((row.ends_at - row.starts_at).total_seconds()) // 60,
        "phone": masked(row.customer_phone),
        "customer": customer_in(row.account_id, row.customer_id) if row.customer_id else None,
        "payment": paid,
        "payment_is_theirs": is_theirs,
        "acts": [told(act, now) for act in acts],
        "as_of": youngest(row.seen_at, getattr(row, "read_at", None)),
    }


def subscription_page(row: Subscription, branch: Branch, now: dt.datetime) -> dict[str, Any]:
    acts, days = selectors.acts_of(row.account, row.external_id), selectors.days_of(row, branch, now)
    paid, is_theirs = payment(row.invoice_status)
    return {
        "row": row,
        "days": days,
        "badge": subscription_badge(row, days),
        "items": row.items,
        "weekdays": weekdays(row.occurrence_days),
        "customer": customer_in(row.account_id, row.customer_id) if row.customer_id else None,
        "payment": paid,
        "payment_is_theirs": is_theirs,
        "acts": [told(act, now) for act in acts],
        "as_of": youngest(row.seen_at, getattr(row, "read_at", None)),
    }
