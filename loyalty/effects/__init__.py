"""What each write to a loyalty provider means to the operations engine (reliability notes §3.3, §3.4). Knows no provider.

points   by hand, at the place or in the chain: shows only beside what was there before, never sent twice
visits   points, programs and referrals in a visit, and the cancelling of the first two
cards    a card is issued, a card is removed
"""

from loyalty.effects.cards import IssueCard, RemoveCard
from loyalty.effects.points import MovePoints
from loyalty.effects.visits import ApplyProgram, CancelProgram, CancelWithdrawal, Refer, Withdraw
from providers.operations import Effect

EFFECTS: tuple[Effect, ...] = (
    MovePoints(),
    Withdraw(),
    CancelWithdrawal(),
    ApplyProgram(),
    CancelProgram(),
    Refer(),
    IssueCard(),
    RemoveCard(),
)

__all__ = ["EFFECTS"]
