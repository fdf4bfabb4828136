"""What each role may do, as data. A view asks `may(user, Permission.X, branch)`; nothing else decides."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    RECEPTIONIST = "receptionist", _("Receptionist")
    SUPERVISOR = "supervisor", _("Shift supervisor")
    MANAGER = "manager", _("Branch manager")
    ACCOUNTANT = "accountant", _("Accountant")
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Technical administrator")


class Permission(models.TextChoices):
    DESK = "desk", _("Open the desk")
    REDEEM = "redeem", _("Look up and redeem vouchers")
    LEDGER = "ledger", _("See redemptions of the branch")
    EXPORT = "export", _("Take the ledger away as a file")
    CLOSE_TILL = "close_till", _("Close the day of one's own till")
    CLOSE_ANY_TILL = "close_any_till", _("Close the day of any till")
    EVIDENCE = "evidence", _("See the evidence of an operation")
    REVIEW = "review", _("Decide what a machine cannot")
    CASES = "cases", _("See correction cases")
    CASES_OPEN = "cases_open", _("Open a correction case and send its letter")
    CASES_CLOSE = "cases_close", _("Enter the issuer's decision on a case")
    CUSTOMERS = "customers", _("Find customers")
    BOOKINGS = "bookings", _("See bookings and subscriptions")
    BOOK = "book", _("Book, move, confirm and check in")
    BOOK_SUPERVISE = "book_supervise", _("Cancel bookings with a message, pause subscriptions")
    CARDS = "cards", _("See loyalty cards and visits")
    CARD_USE = "card_use", _("Use points and programs, issue cards, move points by hand")
    CARD_SUPERVISE = "card_supervise", _("Agree to points of others, remove cards")
    LIABILITY = "liability", _("See what is owed in points")
    SYNC = "sync", _("See how the copies of the providers’ data stand")
    SYNC_RUN = "sync_run", _("Have them read again, and judge what was found")
    ADMIN = "admin", _("Accounts, branches and staff")


_STAFF = {Permission.DESK, Permission.LEDGER}
_BOOKINGS = {Permission.CUSTOMERS, Permission.BOOKINGS}
_BOOKS = _BOOKINGS | {Permission.BOOK}
_CARDS = {Permission.CUSTOMERS, Permission.CARDS}
_TILL = _STAFF | _BOOKS | _CARDS | {Permission.CARD_USE} | {Permission.REDEEM, Permission.CLOSE_TILL}
_OPENS = {Permission.CASES, Permission.CASES_OPEN}
_CLOSES = {Permission.CASES, Permission.CASES_CLOSE}
_SUPERVISES = _TILL | _OPENS | {Permission.EVIDENCE, Permission.REVIEW, Permission.CLOSE_ANY_TILL}
_SUPERVISES |= {Permission.BOOK_SUPERVISE, Permission.CARD_SUPERVISE, Permission.SYNC}
_OWED = _CARDS | {Permission.LIABILITY}
_RUNS = {Permission.SYNC, Permission.SYNC_RUN}

MAY: dict[str, frozenset[str]] = {
    Role.RECEPTIONIST: frozenset(_TILL),
    Role.SUPERVISOR: frozenset(_SUPERVISES),
    Role.MANAGER: frozenset(_SUPERVISES | _RUNS | {Permission.EXPORT, Permission.LIABILITY}),
    Role.ACCOUNTANT: frozenset(_STAFF | _BOOKINGS | _OWED | _CLOSES | {Permission.EVIDENCE, Permission.EXPORT}),
    Role.OWNER: frozenset(
        _STAFF
        | _BOOKINGS
        | _OWED
        | _CLOSES
        | {Permission.EVIDENCE, Permission.REVIEW, Permission.EXPORT, Permission.SYNC}
    ),
    Role.ADMIN: frozenset(_RUNS | {Permission.DESK, Permission.EVIDENCE, Permission.ADMIN}),
}


def roles_with(permission: str) -> list[str]:
    return [role for role, granted in MAY.items() if permission in granted]
