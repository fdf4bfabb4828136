"""Questions that somebody waits for: free times, who has this phone, refresh this one. No web thread waits; a worker asks."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from branches.roles import Permission
from customers.models import ProviderCustomer
from providers.acting import Place
from providers.asking import Found, Reading, TooMany, answer_question, purge_questions, record_question
from providers.contracts.booking_orders import SlotQuery
from providers.contracts.bookings import BookingProvider, ProductKind, ProductRecord, SlotRecord
from providers.models import Account
from providers.normalise import to_e164
from reservations.models import Ask, Product, Reservation, Subscription
from reservations.services.clocks import compare_clocks
from reservations.services.place import CannotBook, allowed, link_to
from reservations.sync import store_seen

MOST_DAYS = 31
MOST_SLOTS = 500
MOST_AT_ONCE = 12  # reservations that one question may be about: each is a call


# Asking ---------------------------------------------------------------------------------------------------------------


def ask_slots(
    product: Product,
    stable_id: str,
    first: dt.date,
    days: int,
    place: Place,
    *,
    now: dt.datetime,
    quantity: int = 1,
    practitioner_ids: tuple[str, ...] = (),
) -> Ask:
    """Free times of one price of a product, by its stable id (or its id, where it has none). Raises CannotBook."""
    starts = dt.datetime.combine(first, dt.time())
    given = {
        "product": product.external_id,
        "price": stable_id,
        "starts": starts.isoformat(),
        "ends": (starts + dt.timedelta(days=max(1, min(days, MOST_DAYS)))).isoformat(),
        "quantity": max(1, quantity),
        "practitioners": list(practitioner_ids),
    }
    return _ask(Ask.Kind.SLOTS, product.account_id, given, place, now)


def ask_customers(account: Account, phone: str, place: Place, *, now: dt.datetime) -> Ask:
    """Who has this phone there, as they know it now. Raises CannotBook."""
    number = to_e164(phone, country=place.branch.country)
    if not number:
        raise CannotBook("phone_unreadable")
    return _ask(Ask.Kind.CUSTOMERS, account.pk, {"phone": number}, place, now)


def refresh_customer(row: ProviderCustomer, place: Place, *, now: dt.datetime) -> Ask:
    """This one customer, with reservations, subscriptions and attendances. Raises CannotBook."""
    return _ask(Ask.Kind.CUSTOMER, row.account_id, {"ids": [row.external_id]}, place, now)


def refresh_reservation(row: Reservation, place: Place, *, now: dt.datetime) -> Ask:
    return _ask(Ask.Kind.RESERVATION, row.account_id, {"ids": [row.external_id]}, place, now)


def refresh_reservations(rows: Sequence[Reservation], place: Place, *, now: dt.datetime) -> Ask:
    """Those of a day that matter next, in one question: of one account, and no more than MOST_AT_ONCE. Raises CannotBook."""
    ids = [row.external_id for row in rows if row.account_id == rows[0].account_id][:MOST_AT_ONCE]
    return _ask(Ask.Kind.RESERVATION, rows[0].account_id, {"ids": ids}, place, now)


def refresh_subscription(row: Subscription, place: Place, *, now: dt.datetime) -> Ask:
    return _ask(Ask.Kind.SUBSCRIPTION, row.account_id, {"ids": [row.external_id]}, place, now)


def keep_answers(ask: Ask, number: int, answers: Mapping[str, str]) -> None:
    """What was written to the clinic's questions about one of these times, until it is booked: sealed, and purged with them."""
    given = ask.given
    known = given.get("answers", {})
    if known.get(str(number), {}) == answers:
        return
    ask.seal_given(given | {"answers": known | {str(number): dict(answers)}})
    ask.save(update_fields=["sealed_given"])


def _ask(kind: str, account_id: uuid.UUID, given: dict[str, Any], place: Place, now: dt.datetime) -> Ask:
    allowed(place, Permission.BOOKINGS)
    ask = Ask(kind=kind, account=link_to(place, account_id).account)
    try:
        return record_question(ask, given, place, now=now)
    except TooMany:
        raise CannotBook("busy") from None


# What each question reads ---------------------------------------------------------------------------------------------


def _slots(client: BookingProvider, given: dict[str, Any]) -> Found:
    """With the price as it is called today: its id changes whenever it is edited. What is not booked by the hour has no times:
    of a subscription the price is all that is asked for."""
    product = client.product(given["product"])
    price_id = _price_id(product, given["price"])
    if product is None or not price_id:
        return ([product] if product else []), {"slots": [], "price_id": "", "problem": "not_offered"}
    if product.kind != ProductKind.RESERVATION:
        return [product], {"slots": [], "price_id": price_id, "last": ""}
    starts, ends = (dt.datetime.fromisoformat(given[name]) for name in ("starts", "ends"))
    query = SlotQuery(price_id, starts, ends, given["quantity"], tuple(given["practitioners"]))
    free = [slot for slot in client.slots(query) if slot.is_bookable][:MOST_SLOTS]
    last = max((slot.starts_at for slot in free), default=None)
    result = {"slots": [_plain(slot) for slot in free], "price_id": price_id, "last": last.isoformat() if last else ""}
    return [product], result


def _price_id(product: ProductRecord | None, wanted: str) -> str:
    prices = product.prices if product else ()
    found = [price.external_id for price in prices if wanted in (price.stable_id, price.external_id) and wanted]
    return found[0] if found else ""


def _plain(slot: SlotRecord) -> dict[str, Any]:
    return {
        "from": slot.wire_from,
        "to": slot.wire_to,
        "starts": slot.starts_at.isoformat(),
        "ends": slot.ends_at.isoformat(),
        "left": slot.places_left,
        "practitioners": list(slot.practitioner_ids),
        "total": None if slot.total_after_discount is None else str(slot.total_after_discount),
    }


def _customers(client: BookingProvider, given: dict[str, Any]) -> Found:
    records = list(client.customers_with(given["phone"]))
    return records, {"ids": [record.external_id for record in records]}


def _customer(client: BookingProvider, given: dict[str, Any]) -> Found:
    records: list[Any] = []
    for external_id in given["ids"]:
        customer = client.customer(external_id)
        if customer is None:
            continue
        records.append(customer)
        records += client.reservations_of(customer.phone, external_id)
        records += client.subscriptions_of(external_id)
        records += client.attendances_of(external_id)
    return records, {"found": bool(records)}


def _reservations(client: BookingProvider, given: dict[str, Any]) -> Found:
    found = [client.reservation(external_id) for external_id in given["ids"]]
    return [row for row in found if row], {"found": any(found)}


def _subscriptions(client: BookingProvider, given: dict[str, Any]) -> Found:
    found = [client.subscription(external_id) for external_id in given["ids"]]
    return [row for row in found if row], {"found": any(found)}


READERS: dict[str, Callable[[BookingProvider, dict[str, Any]], Found]] = {
    Ask.Kind.SLOTS: _slots,
    Ask.Kind.CUSTOMERS: _customers,
    Ask.Kind.CUSTOMER: _customer,
    Ask.Kind.RESERVATION: _reservations,
    Ask.Kind.SUBSCRIPTION: _subscriptions,
}


def _with_clocks(ask: Ask, records: list[Any], now: dt.datetime) -> None:
    if ask.actor_id is None:  # nobody's question: what an operation of ours has just made or changed
        compare_clocks(ask.account, records, now)


READING = Reading(Ask, READERS, store_seen, _with_clocks)


def answer_ask(ask_id: uuid.UUID) -> str:
    """Ask the provider, once. Returns the state it was left in, '' if it was not ours to take."""
    return answer_question(READING, ask_id)


def purge_asks(*, now: dt.datetime) -> int:
    return purge_questions(Ask, now=now)
