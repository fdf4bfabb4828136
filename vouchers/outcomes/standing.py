"""What a redemption is told with: its state, and what else a person sees of it. And what lists say of each state."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from providers.badges import TONES
from providers.models import Operation, State
from vouchers.outcomes.refusals import SEEN_BEFORE_SENDING, refusal
from vouchers.outcomes.states import IN_PART, STATES
from vouchers.outcomes.words import Text, Words

SHORT: dict[str, Text] = {
    "done": _("Used"),
    "refused": _("Not used"),
    "checking": _("Being checked"),
    "person": _("Needs a person"),
    "plain": _("Used in part"),
    "now": _("Sending"),
}

GROUPS: dict[str, tuple[str, ...]] = {
    "done": (State.SUCCEEDED, State.RESOLVED_APPLIED),
    "checking": (State.CREATED, State.PREPARING, State.SENDING, State.UNKNOWN),
    "person": (State.NEEDS_REVIEW,),
    "part": (State.PARTIAL,),
    "not_done": (State.REFUSED, State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED),
}
GROUP_WORDS: dict[str, Text] = {
    "done": SHORT["done"],
    "checking": SHORT["checking"],
    "person": SHORT["person"],
    "part": SHORT["plain"],
    "not_done": SHORT["refused"],
}


def words_for(operation: Operation, *, slow: bool) -> Words:
    """Texts for an operation's state. `slow`: it has been on its way longer than a person likes to wait."""
    if operation.state == State.REFUSED and operation.refusal_code in SEEN_BEFORE_SENDING:
        return refusal(operation.refusal_code)
    return STATES[standing_of(operation, slow=slow)]


def short_for(operation: Operation, words: Words) -> Text:
    """What its badge says. While it is on its way the words know more than the state does; afterwards their tone says how bad
    it is, and not what became of the voucher."""
    return SHORT[words.tone if operation.is_open else tone_of(operation)]


def tone_of(operation: Operation) -> str:
    return "plain" if operation.in_part else TONES[operation.state]


def standing_of(operation: Operation, *, slow: bool) -> str:
    """The key of STATES: the state, and what else a person sees of it."""
    if operation.state == State.SUCCEEDED and operation.evidence_level == "inferred":
        return "inferred"
    if operation.state == State.UNKNOWN and operation.escalated_at:
        return "overdue"
    if operation.state == State.RESOLVED_APPLIED and operation.in_part:
        return IN_PART
    again = operation.state == State.CREATED and operation.sends
    return State.UNKNOWN if again or (operation.state == State.SENDING and slow) else str(operation.state)
