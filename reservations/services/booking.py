"""A new customer, and a booking for one that they know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from branches.roles import Permission
from customers.models import ProviderCustomer
from providers.acting import Place
from providers.contracts.booking_orders import Discount
from providers.contracts.bookings import ProductKind
from providers.models import Account
from providers.normalise import clean_text, plain_amount, to_e164
from providers.secrets import keyed_hash
from reservations.effects.times import Moment
from reservations.models import Act, Product, Reservation
from reservations.selectors.places import Link
from reservations.selectors.slots import Slot
from reservations.services.opening import Wish, open_act
from reservations.services.place import CannotBook, allowed, link_to

MOST_ITEMS = 5
ALIVE = ("pending", "confirmed")


@dataclass(frozen=True, slots=True)
class NewPerson:
    name: str = field(repr=False)
    phone: str = field(repr=False)  # as it was typed
    email: str = field(default="", repr=False)
    company: str = ""
    is_company: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One item of a booking: a free time as the provider named it, and the price that it was asked for with."""

    product: Product
    price_id: str
    slot: Slot
    quantity: int = 1
    practitioner_ids: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
    discount: Discount | None = None


def create_customer(person: NewPerson, account: Account, place: Place, *, now: dt.datetime) -> Act:
    """Someone whom the provider does not know yet. Raises CannotBook: whoever has that phone already is offered in
    `customers`, and booked by their own id."""
    allowed(place, Permission.BOOK)
    link, phone = link_to(place, account), to_e164(person.phone, country=place.branch.country)
    name = clean_text(person.name)[:120]
    if not phone:
        raise CannotBook("phone_unreadable")
    if not name:
        raise CannotBook("name_missing")
    known = ProviderCustomer.objects.filter(account=link.account, phone=phone, gone_at__isnull=True)
    if found := list(known.order_by("folded_name", "pk")[:20]):
        raise CannotBook("customer_exists", customers=found)
    request = {
        "name": name,
        "phone": phone,
        "email": clean_text(person.email)[:120],
        "address": "",
        "company": clean_text(person.company)[:120],
        "is_company": person.is_company,
    }
    resources = [f"customer:{keyed_hash('phone', phone)}"]
    wish = Wish("booking.create_customer", Act.Subject.CUSTOMER, "", "", request, resources, {"name": name})
    return open_act(wish, place, link, now=now)


def book_reservation(
    customer: ProviderCustomer,
    choices: Sequence[Choice],
    place: Place,
    *,
    now: dt.datetime,
    again: bool = False,
    follows: Act | None = None,
) -> Act:
    """Book these times for a customer, by the provider's own id of them. Raises CannotBook.

    `again`: they have a booking at the same time already, and the person at the desk has seen it. `follows`: the act that was
    not done, and is now tried as a new one.
    """
    allowed(place, Permission.BOOK)
    link = link_to(place, customer.account_id)
    if customer.is_blocked:
        raise CannotBook("customer_blocked")
    _check_choices(choices, place, link, now)
    if not again and (_overlap(choices) or _has_already(customer, choices)):
        raise CannotBook("booked_already")
    request = {
        "customer_id": customer.external_id,
        "phone": customer.phone,
        "items": [_item(choice, place) for choice in choices],
        "again": again,
    }
    resources = sorted({f"slot:{customer.external_id}:{choice.slot.wire_from}"[:120] for choice in choices})
    asked = {"items": [_shown(choice) for choice in choices], "customer": customer.name}
    wish = Wish("booking.book", Act.Subject.RESERVATION, "", customer.external_id, request, resources, asked, follows)
    return open_act(wish, place, link, now=now)


def _check_choices(choices: Sequence[Choice], place: Place, link: Link, now: dt.datetime) -> None:
    if not choices:
        raise CannotBook("slot_missing")
    if len(choices) > MOST_ITEMS:
        raise CannotBook("too_many_items")
    if any(choice.discount for choice in choices):
        allowed(place, Permission.BOOK_SUPERVISE)
    for choice in choices:
        product = choice.product
        offered = Product.objects.filter(link.offered(), pk=product.pk, gone_at__isnull=True).exists()
        if not offered or product.kind != ProductKind.RESERVATION or product.out_of_stock:
            raise CannotBook("not_offered")
        if not 1 <= choice.quantity <= (product.most_per_order or 100):
            raise CannotBook("quantity_wrong")
        if choice.slot.starts_at <= now:
            raise CannotBook("slot_past")
        required = {row["name"] for row in product.fields if row["required"]} - {link.marker}
        if any(not choice.fields.get(name, "").strip() for name in required):
            raise CannotBook("field_missing")


def _overlap(choices: Sequence[Choice]) -> bool:
    slots = sorted((choice.slot for choice in choices), key=lambda slot: slot.starts_at)
    return any(after.starts_at < before.ends_at for before, after in pairwise(slots))


def _has_already(customer: ProviderCustomer, choices: Sequence[Choice]) -> bool:
    rows = Reservation.objects.filter(account=customer.account_id, customer_id=customer.external_id)
    rows = rows.filter(starts_at__in=[choice.slot.starts_at for choice in choices])
    return rows.filter(status__in=ALIVE, gone_at__isnull=True).exists()


def _item(choice: Choice, place: Place) -> dict[str, Any]:
    price = next((price for price in choice.product.price_list if price.price_id == choice.price_id), None)
    discount = choice.discount
    return {
        "price_id": choice.price_id,
        "quantity": choice.quantity,
        "from": Moment(choice.slot.wire_from, choice.slot.starts_at).plain(),
        "to": Moment(choice.slot.wire_to, choice.slot.ends_at).plain(),
        "names": [*choice.product.names, *(price.names if price else ())],
        "practitioner_ids": list(choice.practitioner_ids),
        "fields": {name: clean_text(value)[:500] for name, value in choice.fields.items()},
        "discount": {"kind": discount.kind, "value": plain_amount(discount.value)} if discount else None,
        "slot": slot_to_check(choice.slot, choice.price_id, choice.quantity, choice.practitioner_ids, place),
    }


def slot_to_check(
    slot: Slot, price_id: str, quantity: int, practitioner_ids: Sequence[str], place: Place
) -> dict[str, Any]:
    """The question that shows this time once more: the whole of its day, in wall time of the branch."""
    day = slot.starts_at.astimezone(place.branch.zone).date()
    midnight = dt.datetime.combine(day, dt.time())
    return {
        "price_id": price_id,
        "quantity": quantity,
        "practitioner_ids": list(practitioner_ids),
        "starts": midnight.isoformat(),
        "ends": (midnight + dt.timedelta(days=1)).isoformat(),
        "from": slot.wire_from,
        "to": slot.wire_to,
    }


def _shown(choice: Choice) -> dict[str, Any]:
    price = next((price for price in choice.product.price_list if price.price_id == choice.price_id), None)
    return {
        "product": choice.product.external_id,
        "price": (price.stable_id or price.price_id) if price else "",
        "with": list(choice.practitioner_ids),
        "names": list(choice.product.names),
        "starts": choice.slot.starts_at.isoformat(),
        "ends": choice.slot.ends_at.isoformat(),
        "quantity": choice.quantity,
    }
