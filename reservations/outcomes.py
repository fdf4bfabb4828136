"""What people read at every state of a change to a booking, and when one cannot be made: what happened, what to do now, what
to tell the customer, and one line of detail. Sentences stay under fifteen words, and say whether it may be done again."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.models import Operation, State

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Words:
    headline: Text
    now: Text
    customer: Text
    what: Text = ""  # one line under the headline
    tone: str = "refused"


@dataclass(frozen=True, slots=True)
class Kind:
    """Whole sentences of one kind of change. `wait` is what not to do while nobody knows."""

    name: Text
    done: Text
    told: Text
    not_done: Text
    maybe: Text
    wait: Text


KINDS: dict[str, Kind] = {
    "booking.create_customer": Kind(
        _("New customer"),
        _("The customer is created"),
        _("“You are in our system now.”"),
        _("The customer was not created"),
        _("The customer may or may not exist."),
        _("Do not create the customer again yet. You may serve the next customer."),
    ),
    "booking.book": Kind(
        _("Booking"),
        _("It is booked"),
        _("“Your appointment is booked.”"),
        _("It was not booked"),
        _("The booking may or may not exist."),
        _("Do not book again yet. You may serve the next customer."),
    ),
    "booking.reschedule": Kind(
        _("New time"),
        _("The appointment has moved"),
        _("“Your appointment has its new time.”"),
        _("The appointment did not move"),
        _("The appointment may stand at the old time or at the new one."),
        _("Do not move it again yet. You may serve the next customer."),
    ),
    "booking.confirm": Kind(
        _("Confirmation"),
        _("The appointment is confirmed"),
        _("“Your appointment is confirmed.”"),
        _("The appointment was not confirmed"),
        _("The appointment may or may not be confirmed."),
        _("Wait for the answer. You may serve the next customer."),
    ),
    "booking.cancel": Kind(
        _("Cancellation"),
        _("The appointment is cancelled"),
        _("“Your appointment is cancelled.”"),
        _("The appointment was not cancelled"),
        _("The appointment may or may not be cancelled."),
        _("Do not give this time to anybody else yet. You may serve the next customer."),
    ),
    "booking.done": Kind(
        _("End of a visit"),
        _("The visit is done"),
        _("“Thank you for your visit.”"),
        _("The visit was not marked as done"),
        _("The visit may or may not be marked as done."),
        _("Wait for the answer. You may serve the next customer."),
    ),
    "booking.attend": Kind(
        _("Check-in or check-out"),
        _("It is noted"),
        _("“Thank you, that is noted.”"),
        _("It was not noted"),
        _("The check-in or check-out may or may not be noted."),
        _("Do not check in or out again yet. The customer may go on."),
    ),
    "booking.subscribe": Kind(
        _("New subscription"),
        _("The subscription is made"),
        _("“Your subscription is set up.”"),
        _("The subscription was not made"),
        _("The subscription may or may not exist."),
        _("Do not make the subscription again yet. You may serve the next customer."),
    ),
    "booking.pause": Kind(
        _("Pause"),
        _("The pause is set"),
        _("“Your pause is set.”"),
        _("The pause was not set"),
        _("The pause may or may not be set."),
        _("Wait for the answer. You may serve the next customer."),
    ),
    "booking.resume": Kind(
        _("End of a pause"),
        _("The subscription goes on"),
        _("“Your subscription goes on.”"),
        _("The subscription does not go on yet"),
        _("The subscription may or may not go on."),
        _("Wait for the answer. You may serve the next customer."),
    ),
}
# A reservation that keeps its time and is with somebody else: the same operation, in words of its own.
ONLY_WHO = Kind(
    _("Another practitioner"),
    _("The appointment is with another practitioner"),
    _("“Your appointment is with another practitioner now.”"),
    _("The practitioner did not change"),
    _("The appointment may be with the old practitioner or with the new one."),
    _("Do not change it again yet. You may serve the next customer."),
)
MOMENT = _("“One moment, please.”")
CALL_YOU = _("“We are looking into it and call you today.”")
TRY_AGAIN = _("You can try again.")
BOOK_ANOTHER = _("Choose another time.")
LOOK_AGAIN = _("Read the customer’s bookings again, then decide.")
ASK_SUPERVISOR = _("Call the supervisor.")


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

REFUSALS: dict[str, Words] = {
    # Before anything was opened.
    "not_allowed": Words(_("Your role does not allow this"), ASK_SUPERVISOR, MOMENT),
    "not_here": Words(_("This belongs to another branch"), _("Do it at that branch."), MOMENT),
    "in_use_here": Words(
        _("Someone is changing this right now"), _("Do not repeat it. Watch the other change."), MOMENT, tone="checking"
    ),
    "provider_down": Words(
        _("The booking system is not answering"),
        _("Nothing was sent. Try again in a moment."),
        _("“The booking system is not answering. One moment, please.”"),
        tone="plain",
    ),
    "busy": Words(
        _("Too much waits for the booking system"), _("Nothing was sent. Try again in a moment."), MOMENT, tone="plain"
    ),
    "phone_unreadable": Words(
        _("This is not a phone number"),
        _("Type the number as the customer says it, for example 0512345678."),
        _("“What is your phone number, please?”"),
    ),
    "name_missing": Words(_("The name is missing"), _("Type the customer’s name."), _("“What is your name, please?”")),
    "customer_blocked": Words(_("This customer is blocked there"), ASK_SUPERVISOR, MOMENT),
    "no_customer": Words(_("No customer is named here"), ASK_SUPERVISOR, MOMENT),
    "booked_already": Words(
        _("They are booked at this time already"),
        _("Look at that booking first. Book again only if it is meant."),
        _("“You are booked at this time already. Is this for somebody else?”"),
        tone="checking",
    ),
    "slot_missing": Words(_("No time is chosen"), _("Choose a free time."), _("“Which time suits you?”")),
    "slot_past": Words(_("This time has begun"), BOOK_ANOTHER, _("“Which other time suits you?”")),
    "practitioner_wrong": Words(
        _("This practitioner is not free then"), _("Choose another practitioner, or another time."), MOMENT
    ),
    "too_many_items": Words(_("No more fits into one booking"), _("Book the rest as a second booking."), MOMENT),
    "quantity_wrong": Words(_("This number cannot be booked"), _("Type another number."), MOMENT),
    "field_missing": Words(_("An answer is missing"), _("Fill in what the product asks for."), MOMENT),
    "not_offered": Words(
        _("This is not offered here now"), _("Choose something else."), _("“We do not have this here at the moment.”")
    ),
    "no_reason": Words(_("The reason is missing"), _("Choose or type a reason."), MOMENT),
    "nothing_chosen": Words(_("Nothing is chosen"), _("Choose a subscription."), MOMENT),
    "day_past": Words(_("This day is over"), _("Choose today or a later day."), MOMENT),
    "days_wrong": Words(_("These days do not fit"), _("The pause begins today or later, and ends after that."), MOMENT),
    "nothing_to_undo": Words(_("There is nothing to undo"), LOOK_AGAIN, MOMENT),
    "undone_already": Words(_("This was undone before"), LOOK_AGAIN, MOMENT),
    # The look before sending.
    "customer_exists": Words(
        _("Somebody has this phone number already"),
        _("Choose the customer from the list and book for them."),
        _("“Your number is known to us. What is your name?”"),
    ),
    "slot_taken": Words(
        _("This time has just been taken"),
        _("Choose one of the nearest free times."),
        _("“Which other time suits you?”"),
    ),
    "not_found": Words(_("The booking system does not know it any more"), LOOK_AGAIN, MOMENT),
    "cancelled": Words(_("It is cancelled"), LOOK_AGAIN, _("“This appointment is cancelled.”")),
    "done": Words(_("The visit is done already"), LOOK_AGAIN, MOMENT),
    "confirmed": Words(_("It is confirmed already"), LOOK_AGAIN, MOMENT),
    "already_done": Words(_("It is like this already"), _("Nothing more to do."), MOMENT, tone="plain"),
    "changed_meanwhile": Words(
        _("Somebody has moved it meanwhile"), _("Look at the new time, then decide."), MOMENT, tone="checking"
    ),
    "unseen_status": Words(_("It has a status that we do not know"), ASK_SUPERVISOR, MOMENT),
    "not_checked_in": Words(_("Nobody is checked in here"), LOOK_AGAIN, MOMENT),
    "no_visit_left": Words(_("No visit is left"), LOOK_AGAIN, _("“Your subscription has no visit left.”")),
    "not_running": Words(_("This subscription is not running"), LOOK_AGAIN, MOMENT),
    "paused_already": Words(_("It is paused already"), LOOK_AGAIN, MOMENT),
    "not_paused": Words(_("It is not paused"), LOOK_AGAIN, MOMENT),
    # A question that had no answer.
    "no_answer": Words(
        _("The booking system is not answering"),
        _("What you see is older. Try again in a moment."),
        _("“The booking system is not answering. One moment, please.”"),
        tone="plain",
    ),
    "unreadable_answer": Words(
        _("The booking system gave an answer that we cannot read"), ASK_SUPERVISOR, MOMENT, tone="plain"
    ),
    "provider_refused": Words(_("The booking system refused the question"), ASK_SUPERVISOR, MOMENT, tone="plain"),
    "login_refused": Words(
        _("The booking system does not accept our login"), _("Call the administrator."), MOMENT, tone="plain"
    ),
}


def refusal(code: str) -> Words:
    """Texts for a refusal code. A code that only the engine knows means that they could not be reached."""
    return REFUSALS.get(code, REFUSALS["provider_down"])


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


def standing_of(operation: Operation, *, slow: bool) -> str:
    """The key of STATES[kind]: the state, and what else a person sees of it."""
    if operation.state == State.SUCCEEDED and operation.evidence_level == "inferred":
        return "inferred"
    if operation.state == State.UNKNOWN and operation.escalated_at:
        return "overdue"
    again = operation.state == State.CREATED and operation.sends
    return State.UNKNOWN if again or (operation.state == State.SENDING and slow) else str(operation.state)
