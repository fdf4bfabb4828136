"""Every write to a provider goes through here: claim, send, classify, settle, review (design: the effect protocol).

open_operation   the intent and its claims, committed before anything else
send_operation   one attempt: look first, commit the attempt, send, record
settle_operation one look at something that had no clear answer
decide           a person ends what a machine cannot
"""

from providers.operations.claim import Claimed, Intent, open_operation
from providers.operations.effects import SEVERAL, Effect, Look, Verdict, before_of, register
from providers.operations.life import listen
from providers.operations.queue import due_to_send, due_to_settle, ring
from providers.operations.review import ReviewRefused, decide, hand_over
from providers.operations.send import send_operation
from providers.operations.settle import settle_operation

__all__ = [
    "SEVERAL",
    "Claimed",
    "Effect",
    "Intent",
    "Look",
    "ReviewRefused",
    "Verdict",
    "before_of",
    "decide",
    "due_to_send",
    "due_to_settle",
    "hand_over",
    "listen",
    "open_operation",
    "register",
    "ring",
    "send_operation",
    "settle_operation",
]
