"""The exact bytes of every write: documented names in documented order, the same for the same order at a re-send.

Everything is checked before it leaves. Raises ValueError for what they have no words for.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from providers.altegio.wire import CENT, digits, identifier
from providers.contracts import CardIssue, ManualTransaction
from providers.normalise import plain_amount

LONGEST_TITLE = 255
SEARCH_PAGE = 200  # the most they give
_MOST = Decimal(10**9)
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def login(credentials: Mapping[str, str]) -> bytes:
    return body({"login": credentials.get("login", ""), "password": credentials.get("password", "")})


def issued(order: CardIssue) -> bytes:
    """POST /loyalty/cards/{location} (fact sheet §2.3): the type as a text, the phone as a number."""
    fields: dict[str, Any] = {}
    if order.number:
        if not (order.number.isascii() and order.number.isalnum() and len(order.number) <= 32):
            raise ValueError("A card's number is letters and digits.")
        fields["loyalty_card_number"] = order.number
    return body({**fields, "loyalty_card_type_id": identifier(order.card_type_id), "phone": int(digits(order.phone))})


def transacted(order: ManualTransaction) -> bytes:
    """POST …/manual_transaction (§2.4)."""
    if not order.amount or not order.title.strip() or len(order.title) > LONGEST_TITLE:
        raise ValueError("A transaction by hand has an amount and a title.")
    return body({"amount": signed(order.amount), "title": order.title})


def withdrawn(record_id: str, visit_id: str, amount: Decimal) -> bytes:
    """POST …/apply_card_withdrawal (§4.1). With 0 they do nothing and say yes, so it is not sent."""
    if amount <= 0:
        raise ValueError("A withdrawal has an amount above zero.")
    return body({**_visit(record_id, visit_id), "amount": signed(amount)})


def in_visit(record_id: str, visit_id: str) -> bytes:
    return body(_visit(record_id, visit_id))


def referred(record_id: str, visit_id: str, phone: str) -> bytes:
    return body({**_visit(record_id, visit_id), "referrer_phone": digits(phone)})


def _visit(record_id: str, visit_id: str) -> dict[str, int]:
    return {"record_id": int(identifier(record_id)), "visit_id": int(identifier(visit_id))}


def search(text: str, page: int) -> bytes:
    """POST …/clients/search (§6): without `fields` they answer ids alone."""
    fields = ("id", "name", "phone", "email", "last_visit_date", "sold_amount", "visits_count")
    asked = [{"type": "quick_search", "state": {"value": text}}]
    return body({"page": page, "page_size": SEARCH_PAGE, "fields": fields, "order_by": "id", "filters": asked})


def signed(amount: Decimal) -> Decimal:
    if not amount.is_finite() or abs(amount) >= _MOST or amount != amount.quantize(CENT):
        raise ValueError("This is not an amount in cents.")
    return Decimal(plain_amount(amount))


def body(fields: Mapping[str, Any]) -> bytes:
    return _ENCODER.encode(fields)
