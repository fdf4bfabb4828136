"""Booking, moving, checking in. Verbs write; each is called by a view, a task or the partner API.

Every change at the provider opens an operation and gives back its Act; senders and settlers do the rest. What somebody only
waits to read is an Ask, which a worker answers.
"""

from providers.acting import Place, check_now, put_aside
from reservations.services.asking import (
    answer_ask,
    ask_customers,
    ask_slots,
    keep_answers,
    purge_asks,
    refresh_customer,
    refresh_reservation,
    refresh_reservations,
    refresh_subscription,
)
from reservations.services.attending import check_in, check_out, undo_attendance
from reservations.services.booking import MOST_ITEMS, Choice, NewPerson, book_reservation, create_customer
from reservations.services.changing import (
    cancel_reservation,
    confirm_reservation,
    finish_reservation,
    reschedule_reservation,
)
from reservations.services.looking_ahead import horizons_due, look_ahead
from reservations.services.place import CannotBook
from reservations.services.subscribing import (
    Content,
    pause_subscription,
    resume_subscription,
    subscribe_customer,
)

__all__ = [
    "MOST_ITEMS",
    "CannotBook",
    "Choice",
    "Content",
    "NewPerson",
    "Place",
    "answer_ask",
    "ask_customers",
    "ask_slots",
    "book_reservation",
    "cancel_reservation",
    "check_in",
    "check_now",
    "check_out",
    "confirm_reservation",
    "create_customer",
    "finish_reservation",
    "horizons_due",
    "keep_answers",
    "look_ahead",
    "pause_subscription",
    "purge_asks",
    "put_aside",
    "refresh_customer",
    "refresh_reservation",
    "refresh_reservations",
    "refresh_subscription",
    "reschedule_reservation",
    "resume_subscription",
    "subscribe_customer",
    "undo_attendance",
]
