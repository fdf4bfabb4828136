"""Bookings, subscriptions and attendances for partners. Over the same services and selectors as the pages."""

from reservations.api.bookings import Cancel, Confirm, Done, OneReservation, Reschedule, Reservations
from reservations.api.catalogue import Products, Slots
from reservations.api.subscriptions import Attendances, Pause, Resume, Subscriptions

__all__ = [
    "Attendances",
    "Cancel",
    "Confirm",
    "Done",
    "OneReservation",
    "Pause",
    "Products",
    "Reschedule",
    "Reservations",
    "Resume",
    "Slots",
    "Subscriptions",
]
