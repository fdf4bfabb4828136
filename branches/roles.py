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
    EVIDENCE = "evidence", _("See the evidence of an operation")
    REVIEW = "review", _("Decide what a machine cannot")
    CASES = "cases", _("See correction cases")
    CASES_OPEN = "cases_open", _("Open a correction case and send its letter")
    CASES_CLOSE = "cases_close", _("Enter the issuer's decision on a case")
    ADMIN = "admin", _("Accounts, branches and staff")


_STAFF = {Permission.DESK, Permission.LEDGER}
_OPENS = {Permission.CASES, Permission.CASES_OPEN}
_CLOSES = {Permission.CASES, Permission.CASES_CLOSE}

MAY: dict[str, frozenset[str]] = {
    Role.RECEPTIONIST: frozenset(_STAFF | {Permission.REDEEM}),
    Role.SUPERVISOR: frozenset(_STAFF | _OPENS | {Permission.REDEEM, Permission.EVIDENCE, Permission.REVIEW}),
    Role.MANAGER: frozenset(_STAFF | _OPENS | {Permission.REDEEM, Permission.EVIDENCE, Permission.REVIEW}),
    Role.ACCOUNTANT: frozenset(_STAFF | _CLOSES | {Permission.EVIDENCE}),
    Role.OWNER: frozenset(_STAFF | _CLOSES | {Permission.EVIDENCE, Permission.REVIEW}),
    Role.ADMIN: frozenset({Permission.DESK, Permission.EVIDENCE, Permission.ADMIN}),
}


def roles_with(permission: str) -> list[str]:
    return [role for role, granted in MAY.items() if permission in granted]
