"""What a branch offers, and when it is free."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.pages import as_json
from branches.api.reading import branch_for, query
from branches.api.refusals import FieldProblem, Refusal, wrong_field
from branches.models import Branch
from branches.roles import Permission
from providers.contracts.bookings import ProductKind
from reservations import outcomes, services
from reservations.api.doing import ask_or_refuse, place_at
from reservations.api.forms import ProductQuery, ProductRow, SlotQuery, SlotRow
from reservations.models import Ask, Price, Product
from reservations.selectors import booking_links, products_of, slots_of
from reservations.selectors.freshness import read_whole, youngest

READ = ("reservations:read", "reservations:write")
A_WEEK, MOST_DAYS = 7, 31
KINDS = (ProductKind.RESERVATION, ProductKind.SUBSCRIPTION)


class Products(Endpoint):
    tag = "reservations"
    scopes = {"GET": READ}
    told = {
        "GET": Told(
            "What can be booked or subscribed to at a branch",
            "By name, without what is sold out. A branch offers few products: they come as one page.",
            asks=ProductQuery,
            answers={200: ProductRow},
            is_list=True,
            problems=(404,),
            example={"branch": "olaya"},
        )
    }

    def get(self, request: Request) -> HttpResponse:
        wanted = query(ProductQuery, request)
        if "cursor" in wanted:
            raise Refusal(400, "invalid", fields=[FieldProblem("cursor", "cursor_invalid")])
        branch = branch_for(request, wanted["branch"], Permission.BOOKINGS)
        links = booking_links(branch)
        names, whole = {link.account.pk: link.account.provider for link in links}, read_whole(links, "products")
        kinds = [wanted["kind"]] if "kind" in wanted else KINDS
        found = [row for kind in kinds for row in products_of(branch, kind)]
        rows = [_product(row, names[row.account_id], branch, whole) for row in found]
        return as_json(json.dumps({"items": rows, "next_cursor": None}, ensure_ascii=False))


def _product(row: Product, provider: str, branch: Branch, whole: dt.datetime | None) -> dict[str, Any]:
    fresh = youngest(row.seen_at, whole)
    return {
        "id": row.pk,
        "external_id": row.external_id,
        "provider": provider,
        "as_of": fresh.isoformat() if fresh else None,
        "name": str(row),
        "kind": row.kind,
        "minutes": row.minutes,
        "prices": [_price(price, branch) for price in row.price_list],
        "practitioners": [{"id": one["id"], "name": one["name"]} for one in row.practitioners if one["id"]],
        "questions": [{name: one[name] for name in ("name", "label", "required")} for one in row.fields],
    }


def _price(price: Price, branch: Branch) -> dict[str, Any]:
    return {
        "id": price.stable_id or price.price_id,
        "name": price.name,
        "amount": f"{price.discounted:.2f}",
        "currency": branch.currency,
        "minutes": price.minutes,
    }


class Slots(Endpoint):
    tag = "reservations"
    scopes = {"GET": READ}
    told = {
        "GET": Told(
            "Free times of one price",
            "Asks the provider. A time is looked at once more before it is booked.",
            asks=SlotQuery,
            answers={200: SlotRow},
            is_list=True,
            problems=(404, 422, 503),
        )
    }

    def get(self, request: Request) -> HttpResponse:
        wanted, guest = query(SlotQuery, request), guest_of(request)
        branch = branch_for(request, wanted["branch"], Permission.BOOKINGS)
        product, days, now = product_priced(branch, wanted["price"]), _days(wanted), timezone.now()
        practitioners = tuple(filter(None, [wanted.get("practitioner")]))
        ask = ask_or_refuse(
            lambda: services.ask_slots(
                product,
                wanted["price"],
                wanted["from"],
                days,
                place_at(branch, guest),
                now=now,
                quantity=wanted["quantity"],
                practitioner_ids=practitioners,
            ),
            guest,
        )
        return as_json(json.dumps({"items": _slots(ask, now), "next_cursor": None}))


def product_priced(branch: Branch, name: str) -> Product:
    """What this branch offers at that price. Raises Refusal."""
    for kind in KINDS:
        for row in products_of(branch, kind):
            if any(name in (price.stable_id, price.price_id) for price in row.price_list):
                return row
    raise wrong_field("price", "not_offered", outcomes.refusal("not_offered").headline)


def _days(wanted: dict[str, Any]) -> int:
    until = wanted.get("to") or wanted["from"]
    days = (until - wanted["from"]).days + 1 if "to" in wanted else A_WEEK
    if not 1 <= days <= MOST_DAYS:
        raise wrong_field("to", "max_value" if days > MOST_DAYS else "min_value")
    return days


def _slots(ask: Ask, now: dt.datetime) -> list[dict[str, Any]]:
    """Each under its place in the answer, which never changes."""
    numbers = {(row["from"], row["to"]): n for n, row in enumerate(ask.result.get("slots", []))}
    return [
        {
            "id": f"{ask.pk.hex}-{numbers[slot.wire_from, slot.wire_to]}",
            "starts_at": slot.starts_at.isoformat(),
            "ends_at": slot.ends_at.isoformat(),
            "places_left": slot.places_left,
            "practitioners": list(slot.practitioner_ids),
            "total": None if slot.total is None else f"{slot.total:.2f}",
            "currency": ask.branch.currency,
        }
        for slot in slots_of(ask, now)
    ]
