"""Questions that somebody waits for: who has this phone, which cards are theirs, what is on this bill. A worker asks."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from branches.roles import Permission
from customers.models import ProviderCustomer
from loyalty.effects.points import link_transaction as link_one
from loyalty.effects.points import moves_of
from loyalty.effects.shared import bill_of
from loyalty.models import Act, Appointment, Ask, Card
from loyalty.selectors.holders import client_of
from loyalty.services.place import CannotMove, allowed, link_to
from loyalty.sync import Dated, cards_of, store_seen
from providers.acting import Place
from providers.asking import Found, Reading, TooMany, answer_question, purge_questions, record_question
from providers.contracts.loyalty import LoyaltyProvider
from providers.errors import BrokenContract
from providers.models import Account
from providers.normalise import to_e164

MOST_BILLS = 4  # visits of one client that one question reads: each is a call


def ask_clients(account: Account, phone: str, place: Place, *, now: dt.datetime) -> Ask:
    """Who has this phone there, as they know it now. Raises CannotMove."""
    number = to_e164(phone, country=place.branch.country)
    if not number:
        raise CannotMove("phone_unreadable")
    return _ask(Ask.Kind.CLIENTS, account.pk, {"phone": number}, place, now)


def ask_card_types(customer: ProviderCustomer, place: Place, *, now: dt.datetime) -> Ask:
    """Which cards can be issued to this client, with those that they have. Raises CannotMove."""
    if not customer.phone:
        raise CannotMove("no_phone")
    given = {"client_id": customer.external_id, "phone": customer.phone}
    return _ask(Ask.Kind.TYPES, customer.account_id, given, place, now)


def refresh_client(customer: ProviderCustomer, place: Place, *, now: dt.datetime) -> Ask:
    """This client's cards, and the bills of their visits of today. Raises CannotMove."""
    today = visits_of_day(customer.account_id, customer.external_id, place, now)
    given = {"client_id": customer.external_id, "visits": today}
    return _ask(Ask.Kind.CLIENT, customer.account_id, given, place, now)


def refresh_card(card: Card, place: Place, *, now: dt.datetime) -> Ask:
    given = {"client_id": client_of(card), "card_id": card.external_id}
    return _ask(Ask.Kind.CARD, card.account_id, given, place, now)


def refresh_visit(appointment: Appointment, place: Place, *, now: dt.datetime) -> Ask:
    """Its bill, and the cards of whoever it is for. Raises CannotMove."""
    account, client = appointment.account_id, appointment.client_id
    return refresh_bill(account, appointment.visit_id, appointment.external_id, client, place, now=now)


def refresh_bill(
    account_id: uuid.UUID, visit_id: str, record_id: str, client_id: str, place: Place, *, now: dt.datetime
) -> Ask:
    """As `refresh_visit`, of one that our copy need not have: then its record is read too. Raises CannotMove."""
    known = Appointment.objects.filter(account=account_id, external_id=record_id, visit_id=visit_id).exists()
    given = {"client_id": client_id, "visit_id": visit_id, "record_id": record_id, "with_record": not known}
    return _ask(Ask.Kind.VISIT, account_id, given, place, now)


def is_at(appointment: Appointment, place: Place) -> bool:
    """Of the place of theirs that this branch is. Raises CannotMove."""
    here = link_to(place, appointment.account_id).place_id
    return not appointment.is_deleted and (not here or appointment.place_id in ("", here))


def visits_of_day(account_id: uuid.UUID, client_id: str, place: Place, now: dt.datetime) -> list[list[str]]:
    """[visit, record] of this client's visits of the day, as the mirror has them; one record stands for its visit."""
    zone = link_to(place, account_id).zone
    day = now.astimezone(zone).date()
    starts = dt.datetime.combine(day, dt.time(), zone)
    rows = Appointment.objects.filter(account=account_id, client_id=client_id, is_deleted=False, gone_at__isnull=True)
    rows = rows.filter(starts_at__gte=starts, starts_at__lt=starts + dt.timedelta(days=1)).exclude(visit_id="")
    found: dict[str, str] = {}
    for visit_id, record_id in rows.order_by("starts_at", "pk").values_list("visit_id", "external_id")[:50]:
        found.setdefault(visit_id, record_id)
    return [[visit, record] for visit, record in found.items()][:MOST_BILLS]


def _ask(kind: str, account_id: uuid.UUID, given: dict[str, Any], place: Place, now: dt.datetime) -> Ask:
    allowed(place, Permission.CARDS)
    link = link_to(place, account_id)
    everything = {**given, "place_id": link.place_id, "day": link.day(now).isoformat()}
    try:
        return record_question(Ask(kind=kind, account=link.account), everything, place, now=now)
    except TooMany:
        raise CannotMove("busy") from None


# What each question reads ---------------------------------------------------------------------------------------------


def _clients(client: LoyaltyProvider, given: Mapping[str, Any]) -> Found:
    records = [one for one in client.search_clients(given["phone"], given["place_id"]) if one.phone == given["phone"]]
    return list(records), {"ids": [record.external_id for record in records]}


def _types(client: LoyaltyProvider, given: Mapping[str, Any]) -> Found:
    offered = client.card_types_for(given["phone"], given["place_id"])
    cards = cards_of(client, given["client_id"])
    return [*offered, cards], {
        "types": [one.external_id for one in offered],
        "cards": [one.external_id for one in cards.cards],
    }


def _client(client: LoyaltyProvider, given: Mapping[str, Any]) -> Found:
    records: list[Any] = [cards_of(client, given["client_id"])]
    for visit_id, record_id in given.get("visits", ()):
        records += _bill(client, {**given, "visit_id": visit_id, "record_id": record_id})
    return records, {"cards": [one.external_id for one in records[0].cards]}


def _card(client: LoyaltyProvider, given: Mapping[str, Any]) -> Found:
    """With what moved it on the days around: how an act of ours learns which transaction it was."""
    moves = [Dated(one) for one in moves_of(client, given["card_id"], given["day"])]
    records: list[Any] = [cards_of(client, given["client_id"])] if given["client_id"] else []
    return [*records, *moves], {"moves": [one.external_id for one in moves]}


def _visit(client: LoyaltyProvider, given: Mapping[str, Any]) -> Found:
    records = _bill(client, given)
    if given.get("with_record") and (record := client.appointment(given["record_id"], given["place_id"])):
        records.append(record)
    if given["client_id"]:
        records.append(cards_of(client, given["client_id"]))
    return records, {"found": bool(records)}


def _bill(client: LoyaltyProvider, given: Mapping[str, Any]) -> list[Any]:
    seen = bill_of(client, given)
    if seen and not seen.bill.may_be_of(given["record_id"]):
        raise BrokenContract("other_record", "The bill is about another visit.")
    return [seen, *(Dated(one) for one in seen.bill.transactions if one.raw)] if seen else []


READERS: dict[str, Callable[[LoyaltyProvider, dict[str, Any]], Found]] = {
    Ask.Kind.CLIENTS: _clients,
    Ask.Kind.CLIENT: _client,
    Ask.Kind.TYPES: _types,
    Ask.Kind.CARD: _card,
    Ask.Kind.VISIT: _visit,
}


def _with_links(ask: Ask, records: list[Any], now: dt.datetime) -> None:
    """Of what our acts on this card have done by their word: which transactions they were."""
    if ask.kind != Ask.Kind.CARD:
        return
    moves = [one.record for one in records if isinstance(one, Dated)]
    given = ask.given
    acts = Act.objects.filter(operation__account=ask.account, card_id=given["card_id"], transaction_ids=[])
    for act in acts.select_related("operation").order_by("-operation__created_at")[:20]:
        link_one(act, moves)


READING = Reading(Ask, READERS, store_seen, _with_links)


def answer_ask(ask_id: uuid.UUID) -> str:
    """Ask the provider, once. Returns the state it was left in, '' if it was not ours to take."""
    return answer_question(READING, ask_id)


def purge_asks(*, now: dt.datetime) -> int:
    return purge_questions(Ask, now=now)
