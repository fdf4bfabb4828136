"""Rekaz's words, in whichever spelling, and what each is for us."""

from __future__ import annotations

from providers.contracts import Direction, ProductKind, ReservationStatus, Subject, SubscriptionStatus
from providers.rekaz import payloads
from providers.rekaz.wire import folded

RESERVATIONS = {
    "pending": ReservationStatus.PENDING,
    "confirmed": ReservationStatus.CONFIRMED,
    "cancelled": ReservationStatus.CANCELLED,
    "canceled": ReservationStatus.CANCELLED,
    "done": ReservationStatus.DONE,
}
SUBSCRIPTIONS = {
    "pending": SubscriptionStatus.PENDING,
    "active": SubscriptionStatus.ACTIVE,
    "paused": SubscriptionStatus.PAUSED,
    "expired": SubscriptionStatus.EXPIRED,
    "cancelled": SubscriptionStatus.CANCELLED,
    "canceled": SubscriptionStatus.CANCELLED,
}
PRODUCTS = {
    "reservation": ProductKind.RESERVATION,
    "0": ProductKind.RESERVATION,
    "subscription": ProductKind.SUBSCRIPTION,
    "1": ProductKind.SUBSCRIPTION,
    "merchandise": ProductKind.MERCHANDISE,
    "2": ProductKind.MERCHANDISE,
}
SUBJECT_WORDS = {"reservation": Subject.RESERVATION, "subscription": Subject.SUBSCRIPTION}
DIRECTION_WORDS = {"checkin": Direction.CHECK_IN, "checkout": Direction.CHECK_OUT}
SUBJECT_NUMBERS = {"0": Subject.RESERVATION, "1": Subject.SUBSCRIPTION}  # of `type`, as the POST documents them
DIRECTION_NUMBERS = {"0": Direction.CHECK_IN, "1": Direction.CHECK_OUT}  # of `actionType`


def subject_of(found: payloads.Attendance) -> Subject | None:
    """By its word, whichever key holds it: reading and writing swap the two (fact sheet §4). Numbers as in the POST."""
    words = [SUBJECT_WORDS.get(folded(word)) for word in (found.type, found.action_type)]
    return words[0] or words[1] or SUBJECT_NUMBERS.get(found.type)


def direction_of(found: payloads.Attendance) -> Direction | None:
    words = [DIRECTION_WORDS.get(folded(word)) for word in (found.action_type, found.type)]
    return words[0] or words[1] or DIRECTION_NUMBERS.get(found.action_type)
