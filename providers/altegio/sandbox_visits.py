"""Loyalty in a visit at our twin of Altegio: points that pay, discounts of a program, and who was brought along by whom."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

from providers.altegio import sandbox_salon as salon
from providers.altegio import sandbox_shapes as shapes
from providers.altegio.sandbox_cards import CENT, cents, happened, moved, noted, whole
from providers.altegio.sandbox_salon import Row
from providers.altegio.sandbox_say import invalid, not_there, yes
from providers.sandbox.shelf import Draft, Who
from providers.sandbox.twin import Answer, JsonObject, Request

PAYING = (1, 3)  # types of transactions that take something off a bill


def split(amount: Decimal, shares: Sequence[Decimal]) -> list[Decimal]:
    """In proportion, to the cent; what rounding leaves over goes to the last."""
    total = sum(shares, Decimal(0))
    if not total:
        return [Decimal(0) for _ in shares]
    parts = [(amount * share / total).quantize(CENT, ROUND_DOWN) for share in shares[:-1]]
    return [*parts, amount - sum(parts, Decimal(0))]


def items_of(visit: int, draft: Draft) -> list[Row]:
    """Goods before services, as their sample has them. In a service the master is the record: a quirk of theirs."""
    rows = [dict(row) for row in draft.of_kind("record") if row["visit_id"] == visit and not row["deleted"]]
    goods = [_item(row, key, *salon.GOODS[key], is_good=True) for row in rows for key in row["_goods"]]
    services = [_item(row, key, *salon.SERVICES[key], is_good=False) for row in rows for key in row["_services"]]
    return [*goods, *services]


def _item(row: Row, key: int, title: str, cost: Decimal, *, is_good: bool) -> Row:
    return {
        "id": 96_000_000 + row["id"] if is_good else 0,
        "item_id": key,
        "item_type_id": 7 if is_good else 1,
        "record_id": 0 if is_good else row["id"],
        "item_title": title,
        "amount": 1,
        "first_cost": cost,
        "manual_cost": cost,
        "discount": 0,
        "cost": cost,
        "master_id": 9 if is_good else row["id"],
        "good_id": key if is_good else 0,
        "service_id": 0 if is_good else key,
        "event_id": 0,
        "is_service": not is_good,
        "is_event": False,
        "is_good": is_good,
    }


def transactions_of(visit: int, draft: Draft) -> list[Row]:
    return [dict(row) for row in draft.of_kind("transaction") if row["visit_id"] == visit and not row["gone"]]


def bill(visit: int, draft: Draft) -> Row:
    return {
        "payment_transactions": [dict(row) for row in draft.of_kind("payment") if row["_visit"] == visit],
        "loyalty_transactions": [shapes.transaction(row) for row in transactions_of(visit, draft)],
        "kkm_transaction_details_container": {"last_operation_type": 1, "transactions": []},
        "items": items_of(visit, draft),
    }


def unpaid(visit: int, draft: Draft) -> Decimal:
    found = bill(visit, draft)
    paid = [one["amount"] for one in found["loyalty_transactions"] if one["type_id"] in PAYING]
    money = [Decimal(one["amount"]) for one in found["payment_transactions"]]
    return max(
        sum((item["cost"] for item in found["items"]), Decimal(0)) - sum([*paid, *money], Decimal(0)), Decimal(0)
    )


def details(place: int, record: int, visit: int, draft: Draft) -> Answer:
    if not _is_pair(place, record, visit, draft):
        return not_there(draft)
    return yes(bill(visit, draft), draft)


def shown_transactions(visit: int, draft: Draft) -> Answer:
    """A list without an envelope in their documentation."""
    rows = [{**shapes.transaction(row), "program": _program(row)} for row in transactions_of(visit, draft)]
    return yes(rows, draft, loyalty=True)


def _program(row: Row) -> Row | list[Row]:
    known = salon.PROGRAMS.get(row["program_id"])
    return shapes.of_card(row["program_id"], known) if known else []


def _is_pair(place: int, record: int, visit: int, draft: Draft) -> bool:
    row = draft.find("record", str(record))
    return row is not None and (row["_place"], row["visit_id"], row["deleted"]) == (place, visit, False)


def _visit_in(place: int, fields: JsonObject, draft: Draft) -> int:
    """0 unless record and visit belong together and to this place."""
    visit = whole(fields.get("visit_id"))
    return visit if _is_pair(place, whole(fields.get("record_id")), visit, draft) else 0


def withdraw(
    place: int, card_id: int, fields: JsonObject, request: Request, draft: Draft, actor: Who = "api"
) -> Answer:
    """Never more than there is on the card, nor than is left to pay; of nothing there is no transaction."""
    visit, card, amount = _visit_in(place, fields, draft), shapes.card_of(card_id, draft), cents(fields.get("amount"))
    if not visit or card is None:
        return not_there(draft)
    if amount is None or amount < 0:
        return invalid("amount", "The amount is required.", draft)
    taken = min(amount, Decimal(card["balance"]), unpaid(visit, draft))
    if taken:
        _spread(3, taken, visit, request, draft, card_id=card_id)
        happened(moved(card, -taken, draft) or card, -taken, draft, visit=visit, actor=actor)
    return yes(bill(visit, draft), draft, loyalty=True)


def cancel_withdrawal(
    place: int,
    card_id: int,
    fields: JsonObject,
    request: Request,
    draft: Draft,
    actor: Who = "api",
) -> Answer:
    visit, card = _visit_in(place, fields, draft), shapes.card_of(card_id, draft)
    if not visit or card is None:
        return not_there(draft)
    back = _undo(visit, draft, type_id=3, card_id=card_id)
    if back:
        happened(moved(card, back, draft) or card, back, draft, visit=visit, actor=actor)
    return yes(bill(visit, draft), draft, loyalty=True)


def apply_program(
    place: int, card_id: int, program_id: int, fields: JsonObject, request: Request, draft: Draft
) -> Answer:
    visit, card = _visit_in(place, fields, draft), shapes.card_of(card_id, draft)
    program = salon.PROGRAMS.get(program_id)
    if not visit or card is None or program is None:
        return not_there(draft)
    if program["card"] != card["type_id"] or not program["type"].startswith("discount"):
        return invalid("program_id", "The promotion does not apply to this card.", draft)
    applied = any(one["program_id"] == program_id for one in transactions_of(visit, draft))
    if applied and draft.rule("second_use", "refused") == "refused":
        return invalid("program_id", "The promotion is applied already.", draft)
    off = min((_total(visit, draft) * program["value"] / 100).quantize(CENT), unpaid(visit, draft))
    if off:
        _spread(1, off, visit, request, draft, card_id=card_id, program_id=program_id)
        happened(card, Decimal(0), draft, visit=visit, discount=str(off))
    return yes(bill(visit, draft), draft, loyalty=True)


def cancel_program(
    place: int, card_id: int, program_id: int, fields: JsonObject, request: Request, draft: Draft
) -> Answer:
    visit, card = _visit_in(place, fields, draft), shapes.card_of(card_id, draft)
    if not visit or card is None:
        return not_there(draft)
    back = _undo(visit, draft, type_id=1, card_id=card_id, program_id=program_id)
    if back:
        happened(card, Decimal(0), draft, visit=visit, discount=str(-back))
    return yes(bill(visit, draft), draft, loyalty=True)


def apply_referral(place: int, chain: int, fields: JsonObject, request: Request, draft: Draft) -> Answer:
    """A discount for whoever was brought along, on no card, and points for the card of whoever brought them."""
    visit, phone = _visit_in(place, fields, draft), str(fields.get("referrer_phone") or "").lstrip("+")
    owned = [row for row in shapes.cards_of(0, phone, draft) if row["type_id"] == salon.REFERRAL]
    if not visit or chain != salon.CHAIN:
        return not_there(draft)
    record = draft.find("record", str(whole(fields.get("record_id")))) or {}
    if not owned or owned[0]["client_id"] == record.get("_client"):
        return invalid("referrer_phone", "Nobody with this phone can bring clients.", draft)
    if any(one["program_id"] == salon.INVITED for one in transactions_of(visit, draft)):
        return invalid("referrer_phone", "The visit has a referral already.", draft)
    off = min(
        (_total(visit, draft) * salon.PROGRAMS[salon.INVITED]["value"] / 100).quantize(CENT), unpaid(visit, draft)
    )
    _spread(1, off, visit, request, draft, program_id=salon.INVITED)
    noted(4, salon.BRINGS, request, draft, card_id=owned[0]["id"], program_id=salon.INVITED)
    happened(moved(owned[0], salon.BRINGS, draft) or owned[0], salon.BRINGS, draft, visit=visit, discount=str(off))
    return yes(bill(visit, draft), draft, loyalty=True)


def _total(visit: int, draft: Draft) -> Decimal:
    return sum((item["cost"] for item in items_of(visit, draft)), Decimal(0))


def _spread(
    kind: int,
    amount: Decimal,
    visit: int,
    request: Request,
    draft: Draft,
    *,
    card_id: int = 0,
    program_id: int = 0,
) -> None:
    items = items_of(visit, draft)
    for item, part in zip(items, split(amount, [item["cost"] for item in items]), strict=True):
        if part:
            noted(
                kind,
                part,
                request,
                draft,
                card_id=card_id,
                program_id=program_id,
                visit_id=visit,
                item_id=item["item_id"],
                record_id=item["record_id"],
                goods_transaction_id=item["id"],
            )


def _undo(visit: int, draft: Draft, **match: int) -> Decimal:
    """All that fit are gone: they know no single one. Returns what they came to."""
    found = [row for row in transactions_of(visit, draft) if all(row[name] == value for name, value in match.items())]
    for row in found:
        draft.put("transaction", str(row["id"]), {**row, "gone": True})
    return sum((Decimal(row["amount"]) for row in found), Decimal(0))
