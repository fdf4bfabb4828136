"""Balances against movements: what a card has now, less what is known to have moved on it, never changes.

Movements have a day and no time, and a balance is read a little later than they are. So one night that does not add up proves
nothing; a second one is told to a person, once, and from there on it is reckoned anew.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.db import transaction

from loyalty.models import Card, Holding, LoyaltyTransaction, Reckoning
from providers.contracts.loyalty_movements import SIGNS
from providers.contracts.loyalty_orders import Movement
from providers.models import Account, Discrepancy
from providers.sync import as_of
from providers.sync.decide import DAYS_AGAIN

CHUNK = 1_000
YOUNG = dt.timedelta(days=1)  # the movements must have been read in the same night
NOTHING = Decimal(0)


def reckon(account: Account, began: dt.datetime, now: dt.datetime) -> int:
    """Of the cards that were read since `began`. Returns how many differences were listed."""
    moves_of = as_of(account, "transactions")
    if moves_of is None or moves_of < began - YOUNG:
        return 0
    held = Holding.objects.filter(account=account, seen_at__gte=began, missed_at__isnull=True)
    ids = sorted(set(held.values_list("card_id", flat=True)))
    return sum(_some(account, ids[at : at + CHUNK], began, now) for at in range(0, len(ids), CHUNK))


def _some(account: Account, ids: Sequence[str], began: dt.datetime, now: dt.datetime) -> int:
    with transaction.atomic():
        rows = Reckoning.objects.select_for_update().filter(account=account, card_id__in=ids)
        known = {row.card_id: row for row in rows}
        cards = Card.objects.filter(account=account, external_id__in=ids, gone_at__isnull=True)
        moved = _moved(account, ids, {row.card_id: row.since for row in known.values()}, _first_day(now))
        changed, fresh, listed = [], [], 0
        for card_id, balance in cards.values_list("external_id", "balance"):
            rest, row = balance - moved[card_id], known.get(card_id)
            if row is None:
                row = Reckoning(account=account, card_id=card_id, since=_first_day(now), rest=rest, at=now)
                fresh.append(row)
                continue
            listed += _compare(row, rest, balance, began, now)
            changed.append(row)
        Reckoning.objects.bulk_create(fresh, ignore_conflicts=True)
        Reckoning.objects.bulk_update(changed, ["rest", "at", "off_by", "off_since"], batch_size=CHUNK)
    return listed


def _first_day(now: dt.datetime) -> dt.date:
    """What was before never changes any more: the days that a night reads again begin later, wherever on earth."""
    return now.date() - dt.timedelta(days=DAYS_AGAIN + 3)


def _moved(account: Account, ids: Sequence[str], since: dict[str, dt.date], else_since: dt.date) -> dict[str, Decimal]:
    """By how much each card changed from its own day on. What a list has not dated yet does not count: its night will."""
    earliest = min([*since.values(), else_since])
    rows = LoyaltyTransaction.objects.filter(account=account, card_id__in=ids, gone_at__isnull=True, day__gte=earliest)
    found: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for card_id, day, movement, amount in rows.values_list("card_id", "day", "movement", "amount"):
        if day and day >= since.get(card_id, else_since):
            found[card_id] += SIGNS.get(Movement(movement), 0) * abs(amount)
    return found


def _compare(row: Reckoning, rest: Decimal, balance: Decimal, began: dt.datetime, now: dt.datetime) -> int:
    row.at, off = now, rest - row.rest
    if not off:
        row.off_by, row.off_since = None, None
        return 0
    if row.off_since is None or row.off_since >= began:
        row.off_by, row.off_since = off, row.off_since or now
        return 0
    listed = _tell(row, off, balance, now)
    row.rest, row.off_by, row.off_since = rest, None, None
    return listed


def _tell(row: Reckoning, off: Decimal, balance: Decimal, now: dt.datetime) -> int:
    resource = f"balance:{row.card_id}:{now.date()}"[:120]
    place = next(_branches(row.account), None)
    if place is None or Discrepancy.objects.filter(account=row.account, resource=resource).exists():
        return 0
    facts = {"card": row.card_id, "expected": str(balance - off), "found": str(balance), "difference": f"{off:+}"}
    kind = Discrepancy.Kind.BALANCE
    Discrepancy.objects.create(account=row.account, branch_id=place, kind=kind, resource=resource, facts=facts, at=now)
    return 1


def _branches(account: Account) -> Iterator[uuid.UUID]:
    yield from account.places.order_by("pk").values_list("branch_id", flat=True)
