"""Making something new: a customer, a booking, a subscription. Class N: it accumulates, so a machine never sends it twice.

The look before sending keeps the ids that were there. Afterwards only what is new can be ours, less what other operations of
ours have made; and of that only what was asked for, in each of its parts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from providers.contracts import Receipt
from providers.contracts.booking_orders import (
    BookingItem,
    BookingOrder,
    Discount,
    NewCustomer,
    SubscriptionItem,
    SubscriptionOrder,
)
from providers.contracts.bookings import (
    BookingProvider,
    CustomerRecord,
    ReservationRecord,
    ReservationStatus,
    SubscriptionRecord,
)
from providers.models import Operation
from providers.normalise import fold_name
from providers.operations import SEVERAL, Look, Verdict, before_of
from reservations.effects.candidates import naming_problem, taken_by_others
from reservations.effects.shared import BookingEffect, Request, applied, slot_problem
from reservations.effects.times import Agreement, Moment, agree, moment_from, worst

NEAR = dt.timedelta(days=2)  # of a customer's reservations the mirror is told of those around the booking


@dataclass(frozen=True, slots=True)
class Match:
    """What of the new fits what was asked for. `made`: item number and their id. `also`: more of it than we asked for, so
    somebody else asked, too. `otherwise`: what fits if their clock is read in the other way."""

    made: dict[int, str]
    also: tuple[str, ...] = ()
    otherwise: tuple[str, ...] = ()


def ids_of(rows: Sequence[Any]) -> list[str]:
    return sorted(row.external_id for row in rows)


def new_since(rows: Sequence[Any], operation: Operation) -> list[Any]:
    """Without what was there before, and what other operations of ours are known to have made."""
    before = set(before_of(operation).get("ids", ()))
    fresh = [row for row in rows if row.external_id not in before]
    taken = taken_by_others(operation, ids_of(fresh))
    return [row for row in fresh if row.external_id not in taken]


def look_from(request: Request, match: Match, of: int, records: Sequence[Any]) -> Look:
    facts: dict[str, Any] = {"made": [match.made[n] for n in sorted(match.made)], "of": of}
    some = frozenset(f"item:{n}" for n in match.made)
    if match.also:
        more = {"more": len(match.also), "also": list(match.also)}
        return Look(Verdict.UNCLEAR, SEVERAL, facts | more, some, tuple(records))
    if len(match.made) == of:
        return applied(request, facts, records, "found")
    if match.otherwise:
        facts["otherwise"] = list(match.otherwise)
        return Look(Verdict.UNCLEAR, "time_read_otherwise", facts, some, tuple(records))
    if match.made:
        return Look(Verdict.PARTIAL, "made_in_part", facts, some, tuple(records))
    return Look(Verdict.CLEAR, "", facts, records=tuple(records))


class Making(BookingEffect):
    """Who says that it happened says which of what stands there it made."""

    def named_problem(self, operation: Operation, named: Collection[str] | None) -> str:
        return naming_problem(operation, named)


# A customer -----------------------------------------------------------------------------------------------------------


class CreateCustomer(Making):
    kind = "booking.create_customer"

    def look(self, client: BookingProvider, request: Request) -> Look:
        found = tuple(client.customers_with(request["phone"]))
        if found:
            return Look(Verdict.BLOCKED, "customer_exists", {"ids": ids_of(found)}, records=found)
        return Look(Verdict.CLEAR, facts={"ids": []})

    def look_since(self, client: BookingProvider, request: Request, operation: Operation) -> Look:
        found: list[CustomerRecord] = new_since(client.customers_with(request["phone"]), operation)
        ids = [row.external_id for row in found]
        match = Match({0: ids[0]}, tuple(ids[1:])) if ids else Match({})
        return look_from(request, match, 1, found)

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        names = ("name", "phone", "email", "address", "company", "is_company", "place_id")
        return client.create_customer(NewCustomer(**{name: request[name] for name in names}))


# A booking ------------------------------------------------------------------------------------------------------------


class Book(Making):
    kind = "booking.book"

    def look(self, client: BookingProvider, request: Request) -> Look:
        problem = slot_problem(client, [item["slot"] for item in request["items"]])
        if problem:
            return Look(Verdict.BLOCKED, problem)
        rows = client.reservations_of(request["phone"], request["customer_id"])
        facts, near = {"ids": ids_of(rows)}, _near(request, rows)
        if not request.get("again") and any(_stands_already(request, row) for row in near):
            return Look(Verdict.BLOCKED, "booked_already", facts, records=near)
        return Look(Verdict.CLEAR, facts=facts, records=near)

    def look_since(self, client: BookingProvider, request: Request, operation: Operation) -> Look:
        rows = client.reservations_of(request["phone"], request["customer_id"])
        match = _booked(request, new_since(rows, operation))
        return look_from(request, match, len(request["items"]), _near(request, rows))

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        items = tuple(_item(request, item) for item in request["items"])
        return client.book(BookingOrder(request["customer_id"], request["place_id"], items))


def _item(request: Request, item: dict[str, Any]) -> BookingItem:
    fields = dict(item["fields"])
    if request["marker"]:
        fields[request["marker"]] = request["order_ref"]
    return BookingItem(
        price_id=item["price_id"],
        quantity=item["quantity"],
        wire_from=item["from"]["wire"],
        wire_to=item["to"]["wire"],
        practitioner_ids=tuple(item["practitioner_ids"]),
        fields=fields,
        discount=_discount(item["discount"]),
    )


def _discount(row: dict[str, Any] | None) -> Discount | None:
    return Discount(row["kind"], Decimal(row["value"])) if row else None


def _near(request: Request, rows: Sequence[ReservationRecord]) -> tuple[ReservationRecord, ...]:
    starts = [moment_from(item["from"]).at for item in request["items"]]
    return tuple(row for row in rows if any(at and abs(row.starts_at - at) < NEAR for at in starts))


def _booked(request: Request, new: list[ReservationRecord]) -> Match:
    """Each item with the first that fits it. Where the clinic keeps our reference, what bears another is not ours."""
    ours = [row for row in new if _bears(row, request["order_ref"])]
    pool = ours or [row for row in new if not (request["marker"] and row.fields)]
    made: dict[int, str] = {}
    left = sorted(pool, key=lambda row: row.external_id)
    for n, item in enumerate(request["items"]):
        fitting = next((row for row in left if _fit(request, item, row) == "same"), None)
        if fitting:
            made[n] = fitting.external_id
            left.remove(fitting)
    fits = {row.external_id: {_fit(request, item, row) for item in request["items"]} for row in left}
    also = () if ours else tuple(key for key, how in fits.items() if "same" in how)
    otherwise = tuple(key for key, how in fits.items() if "doubtful" in how and "same" not in how)
    return Match(made, also, otherwise if len(made) < len(request["items"]) else ())


def _stands_already(request: Request, row: ReservationRecord) -> bool:
    """Booked by somebody else a moment ago, before our mirror knew of it."""
    alive = row.status in (ReservationStatus.PENDING, ReservationStatus.CONFIRMED)
    return alive and any(_fit(request, item, row) == "same" for item in request["items"])


def _bears(row: ReservationRecord, reference: str) -> bool:
    return any(field.value.strip() == reference for field in row.fields)


def _fit(request: Request, item: dict[str, Any], row: ReservationRecord) -> Agreement:
    """(start, end, price or product, branch, quantity): all of them, or it is another's."""
    names = {fold_name(name) for name in item["names"] if name}
    theirs = {fold_name(name) for name in (row.product_name, row.price_name) if name}
    named = not names or not theirs or bool(names & theirs)
    there = not request["place_id"] or row.place_id in ("", request["place_id"])
    whose = row.customer_id in ("", request["customer_id"])
    if not (named and there and whose and row.quantity == item["quantity"]):
        return "other"
    starts = agree(moment_from(item["from"]), Moment(row.wire_starts, row.starts_at), request["zone"])
    return worst(starts, agree(moment_from(item["to"]), Moment(row.wire_ends, row.ends_at), request["zone"]))


# A subscription -------------------------------------------------------------------------------------------------------


class Subscribe(Making):
    kind = "booking.subscribe"

    def look(self, client: BookingProvider, request: Request) -> Look:
        rows = tuple(client.subscriptions_of(request["customer_id"]))
        return Look(Verdict.CLEAR, facts={"ids": ids_of(rows)}, records=rows)

    def look_since(self, client: BookingProvider, request: Request, operation: Operation) -> Look:
        rows = tuple(client.subscriptions_of(request["customer_id"]))
        new: list[SubscriptionRecord] = new_since(rows, operation)
        fits = [(_subscribed(request, row), row.external_id) for row in new]
        same = [key for how, key in fits if how == "same"]
        otherwise = tuple(key for how, key in fits if how == "doubtful")
        match = Match({0: same[0]}, tuple(same[1:])) if same else Match({}, (), otherwise)
        return look_from(request, match, 1, rows)

    def send(self, client: BookingProvider, request: Request) -> Receipt:
        order = SubscriptionOrder(
            customer_id=request["customer_id"],
            place_id=request["place_id"],
            wire_starts=request["starts"]["wire"],
            items=tuple(SubscriptionItem(item["price_id"], item["quantity"]) for item in request["items"]),
            occurrence_days=tuple(request["occurrence_days"]),
            discount=_discount(request["discount"]),
        )
        return client.subscribe(order)


def _subscribed(request: Request, row: SubscriptionRecord) -> Agreement:
    """A day is what is asked for; at which hour it begins they may decide themselves."""
    ids = sorted((item["price_id"], item["quantity"]) for item in request["items"])
    names = sorted((fold_name(name), item["quantity"]) for item in request["items"] for name in item["names"][:1])
    by_id = [(item.price_id, item.quantity) for item in row.items]
    by_name = [(fold_name(item.name), item.quantity) for item in row.items]
    by_product = [(fold_name(item.product_name), item.quantity) for item in row.items]
    contents = sorted(by_id) == ids or names in (sorted(by_name), sorted(by_product))
    there = not request["place_id"] or row.place_id in ("", request["place_id"])
    if not (contents and there):
        return "other"
    wanted, found = moment_from(request["starts"]), Moment(row.wire_starts, row.starts_at)
    same_day = wanted.wire[:10] == found.wire[:10] != ""
    return "same" if same_day else agree(wanted, found, request["zone"])
