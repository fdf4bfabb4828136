"""Loyalty cards for partners: which there are, whose they are, what moved them; issuing, removing, and points by hand."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.pages import MOST_ROWS, as_json, page, read_cursor
from branches.api.reading import Nothing, body, branch_for, query
from branches.api.refusals import wrong_field
from branches.guests import Guest
from branches.models import Branch
from branches.roles import Permission
from customers.models import ProviderCustomer
from customers.selectors import phone_in
from loyalty import services
from loyalty.api.doing import READ, STILL, WRITE, answered, card_and_branch, card_at, do, place_at, refusal_of
from loyalty.api.forms import (
    CardActRow,
    CardQuery,
    CardTypeRow,
    IssueForm,
    LoyaltyCardRow,
    PointsForm,
    RemoveQuery,
    TransactionRow,
    TransactionsQuery,
    TypeQuery,
)
from loyalty.api.rows import TRANSACTIONS, card_rows, type_rows
from loyalty.models import Act, Card, CardType, Proposal
from loyalty.selectors import loyalty_accounts
from loyalty.services import CannotMove, Place

MOST_PEOPLE = 5  # with one phone: each is a call to the provider
MOST_TYPES = 200


class CardTypes(Endpoint):
    tag = "loyalty"
    scopes = {"GET": READ}
    told = {
        "GET": Told(
            "Types of cards that can be issued",
            "With a phone, the provider is asked what it offers to it now; without one, our copy answers.",
            asks=TypeQuery,
            answers={200: CardTypeRow},
            is_list=True,
            problems=(404, 422),
            example={"branch": "olaya"},
        )
    }

    def get(self, request: Request) -> HttpResponse:
        wanted, guest = query(TypeQuery, request), guest_of(request)
        branch = branch_for(request, wanted["branch"], Permission.CARDS)
        rows = CardType.objects.filter(account__in=loyalty_accounts(branch), gone_at__isnull=True)
        if "phone" in wanted:
            try:
                rows = rows.filter(pk__in=_offered(branch, guest, wanted["phone"]))
            except CannotMove as problem:
                raise refusal_of(problem, guest) from None
        found = rows.defer("payload").select_related("account").order_by("title", "pk")[:MOST_TYPES]
        return _whole(type_rows(found))


def _offered(branch: Branch, guest: Guest, phone: str) -> list[int]:
    """Raises CannotMove."""
    found: list[int] = []
    for customer in _people(branch, guest, phone):
        ask = answered(services.ask_card_types(customer, place_at(branch, guest), now=timezone.now()))
        types = CardType.objects.filter(account=ask.account, external_id__in=ask.result.get("types", []))
        found += types.values_list("pk", flat=True)
    return found


def _people(branch: Branch, guest: Guest, phone: str) -> list[ProviderCustomer]:
    """Whom our copy has with this phone, or else the provider. Raises CannotMove."""
    number = phone_in(phone, branch)
    if not number:
        raise CannotMove("phone_unreadable")
    known = _with_phone(branch, number)
    if known:
        return known
    for account in loyalty_accounts(branch):
        answered(services.ask_clients(account, number, place_at(branch, guest), now=timezone.now()))
    found = _with_phone(branch, number)
    if not found:
        raise CannotMove("nobody_there")
    return found


def _with_phone(branch: Branch, number: str) -> list[ProviderCustomer]:
    rows = ProviderCustomer.objects.filter(account__in=loyalty_accounts(branch), phone=number, gone_at__isnull=True)
    return list(rows.order_by("pk")[:MOST_PEOPLE])


def _whole(rows: list[dict[str, Any]]) -> HttpResponse:
    """A list that has no further page."""
    return as_json(json.dumps({"items": rows, "next_cursor": None}, ensure_ascii=False))


class Cards(Endpoint):
    tag = "loyalty"
    scopes = {"GET": READ, "POST": WRITE}
    told = {
        "GET": Told(
            "The cards of whoever has this phone",
            "The provider is asked. Where it does not answer in time, our copy does: `as_of` says how old that is.",
            asks=CardQuery,
            answers={200: LoyaltyCardRow},
            is_list=True,
            problems=(404, 422),
            example={"branch": "olaya", "phone": "+966500000401"},
        ),
        "POST": Told("A card for a customer", STILL, asks=IssueForm, answers={201: CardActRow}, is_effect=True),
    }

    def get(self, request: Request) -> HttpResponse:
        wanted, guest = query(CardQuery, request), guest_of(request)
        branch = branch_for(request, wanted["branch"], Permission.CARDS)
        try:
            people = _people(branch, guest, wanted["phone"])
            shown = _read_cards(people, branch, guest)
        except CannotMove as problem:
            if problem.code == "nobody_there":
                return _whole([])
            raise refusal_of(problem, guest) from None
        return _whole(shown)

    def post(self, request: Request) -> HttpResponse:
        wanted = body(IssueForm, request)
        branch = branch_for(request, wanted["branch"], Permission.CARD_USE)
        at = loyalty_accounts(branch)
        customer = ProviderCustomer.objects.filter(account__in=at, pk=wanted["customer"]).first()
        card_type = CardType.objects.filter(account__in=at, pk=wanted["type"], gone_at__isnull=True).first()
        for name, row in (("customer", customer), ("type", card_type)):
            if row is None:
                raise wrong_field(name, "not_found")
        assert customer and card_type
        number, beside = wanted["number"], wanted["beside"]

        def issue(place: Place) -> Act:
            return services.issue_card(customer, card_type, place, now=timezone.now(), number=number, beside=beside)

        return do(request, branch, wanted["external_ref"], issue)


def _read_cards(people: list[ProviderCustomer], branch: Branch, guest: Guest) -> list[dict[str, Any]]:
    """Raises CannotMove where neither they nor our copy can say."""
    try:
        for one in people:
            answered(services.refresh_client(one, place_at(branch, guest), now=timezone.now()))
    except CannotMove:
        if shown := card_rows(people):
            return shown
        raise
    return card_rows(people)


class OneCard(Endpoint):
    tag = "loyalty"
    scopes = {"DELETE": WRITE}
    told = {
        "DELETE": Told(
            "Remove a card, with all that is on it",
            f"The provider knows no way back. {STILL}",
            RemoveQuery,
            {201: CardActRow},
            is_effect=True,
            example={},
        )
    }

    def delete(self, request: Request, card_id: int) -> HttpResponse:
        wanted, _empty, guest = query(RemoveQuery, request), body(Nothing, request), guest_of(request)
        asked_at = wanted.get("branch", "")
        card, branch = card_and_branch(request, min(card_id, MOST_ROWS), Permission.CARD_SUPERVISE, asked_at)

        def remove(place: Place) -> Act:
            return services.remove_card(card, f"API · {guest.name}", place, now=timezone.now())

        return do(request, branch, wanted["external_ref"], remove)


class Transactions(Endpoint):
    tag = "loyalty"
    scopes = {"GET": READ}
    told = {
        "GET": Told(
            "What moved this card, the newest to us first",
            asks=TransactionsQuery,
            answers={200: TransactionRow},
            is_list=True,
            problems=(404,),
            example={"limit": 20},
        )
    }

    def get(self, request: Request, card_id: int) -> HttpResponse:
        wanted = query(TransactionsQuery, request)
        card, _branch = card_and_branch(request, min(card_id, MOST_ROWS), Permission.CARDS)
        select, given = TRANSACTIONS, {"account": card.account_id, "card": card.external_id}
        if after := read_cursor(wanted.get("cursor"), "transactions"):
            select += " AND r.id < %(after)s"
            given["after"] = after[1]
        return page(f"{select} ORDER BY r.id DESC", given, wanted["limit"], "transactions")


class Points(Endpoint):
    tag = "loyalty"
    scopes = {"POST": WRITE}
    told = {
        "POST": Told(
            "Give points, or take them",
            "Within what the clinic allows a partner at once and in a trading day: more is refused as `too_many_at_once` or "
            f"`daily_limit`. {STILL}",
            asks=PointsForm,
            answers={201: CardActRow},
            is_effect=True,
            example={"branch": "olaya", "scope": "location", "amount": "20", "reason": "campaign"},
        )
    }

    def post(self, request: Request, card_id: int) -> HttpResponse:
        wanted, guest = body(PointsForm, request), guest_of(request)
        branch = branch_for(request, wanted["branch"], Permission.CARD_USE)
        card = card_at(branch, min(card_id, MOST_ROWS))

        def move(place: Place) -> Act | Proposal:
            if wanted["amount"] < 0:  # what is on it may be more than our copy knows
                answered(services.refresh_card(card, place_at(branch, guest), now=timezone.now()))
            fresh = Card.objects.select_related("account").get(pk=card.pk)
            return services.move_points(
                fresh,
                wanted["amount"],
                wanted["reason"],
                place,
                now=timezone.now(),
                note=wanted["note"],
                scope=wanted["scope"],
            )

        return do(request, branch, wanted["external_ref"], move)
