"""How far ahead can a branch be booked? Asked every hour about what is booked most there, when nobody waits."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Count

from branches.models import Branch
from providers.errors import ProviderError
from providers.models import Account
from providers.operations.journal import Journal
from providers.operations.life import database_now
from providers.registry import Rank, client_for
from reservations.models import Ask, Horizon, Product, Reservation
from reservations.selectors import booking_links, products_of
from reservations.services.asking import MOST_DAYS, READERS
from reservations.sync import store_seen

MAIN = 3  # products of a branch
LATELY = dt.timedelta(days=28)
EVERY = dt.timedelta(minutes=55)


def horizons_due(now: dt.datetime) -> list[uuid.UUID]:
    """Branches that book somewhere and were not looked at within the hour."""
    recent = Horizon.objects.filter(tried_at__gt=now - EVERY).values("branch")
    rows = Branch.objects.filter(is_active=True, accounts__account__is_active=True).exclude(pk__in=recent)
    return [branch.pk for branch in rows.distinct().order_by("code") if booking_links(branch)]


def look_ahead(branch_id: uuid.UUID, *, now: dt.datetime) -> Horizon | None:
    """Ask about its main products, one after the other, after people and their bookings. None: there is nothing to ask."""
    branch = Branch.objects.get(pk=branch_id)
    products = main_products(branch, now)
    if not products or not _claim(branch, now):
        return None
    last: dt.datetime | None = None
    for product in products:
        try:
            found = _last_free(product, branch, now)
        except ProviderError as error:
            return _keep(branch, problem=error.code[:64])
        last = max(filter(None, (last, found)), default=None)
    return _keep(branch, until=last, products=len(products), found_at=now, problem="")


def _claim(branch: Branch, now: dt.datetime) -> bool:
    """The row count decides: of two workers one asks."""
    _row, created = Horizon.objects.get_or_create(branch=branch, defaults={"tried_at": now})
    due = Horizon.objects.filter(branch=branch, tried_at__lte=now - EVERY)
    return created or bool(due.update(tried_at=now))


def _keep(branch: Branch, **changes: Any) -> Horizon:
    Horizon.objects.filter(branch=branch).update(**changes)
    return Horizon.objects.get(branch=branch)


def main_products(branch: Branch, now: dt.datetime) -> list[Product]:
    """What was booked most in the last four weeks, and is still offered with a price; else the first by name."""
    offered = [product for product in products_of(branch) if product.prices]
    counts: dict[str, int] = {}
    for link in booking_links(branch):
        rows = Reservation.objects.filter(link.here(), starts_at__gte=now - LATELY, gone_at__isnull=True)
        for name, count in rows.order_by().values_list("product_name").annotate(n=Count("pk")):
            counts[name] = counts.get(name, 0) + count
    return sorted(offered, key=lambda product: -max(counts.get(name, 0) for name in product.names))[:MAIN]


def _last_free(product: Product, branch: Branch, now: dt.datetime) -> dt.datetime | None:
    account, price = Account.objects.get(pk=product.account_id), product.price_list[0]
    first = dt.datetime.combine(now.astimezone(branch.zone).date(), dt.time())
    given = {
        "product": product.external_id,
        "price": price.stable_id or price.price_id,
        "starts": first.isoformat(),
        "ends": (first + dt.timedelta(days=MOST_DAYS)).isoformat(),
        "quantity": 1,
        "practitioners": [],
    }
    journal, asked_at = Journal(account), database_now()
    try:
        records, result = READERS[Ask.Kind.SLOTS](client_for(account, journal, rank=Rank.MIRROR), given)  # type: ignore[arg-type]
    finally:
        with transaction.atomic(durable=True):
            journal.write()
    with transaction.atomic(durable=True):
        store_seen(account, records, asked_at)
    return dt.datetime.fromisoformat(result["last"]) if result.get("last") else None
