"""Texts for an operation, whatever its state."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from providers.badges import standing_of
from providers.models import Operation, State
from reservations.outcomes.kinds import CALL_YOU, KINDS, MOMENT, ONLY_WHO, TRY_AGAIN, Kind, Words
from reservations.outcomes.refusals import REFUSALS, refusal


def _words(kind: Kind) -> dict[str, Words]:
    """One kind's texts by standing (see `standing_of`)."""
    by_person = _("Decided by a person, with the evidence.")
    return {
        State.CREATED: Words(_("Sending to the booking system"), _("Wait for the answer."), MOMENT, kind.name, "now"),
        State.SUCCEEDED: Words(kind.done, _("Nothing more to do."), kind.told, "", "done"),
        "inferred": Words(
            kind.done,
            _("Nothing more to do."),
            kind.told,
            _("Confirmed by looking it up. Their own answer was lost."),
            "done",
        ),
        State.UNKNOWN: Words(
            _("No clear answer yet"),
            kind.wait,
            _("“We are waiting for the booking system. One moment, please.”"),
            kind.maybe,
            "checking",
        ),
        "overdue": Words(
            _("Still no clear answer"),
            _("Do not try again. Take the customer’s number. The supervisor has been told."),
            _("“We will call you today about it.”"),
            kind.maybe,
            "checking",
        ),
        State.NOT_APPLIED: Words(
            kind.not_done,
            TRY_AGAIN,
            _("“It did not work. Shall we try again?”"),
            _("We looked twice after the waiting time, and nothing has changed."),
        ),
        State.NOT_SENT: Words(
            _("Nothing was sent"),
            _("Nothing has changed. Try again in a moment."),
            _("“The booking system is not answering. One moment, please.”"),
            kind.not_done,
        ),
        State.REFUSED: Words(
            kind.not_done,
            _("Nothing has changed. Check the details, or call the supervisor."),
            _("“It cannot be done like this. Let me check.”"),
            _("The booking system refused it."),
        ),
        State.PARTIAL: Words(
            _("Only a part is booked"),
            _("Book what is missing as a new booking."),
            _("“A part is booked. I will book the rest now.”"),
            _("The list shows what is booked and what is not."),
            "plain",
        ),
        State.NEEDS_REVIEW: Words(
            _("The supervisor decides"),
            _("Do not try again. Take the customer’s number. You may serve the next customer."),
            CALL_YOU,
            _("The evidence is not enough for a machine."),
            "person",
        ),
        State.RESOLVED_APPLIED: Words(kind.done, _("Nothing more to do."), kind.told, by_person, "done"),
        State.RESOLVED_NOT_APPLIED: Words(kind.not_done, TRY_AGAIN, _("“Shall we try again?”"), by_person),
    }


STATES: dict[str, dict[str, Words]] = {name: _words(kind) for name, kind in KINDS.items()}
STATES_ONLY_WHO = _words(ONLY_WHO)
for _by_state in (*STATES.values(), STATES_ONLY_WHO):
    _by_state[State.PREPARING] = _by_state[State.SENDING] = _by_state[State.CREATED]


def words_for(operation: Operation, *, slow: bool) -> Words:
    """Texts for an operation's state. `slow`: it has been on its way longer than a person likes to wait."""
    looked = operation.state == State.REFUSED and not operation.sends  # what was sent and refused is in their words
    if looked and operation.refusal_code in REFUSALS:
        return refusal(operation.refusal_code)
    states = STATES_ONLY_WHO if _is_only_who(operation) else STATES[operation.kind]
    return states[standing_of(operation, slow=slow)]


def kind_of(operation: Operation) -> Kind:
    """`operation` as its act gives it: then nothing is asked."""
    return ONLY_WHO if _is_only_who(operation) else KINDS[operation.kind]


def _is_only_who(operation: Operation) -> bool:
    return operation.kind == "booking.reschedule" and bool(operation.act.asked.get("only_who"))
