"""Which records we read again when the loyalty system says that something happened to them."""

from __future__ import annotations

from typing import Any

from customers.models import ProviderCustomer
from loyalty.models import Holding
from loyalty.sync import cards_of, store_seen
from providers.contracts.loyalty import LoyaltyProvider
from providers.hooks import Heard
from providers.models import Account


def read_record(client: LoyaltyProvider, account: Account, external_id: str) -> list[Any]:
    found = client.appointment(external_id)
    return [found, *_stranger(client, account, found.client_id)] if found else []


def read_client(client: LoyaltyProvider, account: Account, external_id: str) -> list[Any]:
    """A new client comes with their cards: nobody would list them before the night."""
    found = client.one_client(external_id)
    if found is None:
        return []
    known = ProviderCustomer.objects.filter(account=account, external_id=external_id)
    return [found] if known.exists() else [found, cards_of(client, external_id)]


def read_card(client: LoyaltyProvider, account: Account, external_id: str) -> list[Any]:
    """They read no card by its id: who has it as far as we know, and all that they have."""
    held = Holding.objects.filter(account=account, card_id=external_id).order_by("-seen_at", "client_id")
    holders = held.values_list("client_id", flat=True)
    return [cards_of(client, holder) for holder in holders]


def find_card(client: LoyaltyProvider, account: Account, external_id: str, phone: str) -> list[Any]:
    """A card that nobody has yet, as far as we know: whoever has this phone at our place may have it now."""
    place = str(account.settings.get("location_id") or "")
    here = [one.external_id for one in client.clients_in_chain(phone) if one.place_id == place]
    seen = [(one, cards_of(client, one)) for one in here]
    holders = [one for one, cards in seen if any(card.external_id == external_id for card in cards.cards)]
    strangers = [row for holder in holders for row in _stranger(client, account, holder)]
    return [*strangers, *(cards for _one, cards in seen)] if holders else []


def _stranger(client: LoyaltyProvider, account: Account, client_id: str) -> list[Any]:
    """Whoever came for the first time is found at the desk at once, not on the next day."""
    known = ProviderCustomer.objects.filter(account=account, external_id=client_id)
    return [] if not client_id or known.exists() else read_client(client, account, client_id)


HEARD = Heard(
    readers={"record": read_record, "client": read_client, "loyalty_card": read_card},
    store=store_seen,
    seekers={"loyalty_card": find_card},
)
