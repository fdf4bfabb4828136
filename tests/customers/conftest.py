"""The clinic of the booking tests, whose customers these are."""

from tests.reservations.conftest import book, booking_account, clinic

__all__ = ["book", "booking_account", "clinic"]
