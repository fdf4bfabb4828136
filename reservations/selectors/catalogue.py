"""What a branch offers, and by whom."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from branches.models import Branch
from providers.contracts.bookings import ProductKind
from reservations.models import Ask, Practitioner, Price, Product, Reservation
from reservations.selectors.places import booking_links

MOST = 500


def products_of(branch: Branch, kind: str = ProductKind.RESERVATION) -> list[Product]:
    """What can be booked (or subscribed to) here, by name. One query for the links, one an account."""
    rows: list[Product] = []
    for link in booking_links(branch):
        offered = Product.objects.filter(link.offered(), kind=kind, gone_at__isnull=True, out_of_stock=False)
        rows += offered.defer("payload").order_by("name", "pk")[:MOST]
    return rows


def product_at(branch: Branch, row_id: int) -> Product | None:
    """One of them, if this branch offers it."""
    for link in booking_links(branch):
        found = (
            Product.objects.filter(link.offered(), pk=row_id, gone_at__isnull=True).select_related("account").first()
        )
        if found:
            return found
    return None


def practitioners_of(branch: Branch) -> list[Practitioner]:
    accounts = [link.account for link in booking_links(branch)]
    rows = Practitioner.objects.filter(account__in=accounts, gone_at__isnull=True)
    return list(rows.defer("payload").order_by("name", "pk")[:MOST])


def practitioner_ids_of(row: Reservation) -> list[str]:
    """Reads give names and sometimes ids, writes take ids. Empty when one of them cannot be told: then none is sent."""
    known = {one["name"]: one["id"] for one in row.practitioners}
    names = [name for name, external_id in known.items() if not external_id]
    found = Practitioner.objects.filter(account=row.account_id, name__in=names, gone_at__isnull=True) if names else []
    known |= {one.name: one.external_id for one in found}
    return list(known.values()) if all(known.values()) else []


def price_named(row: Reservation) -> str:
    """Today's id of the price that a reservation was made at; '' when no product has it any more."""
    offer = offer_of(row)
    return offer[1].price_id if offer else ""


def who_gives(row: Reservation) -> list[dict[str, str]]:
    """Who may be asked for what was booked, by name: [{"id", "name"}]."""
    offer = offer_of(row)
    found = [one for one in offer[0].practitioners if one["id"]] if offer else []
    return sorted(found, key=lambda one: str(one["name"]))


def offer_of(row: Reservation) -> tuple[Product, Price] | None:
    """The product and the price that a reservation was made at, by their names: they are all that it has of them."""
    products = Product.objects.filter(account=row.account_id, gone_at__isnull=True).defer("payload")
    for product in products[:MOST]:
        if row.product_name in product.names:
            prices = product.price_list
            same = [price for price in prices if row.price_name in price.names]
            found = same or (prices if len(prices) == 1 else [])
            return (product, found[0]) if found else None
    return None


def product_of(ask: Ask) -> Product | None:
    """What an answered question about free times was about, as the answer left it in the mirror."""
    rows = Product.objects.filter(account=ask.account_id, external_id=ask.given["product"], gone_at__isnull=True)
    return rows.select_related("account").first()


def products_by_ask(asks: Iterable[Ask]) -> dict[uuid.UUID, Product]:
    """What each of them, all of one account, was about. What is offered no more is missing."""
    about = {ask.pk: (ask.account_id, ask.given["product"]) for ask in asks}
    accounts, names = {account for account, _name in about.values()}, {name for _account, name in about.values()}
    rows = Product.objects.filter(account__in=accounts, external_id__in=names, gone_at__isnull=True)
    known = {(row.account_id, row.external_id): row for row in rows.select_related("account")}
    return {ask_id: known[which] for ask_id, which in about.items() if which in known}


def price_of(product: Product, name: str) -> Price | None:
    """By either of its ids."""
    return next((one for one in product.price_list if name and name in (one.stable_id, one.price_id)), None)
