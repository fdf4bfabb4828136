"""Each kind of change in whole sentences, at every state."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.models import State

Text = str | Promise
NOTHING_MORE = _("Nothing more to do.")
ASK_FOR_REST = _("Ask for what is left to pay.")
MOMENT = _("“One moment, please.”")


@dataclass(frozen=True, slots=True)
class Words:
    """`what`: one line under the headline. `figures`: what was asked for, what was moved, what is left to pay."""

    headline: Text
    now: Text
    customer: Text
    what: Text = ""
    tone: str = "refused"
    figures: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """Whole sentences of one kind of change. `wait` is what not to do while nobody knows, `then` what to do when it is done."""

    name: Text
    done: Text
    told: Text
    not_done: Text
    maybe: Text
    wait: Text
    then: Text = NOTHING_MORE


KINDS: dict[str, Kind] = {
    "loyalty.points": Kind(
        _("Points given by hand"),
        _("The points are given"),
        _("“Your points are on your card.”"),
        _("The points were not given"),
        _("The points may or may not be on the card."),
        _("Do not give them again yet. You may serve the next customer."),
    ),
    "loyalty.withdraw": Kind(
        _("Payment with points"),
        _("The points are taken"),
        _("“Your points have paid a part.”"),
        _("No points were taken"),
        _("The points may or may not be taken."),
        _("Do not take them again. Do not ask for that part yet."),
        ASK_FOR_REST,
    ),
    "loyalty.cancel_withdrawal": Kind(
        _("Points given back"),
        _("The points are back on the card"),
        _("“Your points are back on your card.”"),
        _("The points were not given back"),
        _("The points may or may not be back on the card."),
        _("Wait for the answer before you close the bill."),
        ASK_FOR_REST,
    ),
    "loyalty.apply_program": Kind(
        _("Discount"),
        _("The discount is on the bill"),
        _("“Your discount is taken off.”"),
        _("No discount was given"),
        _("The discount may or may not be on the bill."),
        _("Do not apply it again. Do not ask for the money yet."),
        ASK_FOR_REST,
    ),
    "loyalty.cancel_program": Kind(
        _("Discount taken back"),
        _("The discount is off the bill"),
        _("“The discount is not on the bill any more.”"),
        _("The discount was not taken back"),
        _("The discount may or may not be on the bill."),
        _("Wait for the answer before you close the bill."),
        ASK_FOR_REST,
    ),
    "loyalty.referral": Kind(
        _("Referral"),
        _("The referral is on the bill"),
        _("“Your discount for being brought along is taken off.”"),
        _("The referral was not applied"),
        _("The referral may or may not be on the bill."),
        _("Do not apply it again. Do not ask for the money yet."),
        ASK_FOR_REST,
    ),
    "loyalty.issue_card": Kind(
        _("New card"),
        _("The card is issued"),
        _("“Your card is ready.”"),
        _("No card was issued"),
        _("The card may or may not exist."),
        _("Do not issue it again yet. You may serve the next customer."),
    ),
    "loyalty.remove_card": Kind(
        _("Removal of a card"),
        _("The card is removed"),
        _("“Your card is closed.”"),
        _("The card was not removed"),
        _("The card may or may not be removed."),
        _("Wait for the answer. You may serve the next customer."),
    ),
}
# Points below zero: the same operation, in words of its own.
TAKEN = Kind(
    _("Points taken by hand"),
    _("The points are taken"),
    _("“The points are taken off your card.”"),
    _("No points were taken"),
    _("The points may or may not be taken."),
    _("Do not take them again yet. You may serve the next customer."),
)
TRY_AGAIN = _("You can try again.")


def _words(kind: Kind) -> dict[str, Words]:
    """One kind's texts by standing (see `standing_of`)."""
    by_person = _("Decided by a person, with the evidence.")
    return {
        State.CREATED: Words(
            _("Sending to the loyalty system"),
            _("Wait for the answer before you close the bill."),
            MOMENT,
            kind.name,
            "now",
        ),
        State.SUCCEEDED: Words(kind.done, kind.then, kind.told, "", "done"),
        "inferred": Words(
            kind.done, kind.then, kind.told, _("Confirmed by looking it up. Their own answer was lost."), "done"
        ),
        State.UNKNOWN: Words(
            _("No clear answer yet"),
            kind.wait,
            _("“We are waiting for the loyalty system. One moment, please.”"),
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
            _("“The loyalty system is not answering. One moment, please.”"),
            kind.not_done,
        ),
        State.REFUSED: Words(
            kind.not_done,
            _("Nothing has changed. Check the details, or call the supervisor."),
            _("“It cannot be done like this. Let me check.”"),
            _("The loyalty system refused it."),
        ),
        State.NEEDS_REVIEW: Words(
            _("The supervisor decides"),
            _("Do not try again. Take the customer’s number. You may serve the next customer."),
            _("“We are looking into it and call you today.”"),
            _("The evidence is not enough for a machine."),
            "person",
        ),
        State.RESOLVED_APPLIED: Words(kind.done, kind.then, kind.told, by_person, "done"),
        State.RESOLVED_NOT_APPLIED: Words(kind.not_done, TRY_AGAIN, _("“Shall we try again?”"), by_person),
    }


STATES: dict[str, dict[str, Words]] = {name: _words(kind) for name, kind in KINDS.items()}
STATES_TAKEN = _words(TAKEN)
for _by_state in (*STATES.values(), STATES_TAKEN):
    _by_state[State.PREPARING] = _by_state[State.SENDING] = _by_state[State.CREATED]
    _by_state[State.PARTIAL] = _by_state[State.NEEDS_REVIEW]
