"""Whole sentences of each kind of change, and the shape of all that is read of one."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
# What several of them say.
MOMENT = _("“One moment, please.”")
CALL_YOU = _("“We are looking into it and call you today.”")
TRY_AGAIN = _("You can try again.")
BOOK_ANOTHER = _("Choose another time.")
LOOK_AGAIN = _("Read the customer’s bookings again, then decide.")
ASK_SUPERVISOR = _("Call the supervisor.")


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
