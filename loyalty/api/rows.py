"""Cards and acts as JSON. Numbers of cards leave it as their last four; phones and names not at all."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from branches.api.once import Shown
from branches.api.pages import one_row
from branches.api.refusals import NothingThere
from branches.guests import Guest
from branches.roles import Permission
from customers.models import ProviderCustomer
from loyalty.models import Card, CardType, Holding, Program
from providers.models import OPEN_STATES
from providers.standing import FIELDS, TABLES, VISIBLE

KIND = "loyalty"

ACT = f"""json_build_object('id', o.id, 'reference', o.reference, 'kind', o.kind, {FIELDS}, 'subject', t.subject,
    'card_external_id', nullif(coalesce(nullif(t.made_id, ''), t.card_id), ''), 'visit_id', nullif(t.visit_id, ''),
    'record_id', nullif(t.record_id, ''), 'requested', t.requested::text, 'applied', t.applied::text,
    'balance', t.balance_after::text, 'left_to_pay', t.left_to_pay::text)::text"""
ACTS = f"FROM {TABLES} JOIN loyalty_act t ON t.operation_id = o.id WHERE {VISIBLE}"
TRANSACTIONS = """SELECT json_build_object('id', r.id, 'external_id', r.external_id, 'provider', a.provider, 'as_of', r.seen_at,
    'movement', r.movement, 'amount', r.amount::text, 'day', r.day, 'visit_id', nullif(r.visit_id, ''),
    'program_external_id', nullif(r.program_id, ''))::text, r.seen_at, r.id
    FROM loyalty_loyaltytransaction r JOIN providers_account a ON a.id = r.account_id
    WHERE r.account_id = %(account)s AND r.card_id = %(card)s AND r.gone_at IS NULL"""


def shown_act(guest: Guest, operation_id: uuid.UUID) -> Shown:
    given = {"branches": sorted(guest.branches_where(Permission.CARDS)), "partner": guest.id, "id": operation_id}
    row = one_row(f"SELECT {ACT}, o.state {ACTS} AND o.id = %(id)s", given)
    if row is None:
        raise NothingThere
    return Shown(row[0], f"/api/v1/operations/{operation_id}", row[1] not in OPEN_STATES)


def type_rows(types: Iterable[CardType]) -> list[dict[str, Any]]:
    return [{**_mirrored(row), "title": row.title, "chain": row.chain_title or None} for row in types]


def card_rows(customers: Sequence[ProviderCustomer]) -> list[dict[str, Any]]:
    """Every card of each of them. Three queries."""
    people = {(one.account_id, one.external_id): one for one in customers}
    held = Holding.objects.filter(
        account__in={one.account_id for one in customers}, client_id__in={one.external_id for one in customers}
    )
    whose = {
        (one.account_id, one.card_id): people[one.account_id, one.client_id]
        for one in held.order_by("client_id")
        if (one.account_id, one.client_id) in people
    }
    rows = Card.objects.filter(account__in={key[0] for key in whose}, external_id__in={key[1] for key in whose})
    cards = rows.filter(gone_at__isnull=True).defer("payload").select_related("account").order_by("type_title", "pk")
    shown = [card for card in cards[:MOST_CARDS] if (card.account_id, card.external_id) in whose]
    ours = _programs(shown)
    return [_card(card, whose[card.account_id, card.external_id], ours) for card in shown]


MOST_CARDS = 200
Ours = dict[tuple[uuid.UUID, str], int]


def _programs(cards: Sequence[Card]) -> Ours:
    names = {one["id"] for card in cards for one in card.programs}
    rows = Program.objects.filter(account__in={card.account_id for card in cards}, external_id__in=names)
    return {(account, name): key for account, name, key in rows.values_list("account_id", "external_id", "pk")}


def _card(card: Card, customer: ProviderCustomer, ours: Ours) -> dict[str, Any]:
    return {
        **_mirrored(card),
        "last4": card.number[-4:],
        "type": card.type_title,
        "balance": f"{Decimal(card.balance):.2f}",
        "customer": customer.pk,
        "programs": [_program(one, ours.get((card.account_id, one["id"]))) for one in card.programs],
    }


def _program(one: dict[str, Any], key: int | None) -> dict[str, Any]:
    value = one.get("value")
    return {
        "id": key,
        "external_id": one["id"],
        "title": one.get("title") or "",
        "value": None if value in (None, "") else str(value),
        "unit": one.get("unit") or None,
        "is_discount": one.get("is_discount"),
    }


def _mirrored(row: Card | CardType) -> dict[str, Any]:
    return {
        "id": row.pk,
        "external_id": row.external_id,
        "provider": row.account.provider,
        "as_of": row.seen_at.isoformat(),
    }
