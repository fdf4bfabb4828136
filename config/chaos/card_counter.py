"""The counter for cards, as its own process of a chaos run (see counter.py): people ask it over HTTP, and it calls
the services that pages call.

A question is one JSON object: {"do": "give", "token", "person", "till", "client", "card", …}. Answers: {"act", "state", "tone",
"made"} or {"no": code}.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from config.chaos.counter import TRIES, serve

if TYPE_CHECKING:
    from loyalty.models import Act


def answered(asked: dict[str, Any]) -> dict[str, Any]:
    from loyalty.models import Act
    from loyalty.services import CannotMove
    from providers.operations import ring

    if asked["do"] == "show":
        return shown(Act.objects.select_related("operation").get(pk=asked["act"]))
    try:
        act = press(asked)
    except CannotMove as no:
        return {"no": no.code}
    ring("providers.send", act.operation_id)
    return shown(act)


def shown(act: Act) -> dict[str, Any]:
    """As a page says it."""
    from loyalty.outcomes import words_for

    operation = act.operation
    slow = timezone.now() - operation.created_at > dt.timedelta(seconds=6)
    tone = words_for(act, slow=slow).tone
    return {"act": str(act.pk), "state": operation.state, "tone": tone, "made": [act.made_id] if act.made_id else []}


def press(asked: dict[str, Any]) -> Act:
    from branches.models import Till, User
    from customers.models import ProviderCustomer
    from loyalty import services
    from loyalty.models import CardType, Proposal
    from loyalty.services import Place

    person = User.objects.get(username=asked["person"])
    till = Till.objects.select_related("branch").get(pk=asked["till"])
    place, now = Place(person, till.branch, till, form_token=uuid.UUID(asked["token"])), timezone.now()
    do, amount = asked["do"], Decimal(asked.get("amount", "0"))
    if do == "issue":
        customer = ProviderCustomer.objects.get(external_id=asked["client"])
        kind = CardType.objects.get(external_id=asked["type"])
        _read(asked)
        return services.issue_card(customer, kind, place, now=now, beside=True)
    card, visit = _read(asked)
    acts: dict[str, Callable[[], Act | Proposal]] = {
        "give": lambda: services.move_points(card, amount, "goodwill", place, now=now),
        "take": lambda: services.move_points(card, -amount, "correction", place, now=now, scope="chain"),
        "withdraw": lambda: services.withdraw_points(visit, card, amount, place, now=now),
        "cancel": lambda: services.cancel_withdrawal(visit, card, place, now=now),
        "apply": lambda: services.apply_program(visit, card, asked["program"], place, now=now),
        "unapply": lambda: services.cancel_program(visit, card, asked["program"], place, now=now),
        "refer": lambda: services.apply_referral(visit, asked["client"], asked["phone"], place, now=now),
        "remove": lambda: services.remove_card(card, "ضاعت", place, now=now),
    }
    act = acts[do]()
    assert not isinstance(act, Proposal), "limits are out of reach here"
    return act


def _read(asked: dict[str, Any]) -> tuple[Any, Any]:
    """Card and bill as they have them now: read until they answer. A page opens an Ask; what is tried here are the writes."""
    from loyalty.effects.shared import bill_of
    from loyalty.models import Card, Visit
    from loyalty.services import CannotMove
    from loyalty.sync import cards_of, store_seen
    from providers.errors import ProviderError
    from providers.models import Account
    from providers.operations.journal import Journal
    from providers.registry import loyalty_for

    account = Account.objects.get()
    client = loyalty_for(account, Journal(account))
    on_bill = {"visit_id": asked.get("visit", ""), "record_id": asked.get("record", ""), "place_id": ""}
    for _ in range(TRIES):
        now = timezone.now()
        try:
            found = [cards_of(client, asked["client"]), *([bill_of(client, on_bill)] if on_bill["visit_id"] else [])]
        except ProviderError:
            continue
        store_seen(account, [one for one in found if one], now)
        break
    card = Card.objects.filter(account=account, external_id=asked.get("card", ""), gone_at__isnull=True).first()
    visit = Visit.objects.filter(account=account, external_id=on_bill["visit_id"]).first()
    if (asked.get("card") and card is None) or (on_bill["visit_id"] and visit is None):
        raise CannotMove("not_found")
    return card, visit


if __name__ == "__main__":
    serve(answered)
