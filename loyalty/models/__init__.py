from loyalty.models.acts import Act, Reason
from loyalty.models.asks import Ask
from loyalty.models.exports import OwedExport
from loyalty.models.limits import Limit, Proposal
from loyalty.models.mirrors import Appointment, Card, CardType, Holding, LoyaltyTransaction, Program, Visit
from loyalty.models.rounds import CardsRead, Reckoning

__all__ = [
    "Act",
    "Appointment",
    "Ask",
    "Card",
    "CardType",
    "CardsRead",
    "Holding",
    "Limit",
    "LoyaltyTransaction",
    "OwedExport",
    "Program",
    "Proposal",
    "Reason",
    "Reckoning",
    "Visit",
]
