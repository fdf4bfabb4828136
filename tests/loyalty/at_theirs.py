"""What becomes of an act in a visit, and what a colleague does meanwhile on their own screen."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from loyalty.models import Act
from loyalty.outcomes import figures_of
from providers.contracts.loyalty import LoyaltyProvider
from providers.contracts.loyalty_movements import VisitLoyaltyRecord
from providers.contracts.loyalty_orders import CardWithdrawal, WithdrawalCancellation
from providers.models import Operation
from tests.loyalty.salon import SARA, Salon
from tests.reservations.clinic import finish, pass_review, turn


def ended(act: Act) -> Act:
    finish(act)
    return Act.objects.select_related("operation__account").get(pk=act.pk)


def looked_at_for_long(act: Act) -> Operation:
    """A look, and then another when a machine should not go on alone."""
    operation = Operation.objects.get(pk=act.operation_id)
    turn(operation)
    pass_review(operation)
    turn(operation)
    return operation


def at_theirs(salon: Salon, amount: str, client_id: str = SARA) -> None:
    """A colleague does it on their own screen."""
    visit, card = salon.visit(client_id), salon.card(client_id)
    salon.client.withdraw(CardWithdrawal(card.external_id, visit.record_id, visit.external_id, Decimal(amount)))


def taken_back_at_theirs(salon: Salon, client_id: str = SARA) -> None:
    visit, card = salon.visit(client_id), salon.card(client_id)
    salon.client.cancel_withdrawal(WithdrawalCancellation(card.external_id, visit.record_id, visit.external_id))


def told(act: Act) -> str:
    return figures_of(act).translate({0x2068: None, 0x2069: None})


@dataclass
class Showing:
    """The clinic's client, with a bill that it shows in place of theirs."""

    real: LoyaltyProvider
    bill: VisitLoyaltyRecord

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def visit_loyalty(self, *_where: str) -> VisitLoyaltyRecord:
        return self.bill


def bill_there(salon: Salon) -> VisitLoyaltyRecord:
    visit = salon.visit()
    bill = salon.client.visit_loyalty(visit.external_id, visit.record_id, "")
    assert bill is not None
    return bill
