"""The cards around a card that is issued or removed: what the customer has is offered before what they could get."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from customers.models import ProviderCustomer
from customers.selectors import customer_in
from loyalty.cards import asked
from loyalty.cards.people import held, masked, tail
from loyalty.forms.cards import OTHER, REASONS
from loyalty.models import Ask, Card, CardType, Holding
from loyalty.selectors import held_by


def address_of(row: ProviderCustomer) -> str:
    return resolve_url("loyalty:customer", row.pk)


def before(row: ProviderCustomer) -> dict[str, Any]:
    return {
        "title": _("New card"),
        "customer": row,
        "phone": masked(row.phone),
        "back": address_of(row),
        "page": "customers",
    }


def offer(row: ProviderCustomer, ask: Ask, now: dt.datetime, *, beside: bool) -> dict[str, Any]:
    """`stops`: they have a card already, and nobody has said yet that another one is wanted. Of a type that they have no second
    one is offered."""
    address = resolve_url("loyalty:issue_choose", row.pk, ask.pk)
    waiting = asked.shown(ask, now, address)
    cards = held_by(row.account_id, row.external_id)
    has = {one.card.type_id for one in cards}
    answered = ask.state == Ask.State.ANSWERED
    wanted = [key for key in ask.result.get("types", ()) if key not in has] if answered else []
    types = list(
        CardType.objects.filter(account=ask.account_id, external_id__in=wanted).defer("payload").order_by("pk")
    )
    return (
        before(row)
        | waiting
        | {
            "poll": f"{address}?on=1",
            "cards": [held(one) for one in cards],
            "types": types,
            "answered": answered,
            "stops": answered and bool(cards) and not beside,
            "beside": beside,
            "beside_url": f"{address}?beside=yes",
            "token": uuid.uuid5(ask.pk, "issue"),
        }
    )


def removal(card: Card, holding: Holding | None) -> dict[str, Any]:
    holder = customer_in(card.account_id, holding.client_id) if holding else None
    return {
        "title": _("Remove the card"),
        "card": card,
        "tail": tail(card.number),
        "who": holder.name if holder else "",
        "as_of": max(card.seen_at, holding.seen_at) if holding else card.seen_at,
        "reasons": REASONS.items(),
        "other": OTHER,
        "back": resolve_url("loyalty:card", card.pk),
        "page": "customers",
        "token": uuid.uuid4(),
    }
