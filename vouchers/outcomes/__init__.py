"""What people read when a voucher cannot be used, and at every state of a redemption: in each case what happened, what to do
now, and what to tell the customer. The supervisor's detail is added by the page. Sentences stay under fifteen words.

refusals  why a voucher cannot be used, by its code        states    whole sentences of each state
standing  which of them a redemption is told with          words     their one shape
"""

from vouchers.outcomes.refusals import (
    ADDS_UP,
    NOBODY_ON_IT,
    REFUSALS,
    SEEN_BEFORE_SENDING,
    SERVE_FULL,
    WORTH_MORE,
    refusal,
)
from vouchers.outcomes.standing import (
    GROUP_WORDS,
    GROUPS,
    SHORT,
    short_for,
    standing_of,
    tone_of,
    words_for,
)
from vouchers.outcomes.states import IN_PART, STATES
from vouchers.outcomes.words import Text, Words

__all__ = [
    "ADDS_UP",
    "GROUPS",
    "GROUP_WORDS",
    "IN_PART",
    "NOBODY_ON_IT",
    "REFUSALS",
    "SEEN_BEFORE_SENDING",
    "SERVE_FULL",
    "SHORT",
    "STATES",
    "WORTH_MORE",
    "Text",
    "Words",
    "refusal",
    "short_for",
    "standing_of",
    "tone_of",
    "words_for",
]
