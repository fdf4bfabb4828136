"""The shape of what they send: learned by the first complete run, watched ever after, told once."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping

from providers.models import Account, Drift, Shape
from providers.sync.rows import Shapes

log = logging.getLogger(__name__)


def load_shapes(account: Account, collection: str, enums: Mapping[str, frozenset[str]]) -> Shapes:
    row = Shape.objects.filter(account=account, collection=collection, learned_at__isnull=False).first()
    return Shapes(row.fields if row else {}, enums)


def save_shapes(shapes: Shapes, account: Account, collection: str, complete: bool, now: dt.datetime) -> int:
    """Inside a transaction. Returns how many changes were news."""
    if not shapes.rows:
        return 0
    news = [key for key in shapes.drift() if _is_news(account, collection, key, now)]
    for field, what, detail in news:
        log.warning("%s %s: shape changed: %s of field %s %s", account.provider, collection, what, field, detail)
    row, _created = Shape.objects.get_or_create(account=account, collection=collection)
    merged = shapes.merged()
    if row.learned_at is None and complete:
        row.learned_at = now
    if row.fields != merged or complete:
        row.fields = merged
        row.save()
    return len(news)


def _is_news(account: Account, collection: str, key: tuple[str, str, str], now: dt.datetime) -> bool:
    field, what, detail = key
    _row, created = Drift.objects.get_or_create(
        account=account,
        collection=collection,
        field=field[:80],
        what=what,
        detail=detail[:80],
        defaults={"first_at": now},
    )
    return created
