"""How the standing of whatever was asked of a provider looks, the same in every domain: which tone, which icon, in a word."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from providers.models import OPEN_STATES, Operation, State

SLOW = dt.timedelta(seconds=6)  # after this a person is told that she may serve the next customer
ICONS = {
    "done": "done",
    "refused": "refused",
    "checking": "checking",
    "person": "person",
    "plain": "partial",
    "now": "clock",
}
# Of what is done once. Vouchers are used, in words of their own.
SHORT: dict[str, str | Promise] = {
    "done": pgettext_lazy("of an act", "Done"),
    "refused": gettext_lazy("Not done"),
    "checking": gettext_lazy("Being checked"),
    "person": gettext_lazy("Needs a person"),
    "plain": gettext_lazy("Done in part"),
    "now": gettext_lazy("Sending"),
}
# What lists, filters and files say of a state. A refusal's own words belong to its page.
TONES: dict[str, str] = {
    State.CREATED: "now",
    State.PREPARING: "now",
    State.SENDING: "now",
    State.UNKNOWN: "checking",
    State.NEEDS_REVIEW: "person",
    State.SUCCEEDED: "done",
    State.RESOLVED_APPLIED: "done",
    State.PARTIAL: "plain",
    State.REFUSED: "refused",
    State.NOT_SENT: "refused",
    State.NOT_APPLIED: "refused",
    State.RESOLVED_NOT_APPLIED: "refused",
}


@dataclass(frozen=True, slots=True)
class Badge:
    tone: str
    icon: str
    text: str


def icon_of_refusal(tone: str) -> str:
    """On a card that says no: nothing is done in part there."""
    return "warn" if tone == "plain" else ICONS[tone]


def is_so_already(operation: Operation) -> bool:
    """Nothing was sent, since it was like this before: what was wanted is there."""
    return operation.state == State.REFUSED and operation.refusal_code == "already_done"


def tone_of(operation: Operation, tone: str) -> str:
    """What became of it, where `tone` is that of its words: those of a refusal say how bad it is, and not that it is none."""
    if is_so_already(operation):
        return "done"
    return "refused" if TONES[operation.state] == "refused" else tone


def standing_of(operation: Operation, *, slow: bool) -> str:
    """The key of an act's words: the state, and what else a person sees of it. `slow`: longer on its way than SLOW."""
    if operation.state == State.SUCCEEDED and operation.evidence_level == "inferred":
        return "inferred"
    if operation.state == State.UNKNOWN and operation.escalated_at:
        return "overdue"
    again = operation.state == State.CREATED and operation.sends
    return State.UNKNOWN if again or (operation.state == State.SENDING and slow) else str(operation.state)


def badge_of(operation: Operation, tone: str) -> Badge:
    """In a list of what was done. `tone` is that of its words."""
    if operation.state in OPEN_STATES and TONES[operation.state] == "now":
        return Badge("now", ICONS["now"], _("Being sent"))
    shown = TONES[operation.state] if operation.state in OPEN_STATES else tone_of(operation, tone)
    return Badge(shown, ICONS[shown], str(SHORT[shown]))
