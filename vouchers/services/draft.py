"""The draft of a redemption: who is present, and what the services cost. Nothing is sent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from vouchers.models import Lookup
from vouchers.services.place import CannotRedeem


def choose_person(lookup: Lookup, person: str) -> None:
    """Raises CannotRedeem('person_missing') when nobody on the voucher has that id."""
    if person not in {card["id"] for card in lookup.cards}:
        raise CannotRedeem("person_missing")
    lookup.person = person
    lookup.save(update_fields=["person"])


def set_total(lookup: Lookup, total: Decimal) -> None:
    """Keep the services total of the draft. Raises CannotRedeem when the voucher is worth more than the services."""
    lookup.services_total = total
    lookup.save(update_fields=["services_total"])
    left_to_pay(lookup)


def left_to_pay(lookup: Lookup) -> Decimal:
    """What the customer pays after the voucher. Raises CannotRedeem('total_missing' | 'total_too_small')."""
    if lookup.services_total is None or lookup.voucher is None:
        raise CannotRedeem("total_missing")
    left = lookup.services_total - lookup.voucher.value
    if left < 0:
        raise CannotRedeem("total_too_small", total=lookup.services_total, value=lookup.voucher.value, difference=-left)
    return Decimal(left)


def set_aside(lookup: Lookup, *, now: dt.datetime) -> None:
    """The draft leaves the desk. Nothing was sent for it."""
    lookup.set_aside_at = now
    lookup.save(update_fields=["set_aside_at"])


def ready_to_redeem(lookup: Lookup, now: dt.datetime) -> tuple[Decimal, dict[str, Any]]:
    """What is left to pay, and the chosen person's card. Raises CannotRedeem while the draft is not complete."""
    if lookup.state != Lookup.State.FOUND or lookup.voucher is None:
        raise CannotRedeem("not_ready")
    if lookup.voucher.expires_on and lookup.voucher.expires_on < now.astimezone(lookup.branch.zone).date():
        raise CannotRedeem("expired")
    if lookup.voucher.currency != lookup.branch.currency:
        raise CannotRedeem("other_currency")
    card = next((card for card in lookup.cards if card["id"] == lookup.person), None)
    if card is None:
        raise CannotRedeem("person_missing")
    return left_to_pay(lookup), card
