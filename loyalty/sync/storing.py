"""What came on its own: read at the desk, after an operation, or because they told us of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from customers.sync import CLIENTS
from loyalty.models import LoyaltyTransaction
from loyalty.sync.holdings import CardsSeen, store_holdings
from loyalty.sync.mirrors import MIRRORS
from providers.contracts.loyalty import LoyaltyClientRecord
from providers.contracts.loyalty_movements import DatedTransaction
from providers.models import Account
from providers.sync import store_records


def store_seen(account: Account, records: Sequence[Any], now: dt.datetime) -> None:
    """What was just read, each into its own mirror; of a client's cards also whose they are."""
    lists = [one for one in records if isinstance(one, CardsSeen)]
    single = [one for one in records if not isinstance(one, CardsSeen)]
    everything = [*single, *(card for one in lists for card in one.cards)]
    for kind, mirror in {**MIRRORS, LoyaltyClientRecord: CLIENTS}.items():
        mine: Sequence[Any] = [record for record in everything if isinstance(record, kind)]
        if kind is DatedTransaction:
            mine = _with_known_days(account, mine)
        if mine:
            store_records(account, mirror.collection, mine, now)
    for one in lists:
        store_holdings(account, one.client_id, [card.external_id for card in one.cards], now, sure=one.sure)


def _with_known_days(account: Account, seen: Sequence[DatedTransaction]) -> list[DatedTransaction]:
    """A visit shows its transactions without their day; what a list has told is not forgotten for that."""
    undated = [one.external_id for one in seen if one.day is None]
    rows = LoyaltyTransaction.objects.filter(account=account, external_id__in=undated, day__isnull=False)
    days = dict(rows.values_list("external_id", "day")) if undated else {}
    return [replace(one, day=one.day or days.get(one.external_id)) for one in seen]
