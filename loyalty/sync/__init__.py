"""The one writer of the loyalty mirrors: after a look, after an operation, for a webhook, and in the nightly run.

store_seen      what was just read, each into its own mirror                                (mirrors)
store_holdings  whose cards these are                                                      (holdings)
ROUNDS          whose cards a night reads, one client after the other                        (rounds)
"""

from customers.sync import CLIENTS
from loyalty.sync.holdings import CardsSeen, cards_of, store_holdings
from loyalty.sync.mirrors import KIND, MIRRORS, VisitSeen
from loyalty.sync.storing import store_seen
from providers.contracts.loyalty_movements import DatedTransaction as Dated

__all__ = ["CLIENTS", "KIND", "MIRRORS", "CardsSeen", "Dated", "VisitSeen", "cards_of", "store_holdings", "store_seen"]
