"""What stands at the provider that an act of ours may have made or changed: for a person who decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loyalty.models import Act, Card, LoyaltyTransaction

MAKES = ("loyalty.points", "loyalty.issue_card")  # of these a person names what they made
MOST = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """`fits`: the last look counted it as what we asked for. `may_be_ours`: a person may say that we made it. `amount` is None
    for a card, `balance` for a movement."""

    external_id: str
    name: str
    number: str = ""
    amount: Decimal | None = None
    balance: Decimal | None = None
    day: dt.date | None = None
    seen_at: dt.datetime | None = None
    fits: bool = False
    may_be_ours: bool = False


def candidates_of(act: Act) -> list[Candidate]:
    """Two queries. Everything new that a look has named, as the mirror has it; what it lost meanwhile stays by its id."""
    shown, last = _named_by_looks(act)
    rows = _rows(act, shown)
    makes = act.operation.kind in MAKES
    found = [_told(key, rows.get(key), fits=key in last, may_be_ours=makes) for key in shown]
    if found or act.operation.kind == "loyalty.issue_card":
        return found
    return [_told(act.card_id, row) for row in _rows(act, [act.card_id], model=Card).values()]


def named_there(act: Act, ids: Collection[str]) -> dict[str, str]:
    """What people call them."""
    rows = _rows(act, ids) if ids else {}
    told = [_told(key, rows.get(key)) for key in ids]
    return {one.external_id: f"{one.name} {one.number}".strip() or one.external_id for one in told}


def most_named(act: Act) -> int:
    """Each of our acts makes one movement, or one card."""
    return 1


def _named_by_looks(act: Act) -> tuple[list[str], set[str]]:
    """In the order in which they were first seen, and those of the last look."""
    found = [one.get("new", []) for one in act.operation.evidence.order_by("at", "pk").values_list("facts", flat=True)]
    ids = [str(key) for new in found for key in new]
    last: Iterable[str] = next((new for new in reversed(found) if new), [])
    return list(dict.fromkeys(ids))[:MOST], set(last)


def _rows(act: Act, ids: Collection[str], model: Any = None) -> dict[str, Any]:
    kind = model or (Card if act.operation.kind == "loyalty.issue_card" else LoyaltyTransaction)
    rows = kind.objects.filter(account=act.operation.account_id, external_id__in=ids).defer("payload")
    return {row.external_id: row for row in rows[:MOST]}


def _told(key: str, row: Card | LoyaltyTransaction | None, **more: Any) -> Candidate:
    if isinstance(row, Card):
        number = f"••••{row.number[-4:]}" if row.number else ""
        return Candidate(key, row.type_title, number, balance=row.balance, seen_at=row.seen_at, **more)
    if isinstance(row, LoyaltyTransaction):
        name, seen = str(row.get_movement_display()), row.seen_at
        return Candidate(key, name, key, amount=row.amount, day=row.day, seen_at=seen, **more)
    return Candidate(key, "", key, **more)
