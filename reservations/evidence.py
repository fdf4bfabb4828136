"""The evidence about a change to a booking in words of bookings: nothing of it speaks of vouchers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from providers.contracts.booking_orders import Direction
from providers.models import Discrepancy, Evidence
from providers.timeline import Vocabulary
from reservations.models import Reservation, Subscription

Text = str | Promise
From, Kind = Evidence.From, Discrepancy.Kind

VERDICTS: dict[str, Text] = {
    "applied": _("It is there"),
    "clear": _("It is not there"),
    "blocked": _("It cannot be done"),
    "partial": _("A part of it is there"),
    "unclear": _("It decides nothing"),
    "no_answer": _("No answer"),
    "unknown": _("No clear answer"),
    "refused": _("The booking system refused"),
    "not_sent": _("Nothing left this machine"),
    "not_applied": _("It is not there"),
    "succeeded": _("It is done"),
    "unsent": _("Nothing left this machine"),
}
SOURCES: dict[str, Text] = {From.RESPONSE: _("The booking system’s answer")}
DISCREPANCIES: dict[str, Text] = {
    Kind.LATE_EFFECT: _("Done at the booking system after we judged that it was not"),
    Kind.MISSING_EFFECT: _("The booking system said yes, and does not show it"),
    Kind.CLOCK: _("Our booking came back by another clock than we sent it"),
    Kind.ORPHAN_EFFECT: _("Done at the booking system, and nothing of ours explains it"),
}
REASONS: dict[str, Text] = {
    "issuer_confirmed": _("The booking system’s people confirmed it"),
    "issuer_portal": _("Seen in the booking system’s portal"),
    "evidence_agrees": _("The evidence agrees"),
    "customer_confirmed": _("The customer confirmed it"),
}
CODES: dict[str, Text] = {
    "several": _("More than one fits"),
    "time_read_otherwise": _("It fits only if the time is read in another time zone"),
    "made_in_part": _("Only some of it was made"),
    "changed_by_another": _("Somebody else has changed it meanwhile"),
    "not_found": _("It is not found any more"),
    "unseen_status": _("A status word that nobody has documented"),
    "practitioner_not_told": _("They do not tell who the practitioner is"),
    "found": _("Found by looking"),
    "already_done": _("It was like this already"),
    "slot_taken": _("This time has just been taken"),
    "customer_exists": _("Somebody has this phone number already"),
    "changed_meanwhile": _("It was moved before we sent"),
}
LABELS: dict[str, Text] = {
    "made": _("Number of those that fit"),
    "of": _("Asked for"),
    "more": _("More than asked for"),
    "practitioner_names": _("Practitioner"),
    "status": _("Status"),
    "raw_status": _("Status as sent"),
    "starts": _("Starts"),
    "ends": _("Ends"),
    "paused": _("Pause begins"),
    "resume": _("Pause ends"),
    Direction.CHECK_IN.value: _("Check-ins"),
    Direction.CHECK_OUT.value: _("Check-outs"),
    "ids": _("Already there"),
    "reference": _("Our reference"),
    "sent": _("Sent"),
    "read": _("Came back as"),
    "set": _("Time zone that is set"),
    "fits": _("Time zone that would fit"),
}
STATUSES: dict[str, Text] = dict([*Subscription.STATUSES, *Reservation.STATUSES])


def told(facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The facts of a look, in the order in which they were noted; what is empty says nothing."""
    for name, value in facts.items():
        text = _value(name, value) if name in LABELS else ""
        if text:
            yield str(LABELS[name]), text


def _value(name: str, value: Any) -> str:
    if name == "status":
        return str(STATUSES.get(value, value))
    if name == "practitioner_names":
        return ", ".join(value)[:160]
    if isinstance(value, list):
        return str(len(value))
    if isinstance(value, Mapping):
        return _moment(value)
    return str(value)[:160] if isinstance(value, (str, int)) and value != "" else ""


def _moment(value: Mapping[str, Any]) -> str:
    """As the clock of the clinic would read it, with their own words beside it: what they mean by a zone is disputed."""
    wire, at = str(value.get("wire", ""))[:40], str(value.get("at", ""))
    read = date_format(localtime(dt.datetime.fromisoformat(at)), "DATETIME_FORMAT") if at else ""
    return " · ".join(part for part in (read, wire) if part)


BOOKINGS = Vocabulary(VERDICTS, SOURCES, DISCREPANCIES, REASONS, told, CODES)

# What a person looks for in the booking system's own portal before deciding.
LOOK_FOR: dict[str, Text] = {
    "booking.create_customer": _("Search their customers for this phone. Was one made in the minute in which we sent?"),
    "booking.book": _("Open the customer’s bookings there. Was one for this time made in the minute in which we sent?"),
    "booking.subscribe": _("Open the customer’s subscriptions there. Was one made in the minute in which we sent?"),
    "booking.reschedule": _("Open the appointment there. At which time does it stand, and who moved it last?"),
    "booking.confirm": _("Open the appointment there. What is its status, and who changed it last?"),
    "booking.cancel": _("Open the appointment there. What is its status, and who changed it last?"),
    "booking.done": _("Open the appointment there. What is its status, and who changed it last?"),
    "booking.attend": _("Open the customer’s visits there. How many check-ins and check-outs do you count?"),
    "booking.pause": _("Open the subscription there. From when until when is it paused?"),
    "booking.resume": _("Open the subscription there. Is it still paused, and until when?"),
}
