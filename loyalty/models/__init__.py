from loyalty.models.acts import Act, Reason
from loyalty.models.asks import Ask
from loyalty.models.exports import OwedExport
from loyalty.models.limits import Limit, Proposal
from loyalty.models.mirrors import Appointment, Card, CardType, Holding, LoyaltyTransaction, Program, Visit

__all__ = [
    "Act",
    "Appointment",
    "Ask",
    "Card",
    "CardType",
    "Holding",
    "Limit",
    "LoyaltyTransaction",
    "OwedExport",
    "Program",
    "Proposal",
    "Reason",
    "Visit",
]
