"""The panel of one visit: its bill, what points, programs and money have paid of it, and what can be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from customers.models import ProviderCustomer
from loyalty.cards.acts import NOT_YET_READ, told
from loyalty.cards.people import Discount, held, open_in, programs_of, tail
from loyalty.models import Act, Appointment, Card, LoyaltyTransaction, Visit
from loyalty.outcomes import DONE
from loyalty.selectors import Held
from providers.contracts.loyalty_movements import PAYING
from providers.contracts.loyalty_orders import Movement
from providers.models import State

ZERO = Decimal(0)
NAMES = dict(LoyaltyTransaction.MOVEMENTS)


@dataclass(frozen=True, slots=True)
class Applied:
    """What stands on the bill of one kind on one card: they split it over the items, people see it as one."""

    movement: str
    name: str
    amount: Decimal
    card: Card | None
    card_id: str
    program: str
    program_id: str

    @property
    def may_be_cancelled(self) -> bool:
        """A referral stands on no card, and they have no call to cancel it."""
        return self.card is not None and self.movement in (Movement.WITHDRAWAL.value, Movement.DISCOUNT.value)

    @property
    def is_points(self) -> bool:
        return self.movement == Movement.WITHDRAWAL.value


@dataclass(frozen=True, slots=True)
class Usable:
    """A card of the customer at this bill: how many points it can pay, and which of its discounts are not applied."""

    card: Card
    tail: str
    as_of: dt.datetime
    most: Decimal
    points_stand: bool
    discounts: list[Discount] = field(default_factory=list)

    @property
    def may_pay(self) -> bool:
        return self.most > 0 and not self.points_stand


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that the page of one visit was asked from."""

    row: Appointment
    together: Sequence[Appointment]
    bill: Visit | None
    cards: Sequence[Held]
    acts: Sequence[Act]
    customer: ProviderCustomer | None


def visit_page(panel: Panel, now: dt.datetime) -> dict[str, Any]:
    row, bill = panel.row, panel.bill
    stands = list(applied_to(bill, [one.card for one in panel.cards])) if bill else []
    return {
        "title": _("Visit"),
        "row": row,
        "together": panel.together,
        "customer": panel.customer,
        "who": row.client_name,
        "bill": bill,
        "lines": [each | {"cost": Decimal(each["cost"])} for each in bill.items] if bill else [],
        "stands": stands,
        "by_points": sum((one.amount for one in stands if one.is_points), ZERO),
        "by_programs": sum((one.amount for one in stands if _pays(one) and not one.is_points), ZERO),
        "by_money": sum((Decimal(one["amount"]) for one in bill.payments), ZERO) if bill else ZERO,
        "cards": [usable(one, bill, stands) for one in panel.cards] if bill else [],
        "held": [held(one) for one in panel.cards],
        "may_refer": bool(bill and bill.left_to_pay > 0 and not _is_referred(stands)),
        "acts": [told(act, now) for act in panel.acts],
        "open_act": open_in(panel.acts),
        "as_of": bill.seen_at if bill else None,
        "address": address_of(row),
        "page": "visits",
        **_waiting(panel, now),
    }


def address_of(row: Appointment) -> str:
    return resolve_url("loyalty:visit", row.pk)


def applied_to(bill: Visit, cards: Sequence[Card]) -> Iterator[Applied]:
    """In the order of the bill."""
    by_id = {card.external_id: card for card in cards}
    sums: dict[tuple[str, str, str], Decimal] = {}
    for one in bill.loyalty:
        key = (one["movement"], one["card"], one["program"])
        sums[key] = sums.get(key, ZERO) + abs(Decimal(one["amount"]))
    for (movement, card_id, program_id), amount in sums.items():
        card = by_id.get(card_id)
        program = _title(card, program_id) if card else ""
        yield Applied(movement, _name(movement, card_id), amount, card, card_id, program, program_id)


def _name(movement: str, card_id: str) -> str:
    if movement == Movement.DISCOUNT.value and not card_id:
        return _("Referral")
    return str(NAMES.get(movement, movement))


def _title(card: Card, program_id: str) -> str:
    return next((one["title"] for one in card.programs if one["id"] == program_id), "")


def _pays(one: Applied) -> bool:
    return one.movement in {movement.value for movement in PAYING}


def _is_referred(stands: Sequence[Applied]) -> bool:
    return any(one.movement == Movement.DISCOUNT.value and not one.card_id for one in stands)


def usable(one: Held, bill: Visit, stands: Sequence[Applied]) -> Usable:
    mine = [each for each in stands if each.card_id == one.card.external_id]
    applied = {each.program_id for each in mine if each.movement == Movement.DISCOUNT.value}
    discounts = [each for each in programs_of(one.card) if each.is_discount is not False and each.id not in applied]
    return Usable(
        one.card,
        tail(one.card.number),
        one.as_of,
        most_of(one.card, bill),
        any(each.is_points for each in mine),
        discounts if bill.left_to_pay > 0 else [],
    )


def most_of(card: Card, bill: Visit) -> Decimal:
    """They take no more than there is, nor than is left to pay."""
    most: Decimal = min(card.balance, bill.left_to_pay)
    return max(most, ZERO)


def _waiting(panel: Panel, now: dt.datetime) -> dict[str, Any]:
    """The page goes on by itself while a change is on its way, and until the bill was read after the last one."""
    act = open_in(panel.acts)
    if act:
        polls = act.operation.state != State.NEEDS_REVIEW
        return {"polls": polls, "standing": f"open-{act.operation.state}", "poll": f"{address_of(panel.row)}?on=1"}
    ends = (one.operation.finished_at for one in panel.acts if one.operation.state in DONE)
    last = max((at for at in ends if at), default=None)
    behind = last is not None and now - last < NOT_YET_READ and (panel.bill is None or panel.bill.seen_at < last)
    return {"polls": behind, "behind": behind, "standing": "behind", "poll": f"{address_of(panel.row)}?on=1"}
