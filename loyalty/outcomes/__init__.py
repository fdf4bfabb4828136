"""What people read at every state of a change to a card or in a visit, and when one cannot be made: what happened, what to do
now, what to tell the customer, and one line of detail. Sentences stay under fifteen words, and say what is to be paid.

kinds     whole sentences of each kind of change          figures   what was moved and what is left, in sentences
refusals  why something cannot be done, by its code       acts      which of them an act is told with
"""

from loyalty.outcomes.acts import kind_of, words_for
from loyalty.outcomes.figures import DONE, clamped, figures_of
from loyalty.outcomes.kinds import KINDS, Kind, Text, Words
from loyalty.outcomes.refusals import REFUSALS, refusal, refused_with

__all__ = [
    "DONE",
    "KINDS",
    "REFUSALS",
    "Kind",
    "Text",
    "Words",
    "clamped",
    "figures_of",
    "kind_of",
    "refusal",
    "refused_with",
    "words_for",
]
