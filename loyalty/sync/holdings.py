"""Whose a card is: they say it nowhere but in a client's list of cards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from loyalty.models import Card, CardsRead, Holding
from providers.contracts.loyalty import LoyaltyCardRecord, LoyaltyProvider
from providers.errors import Rejected
from providers.models import Account


@dataclass(frozen=True, slots=True)
class CardsSeen:
    """All cards that a client had when we asked. `sure`: what is not among them is not theirs any more; else it must be missing
    in another list, too."""

    client_id: str
    cards: Sequence[LoyaltyCardRecord]
    sure: bool = True


def cards_of(client: LoyaltyProvider, client_id: str) -> CardsSeen:
    """A client whom they do not know any more has none."""
    try:
        return CardsSeen(client_id, tuple(client.cards_of_client(client_id)))
    except Rejected as refusal:
        if refusal.code != "not_there":
            raise
        return CardsSeen(client_id, ())


def store_holdings(
    account: Account, client_id: str, card_ids: Sequence[str], now: dt.datetime, *, sure: bool = True
) -> None:
    """Which cards are a client's, as of `now`. A reading that began earlier than the one we have changes nothing. A card that
    nobody holds any more is marked as gone; by a list that nobody looked at (not `sure`) only when it is missing twice."""
    client, ids = client_id[:80], [one[:80] for one in card_ids]
    mine = Holding.objects.filter(account=account, client_id=client)
    with transaction.atomic():
        if not _is_newest(account, client, now):
            return
        lost = _missing(mine.exclude(card_id__in=ids), now, sure=sure)
        mine.filter(card_id__in=lost).delete()
        fresh = [Holding(account=account, client_id=client, card_id=one, seen_at=now) for one in dict.fromkeys(ids)]
        Holding.objects.bulk_create(
            fresh,
            update_conflicts=True,
            update_fields=["seen_at", "missed_at"],
            unique_fields=["account", "client_id", "card_id"],
        )
        _mark_gone(account, lost, now)
        Card.objects.filter(account=account, external_id__in=ids, gone_at__isnull=False).update(gone_at=None)


def _is_newest(account: Account, client_id: str, now: dt.datetime) -> bool:
    CardsRead.objects.bulk_create([CardsRead(account=account, client_id=client_id)], ignore_conflicts=True)
    row = CardsRead.objects.select_for_update().get(account=account, client_id=client_id)
    if row.read_at and row.read_at > now:
        return False
    CardsRead.objects.filter(pk=row.pk).update(read_at=now, put_off_at=None)
    return True


def _missing(rows: QuerySet[Holding], now: dt.datetime, *, sure: bool) -> list[str]:
    """Those that are lost for good."""
    lost = rows if sure else rows.filter(missed_at__lt=now)
    found = list(lost.values_list("card_id", flat=True))
    if not sure:
        rows.filter(missed_at__isnull=True).update(missed_at=now)
    return found


def _mark_gone(account: Account, card_ids: Sequence[str], now: dt.datetime) -> None:
    if not card_ids:
        return
    held = Holding.objects.filter(account=account, card_id__in=card_ids).values("card_id")
    rows = Card.objects.filter(account=account, external_id__in=card_ids, gone_at__isnull=True)
    rows.exclude(external_id__in=held).update(gone_at=now)
