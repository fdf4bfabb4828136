"""Cards, points and what of them is used in a visit, for partners. Over the same services as the pages."""

from loyalty.api.cards import Cards, CardTypes, OneCard, Points, Transactions
from loyalty.api.rows import KIND
from loyalty.api.visits import OneProgram, OneWithdrawal, Programs, Withdrawals

__all__ = [
    "KIND",
    "CardTypes",
    "Cards",
    "OneCard",
    "OneProgram",
    "OneWithdrawal",
    "Points",
    "Programs",
    "Transactions",
    "Withdrawals",
]
