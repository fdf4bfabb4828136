"""A subscription for a customer, its pause, and its going on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from branches.models import Branch
from branches.roles import Permission
from customers.models import ProviderCustomer
from providers.acting import Place
from providers.contracts.booking_orders import Discount
from providers.contracts.bookings import ProductKind
from providers.normalise import plain_amount
from reservations.effects.shared import claim_of
from reservations.effects.times import Moment, wire_of
from reservations.models import Act, Price, Product, Subscription
from reservations.selectors.places import Link
from reservations.services.opening import Wish, open_act
from reservations.services.place import CannotBook, allowed, link_to

RUNNING = ("active", "paused")


@dataclass(frozen=True, slots=True)
class Content:
    """`price` as it was read a moment ago: its id changes when it is edited."""

    product: Product
    price: Price
    quantity: int = 1


def subscribe_customer(
    customer: ProviderCustomer,
    contents: Sequence[Content],
    starts_on: dt.date,
    place: Place,
    *,
    now: dt.datetime,
    occurrence_days: Sequence[str] = (),
    discount: Discount | None = None,
    follows: Act | None = None,
) -> Act:
    """Raises CannotBook."""
    allowed(place, Permission.BOOK_SUPERVISE if discount else Permission.BOOK)
    link = link_to(place, customer.account_id)
    if customer.is_blocked:
        raise CannotBook("customer_blocked")
    _check(contents, starts_on, place, link, now)
    request = {
        "customer_id": customer.external_id,
        "starts": _midnight(starts_on, place.branch, link),
        "items": [_item(one) for one in contents],
        "occurrence_days": [day[:20] for day in occurrence_days],
        "discount": {"kind": discount.kind, "value": plain_amount(discount.value)} if discount else None,
    }
    asked = {"items": [_shown(one) for one in contents], "starts": starts_on.isoformat(), "customer": customer.name}
    resources, subject = [claim_of("subscribing", customer.external_id)], Act.Subject.SUBSCRIPTION
    wish = Wish("booking.subscribe", subject, "", customer.external_id, request, resources, asked, follows)
    return open_act(wish, place, link, now=now)


def _item(one: Content) -> dict[str, Any]:
    """As it is sent."""
    return {
        "price_id": one.price.price_id,
        "quantity": one.quantity,
        "names": [one.price.names[0], *one.product.names],
    }


def _shown(one: Content) -> dict[str, Any]:
    """As pages tell it, and as it is tried once more."""
    return {
        "product": one.product.external_id,
        "price": one.price.stable_id or one.price.price_id,
        "names": list(one.product.names),
        "quantity": one.quantity,
    }


def _check(contents: Sequence[Content], starts_on: dt.date, place: Place, link: Link, now: dt.datetime) -> None:
    if not contents:
        raise CannotBook("nothing_chosen")
    if starts_on < place.branch.business_date(now):
        raise CannotBook("day_past")
    for one in contents:
        offered = Product.objects.filter(link.offered(), pk=one.product.pk, gone_at__isnull=True).exists()
        if not offered or one.product.kind != ProductKind.SUBSCRIPTION or one.product.out_of_stock:
            raise CannotBook("not_offered")
        if not 1 <= one.quantity <= (one.product.most_per_order or 100):
            raise CannotBook("quantity_wrong")


def pause_subscription(row: Subscription, first: dt.date, until: dt.date, place: Place, *, now: dt.datetime) -> Act:
    """From a day on, today or later, until the day on which it goes on. Raises CannotBook."""
    link = _at_this_branch(row, place)
    if row.is_paused:
        raise CannotBook("paused_already")
    if not place.branch.business_date(now) <= first < until:
        raise CannotBook("days_wrong")
    request = {
        "subscription_id": row.external_id,
        "paused": _midnight(first, place.branch, link),
        "resume": _midnight(until, place.branch, link),
    }
    asked = {"first": first.isoformat(), "until": until.isoformat()}
    return _open("booking.pause", row, request, asked, place, link, now)


def resume_subscription(row: Subscription, on: dt.date, place: Place, *, now: dt.datetime) -> Act:
    """Go on from this day, today or later. Raises CannotBook."""
    link = _at_this_branch(row, place)
    if not row.is_paused and row.paused_at is None:
        raise CannotBook("not_paused")
    if on < place.branch.business_date(now):
        raise CannotBook("days_wrong")
    request = {"subscription_id": row.external_id, "resume": _midnight(on, place.branch, link)}
    return _open("booking.resume", row, request, {"on": on.isoformat()}, place, link, now)


def _midnight(day: dt.date, branch: Branch, link: Link) -> dict[str, str]:
    """The beginning of a day at the branch, in their words."""
    moment = dt.datetime.combine(day, dt.time(), branch.zone)
    return Moment(wire_of(moment, link.wire_zone), moment).plain()


def _at_this_branch(row: Subscription, place: Place) -> Link:
    allowed(place, Permission.BOOK_SUPERVISE)
    link = link_to(place, row.account_id)
    if link.place_id and row.place_id not in ("", link.place_id):
        raise CannotBook("not_here")
    if row.status not in RUNNING:
        raise CannotBook("not_running")
    return link


def _open(
    kind: str,
    row: Subscription,
    request: dict[str, Any],
    asked: dict[str, Any],
    place: Place,
    link: Link,
    now: dt.datetime,
) -> Act:
    resources = [claim_of("subscription", row.external_id)]
    subject = Act.Subject.SUBSCRIPTION
    wish = Wish(kind, subject, row.external_id, row.customer_id, request, resources, {"code": row.code, **asked})
    return open_act(wish, place, link, now=now)
