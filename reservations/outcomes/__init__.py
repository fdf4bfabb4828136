"""What people read at every state of a change to a booking, and when one cannot be made: what happened, what to do now, what
to tell the customer, and one line of detail. Sentences stay under fifteen words, and say whether it may be done again.

kinds  whole sentences of each kind of change        acts  which of them an operation is told with
refusals  why one cannot be made, by its code
"""

from reservations.outcomes.acts import STATES, kind_of, words_for
from reservations.outcomes.kinds import KINDS, ONLY_WHO, Kind, Text, Words
from reservations.outcomes.refusals import REFUSALS, refusal

__all__ = [
    "KINDS",
    "ONLY_WHO",
    "REFUSALS",
    "STATES",
    "Kind",
    "Text",
    "Words",
    "kind_of",
    "refusal",
    "words_for",
]
