"""The draft of a redemption: who is present, and what the services cost. Nothing is sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from providers.normalise import to_e164
from vouchers import selectors
from vouchers.models import Lookup
from vouchers.services.lookup import IN_SALE
from vouchers.services.place import CannotRedeem
from vouchers.services.sale import Sale, sale_of


@dataclass(frozen=True, slots=True)
class Ready:
    """A draft that lacks nothing. `card` is the person present, as in Lookup.cards; `left` what that person pays."""

    sale: Sale
    card: dict[str, Any]
    total: Decimal
    left: Decimal


def people_of(lookup: Lookup) -> list[dict[str, Any]]:
    """Who may stand at the desk with the vouchers of this draft."""
    owner = selectors.owner_of(lookup)
    return owner.cards if owner else []


def choose_person(lookup: Lookup, person: str) -> None:
    """Raises CannotRedeem('person_missing') when nobody on the voucher has that id."""
    if person not in {card["id"] for card in people_of(lookup)}:
        raise CannotRedeem("person_missing")
    lookup.person = person
    lookup.save(update_fields=["person"])


def confirm_owner(lookup: Lookup, typed: str) -> None:
    """The customer says a phone number; it must be the owner's, as the issuer has it.

    Raises CannotRedeem('still_looking' | 'phone_unreadable' | 'other_phone').
    """
    if any(row.state == Lookup.State.WAITING for row in (lookup, *selectors.others_of(lookup))):
        raise CannotRedeem("still_looking")
    said = to_e164(typed, country=lookup.branch.country)
    if not said:
        raise CannotRedeem("phone_unreadable")
    owner = next((card for card in people_of(lookup) if card.get("e164") == said), None)
    if owner is None:
        raise CannotRedeem("other_phone")
    choose_person(lookup, owner["id"])


def set_total(lookup: Lookup, total: Decimal, *, now: dt.datetime) -> None:
    """Keep the services total of the draft. Raises CannotRedeem when the vouchers are worth more than the services."""
    lookup.services_total = total
    lookup.save(update_fields=["services_total"])
    left_to_pay(lookup, sale_of(lookup, now))


def left_to_pay(lookup: Lookup, sale: Sale) -> Decimal:
    """What the customer pays after the vouchers. Raises CannotRedeem('total_missing' | 'total_too_small')."""
    if lookup.services_total is None:
        raise CannotRedeem("total_missing")
    left = lookup.services_total - sale.worth
    if left < 0:
        raise CannotRedeem("total_too_small", total=lookup.services_total, value=sale.worth, difference=-left)
    return left


def set_aside(lookup: Lookup, *, now: dt.datetime) -> None:
    """The draft leaves the desk, or one voucher its sale. Nothing was sent for it."""
    lookup.set_aside_at = now
    lookup.save(update_fields=["set_aside_at"])


def take_out(lookup: Lookup, *, now: dt.datetime) -> Lookup:
    """One voucher leaves its sale; the sale's first, from now on, comes back. Where that is the one that leaves, the next that
    can be used takes its place, with what the draft knows so far; the number that the customer said opens only its owner's."""
    with transaction.atomic(durable=True):
        row = Lookup.objects.select_for_update(of=("self",)).get(pk=lookup.pk)
        others = selectors.others_of(row)
        if row.first or not others or hasattr(row, "redemption"):
            set_aside(row, now=now)
            return row.first or row
        heir = next((other for other in others if other.state in IN_SALE), others[0])
        heir.first, heir.person, heir.services_total = None, row.person, row.services_total
        heir.save(update_fields=["first", "person", "services_total"])
        row.others.exclude(pk=heir.pk).update(first=heir)
        row.first, row.set_aside_at = heir, now
        row.save(update_fields=["first", "set_aside_at"])
    return heir


def ready_to_redeem(lookup: Lookup, now: dt.datetime) -> Ready:
    """The draft with its sums. Raises CannotRedeem while it is not complete."""
    sale = sale_of(lookup, now)
    today = now.astimezone(lookup.branch.zone).date()
    if any(part.voucher.expires_on and part.voucher.expires_on < today for part in sale.parts):
        raise CannotRedeem("expired")
    card = next((card for card in sale.owner.cards if card["id"] == lookup.person), None)
    if card is None:
        raise CannotRedeem("person_missing")
    left = left_to_pay(lookup, sale)
    assert lookup.services_total is not None
    return Ready(sale, card, lookup.services_total, left)
