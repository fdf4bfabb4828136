"""Whose a card is, and which cards are whose."""

from __future__ import annotations

import datetime as dt

from customers.models import ProviderCustomer
from loyalty.models import Card, Holding


def client_of(card: Card) -> str:
    """Their id of whoever holds it, as it was read last; '' where it was never read with its client."""
    rows = Holding.objects.filter(account=card.account_id, card_id=card.external_id).order_by("-seen_at", "client_id")
    return str(rows.values_list("client_id", flat=True).first() or "")


def card_as_of(card: Card) -> dt.datetime:
    """When this balance was so: an unchanged row is not written again, but whose it is was read with it."""
    read = Holding.objects.filter(account=card.account_id, card_id=card.external_id, missed_at__isnull=True)
    return max([card.seen_at, *read.order_by("-seen_at").values_list("seen_at", flat=True)[:1]])


def holding_of(card: Card) -> Holding | None:
    """By whom, and as of when; None where it was never read with its client. One query."""
    rows = Holding.objects.filter(account=card.account_id, card_id=card.external_id).order_by("-seen_at", "client_id")
    return rows.first()


def cards_held_by(customer: ProviderCustomer) -> list[Card]:
    """One query."""
    held = Holding.objects.filter(account=customer.account_id, client_id=customer.external_id).values("card_id")
    rows = Card.objects.filter(account=customer.account_id, external_id__in=held, gone_at__isnull=True)
    return list(rows.defer("payload").order_by("type_title", "pk"))
