"""Points, programs and referrals in a visit, and taking back what was applied (S9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from branches.roles import Permission
from loyalty.effects.shared import claim_of
from loyalty.models import Act, Card, Visit
from loyalty.selectors.holders import client_of
from loyalty.services.opening import Wish, open_act
from loyalty.services.place import CannotMove, allowed, link_to
from providers.acting import Place
from providers.contracts.loyalty_orders import Movement
from providers.normalise import to_e164

CENT = Decimal("0.01")


def withdraw_points(visit: Visit, card: Card, amount: Decimal, place: Place, *, now: dt.datetime) -> Act:
    """Pay with points. They take no more than there is, nor than is left to pay: the act says what was asked for and what was
    taken. Raises CannotMove: not_allowed, not_here, other_account, amount_wrong, nothing_to_pay, card_empty, applied_already,
    holder_unknown, in_use_here, provider_down, busy."""
    client_id = _ready(visit, card, place)
    if amount <= 0 or amount != amount.quantize(CENT, ROUND_DOWN):
        raise CannotMove("amount_wrong")
    if card.balance <= 0:
        raise CannotMove("card_empty")
    if standing(visit, Movement.WITHDRAWAL, card.external_id):
        raise CannotMove("applied_already")
    more = {"requested": amount}
    return _open("loyalty.withdraw", visit, card, client_id, {"amount": str(amount)}, more, place, now, amount=amount)


def cancel_withdrawal(visit: Visit, card: Card, place: Place, *, now: dt.datetime) -> Act:
    """Take back the withdrawals of this card that the bill shows: these, and no others. Raises CannotMove: nothing_to_cancel
    beside what `withdraw_points` does."""
    return _cancel(
        "loyalty.cancel_withdrawal", visit, card, "", standing(visit, Movement.WITHDRAWAL, card.external_id), place, now
    )


def apply_program(visit: Visit, card: Card, program_id: str, place: Place, *, now: dt.datetime) -> Act:
    """A discount of one of the card's programs. Raises CannotMove: not_on_card beside the others."""
    client_id = _ready(visit, card, place)
    program = next((one for one in card.programs if one["id"] == program_id), None)
    if program is None or program["is_discount"] is False:
        raise CannotMove("not_on_card")
    if standing(visit, Movement.DISCOUNT, card.external_id, program_id):
        raise CannotMove("applied_already")
    more = {"program_id": program_id}
    asked = {"program": program["title"]}
    return _open("loyalty.apply_program", visit, card, client_id, {"program_id": program_id}, more, place, now, asked)


def cancel_program(visit: Visit, card: Card, program_id: str, place: Place, *, now: dt.datetime) -> Act:
    rows = standing(visit, Movement.DISCOUNT, card.external_id, program_id)
    return _cancel("loyalty.cancel_program", visit, card, program_id, rows, place, now)


def apply_referral(visit: Visit, client_id: str, phone: str, place: Place, *, now: dt.datetime) -> Act:
    """Whoever came is brought by the client with this phone. It cannot be taken back. Raises CannotMove: phone_unreadable
    beside the others."""
    allowed(place, Permission.CARD_USE)
    link = link_to(place, visit.account_id)
    number = to_e164(phone, country=place.branch.country)
    if not number:
        raise CannotMove("phone_unreadable")
    if visit.left_to_pay <= 0:
        raise CannotMove("nothing_to_pay")
    if standing(visit, Movement.DISCOUNT, ""):
        raise CannotMove("applied_already")
    request = {"visit_id": visit.external_id, "record_id": visit.record_id, "client_id": client_id, "phone": number}
    wish = Wish(
        "loyalty.referral",
        Act.Subject.VISIT,
        request,
        [claim_of("visit", visit.external_id)],
        {"client_id": client_id, "visit_id": visit.external_id, "record_id": visit.record_id},
        {"total": str(visit.total), "left": str(visit.left_to_pay)},
    )
    return open_act(wish, place, link, now=now)


def standing(visit: Visit, movement: Movement, card_id: str, program_id: str | None = None) -> list[dict[str, Any]]:
    """What the bill shows of this kind on this card ('' for none)."""
    return [
        one
        for one in visit.loyalty
        if one["movement"] == movement.value and one["card"] == card_id and program_id in (None, one["program"])
    ]


def _ready(visit: Visit, card: Card, place: Place) -> str:
    client_id = _same(visit, card, place)
    if visit.left_to_pay <= 0:
        raise CannotMove("nothing_to_pay")
    return client_id


def _same(visit: Visit, card: Card, place: Place) -> str:
    """Whose card it is, once all of them belong together."""
    allowed(place, Permission.CARD_USE)
    link_to(place, visit.account_id)
    if card.account_id != visit.account_id:
        raise CannotMove("other_account")
    if card.gone_at is not None:
        raise CannotMove("card_gone")
    client_id = client_of(card)
    if not client_id:
        raise CannotMove("holder_unknown")
    return client_id


def _cancel(
    kind: str,
    visit: Visit,
    card: Card,
    program_id: str,
    rows: Sequence[dict[str, Any]],
    place: Place,
    now: dt.datetime,
) -> Act:
    client_id = _same(visit, card, place)
    if not rows:
        raise CannotMove("nothing_to_cancel")
    ids = sorted(one["id"] for one in rows)
    amount = sum((abs(Decimal(one["amount"])) for one in rows), Decimal(0))
    request = {"ids": ids, "amount": str(amount), "program_id": program_id}
    more = {"requested": amount, "program_id": program_id}
    before = Act.objects.filter(operation__account=visit.account_id, transaction_ids__overlap=ids)
    follows = before.exclude(operation__kind=kind).order_by("-operation__created_at").first()
    asked = {"cancels": ids}
    return _open(kind, visit, card, client_id, request, more, place, now, asked, amount=amount, follows=follows)


def _open(
    kind: str,
    visit: Visit,
    card: Card,
    client_id: str,
    request: dict[str, Any],
    act: dict[str, Any],
    place: Place,
    now: dt.datetime,
    asked: dict[str, Any] | None = None,
    *,
    amount: Decimal = Decimal(0),
    follows: Act | None = None,
) -> Act:
    ids = {
        "client_id": client_id,
        "card_id": card.external_id,
        "visit_id": visit.external_id,
        "record_id": visit.record_id,
    }
    shown = {"card_tail": card.number[-4:], "card_type": card.type_title, "total": str(visit.total)}
    shown["left"] = str(visit.left_to_pay)
    wish = Wish(
        kind,
        Act.Subject.VISIT,
        {**ids, **request},
        [claim_of("card", card.external_id), claim_of("visit", visit.external_id)],
        {**ids, **act},
        {**shown, **(asked or {})},
        amount,
        follows,
    )
    return open_act(wish, place, link_to(place, visit.account_id), now=now)
