"""A card for a client, and the removal of one (S11)."""

from __future__ import annotations

import datetime as dt
import re

from branches.roles import Permission
from customers.models import ProviderCustomer
from loyalty.effects.shared import claim_of
from loyalty.models import Act, Card, CardType
from loyalty.selectors.holders import cards_held_by, client_of
from loyalty.services.opening import Wish, open_act
from loyalty.services.place import CannotMove, allowed, link_to
from providers.acting import Place
from providers.normalise import clean_text

_NUMBER = re.compile(r"[0-9]{4,24}")


def issue_card(
    customer: ProviderCustomer,
    card_type: CardType,
    place: Place,
    *,
    now: dt.datetime,
    number: str = "",
    beside: bool = False,
) -> Act:
    """Without a number they make one. Whoever has a card of the chain already is asked about it first: `beside` says that
    another is wanted. Raises CannotMove: not_allowed, not_here, other_account, has_card, no_phone, number_wrong, in_use_here,
    provider_down, busy."""
    allowed(place, Permission.CARD_USE)
    link = link_to(place, customer.account_id)
    if card_type.account_id != customer.account_id:
        raise CannotMove("other_account")
    if not customer.phone:
        raise CannotMove("no_phone")
    if number and not _NUMBER.fullmatch(number):
        raise CannotMove("number_wrong")
    held = cards_held_by(customer)
    if any(card.type_id == card_type.external_id for card in held) or (held and not beside):
        raise CannotMove("has_card", rows=held)
    request = {
        "client_id": customer.external_id,
        "phone": customer.phone,
        "type_id": card_type.external_id,
        "number": number,
    }
    wish = Wish(
        "loyalty.issue_card",
        Act.Subject.CUSTOMER,
        request,
        [claim_of("client", customer.external_id)],
        {"client_id": customer.external_id},
        {"card_type": card_type.title, "card_tail": number[-4:]},
    )
    return open_act(wish, place, link, now=now)


def remove_card(card: Card, reason: str, place: Place, *, now: dt.datetime) -> Act:
    """With all that is on it; they know no way back. Raises CannotMove: not_allowed, not_here, no_reason, holder_unknown,
    in_use_here, provider_down, busy."""
    allowed(place, Permission.CARD_SUPERVISE)
    link = link_to(place, card.account_id)
    if card.gone_at is not None:
        raise CannotMove("card_gone")
    text = clean_text(reason)[:200]
    if not text:
        raise CannotMove("no_reason")
    client_id = client_of(card)
    if not client_id:
        raise CannotMove("holder_unknown")
    wish = Wish(
        "loyalty.remove_card",
        Act.Subject.CARD,
        {"client_id": client_id, "card_id": card.external_id},
        [claim_of("card", card.external_id)],
        {"client_id": client_id, "card_id": card.external_id, "note": text},
        {"card_type": card.type_title, "card_tail": card.number[-4:], "balance": str(card.balance)},
    )
    return open_act(wish, place, link, now=now)
