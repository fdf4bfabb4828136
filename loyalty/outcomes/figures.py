"""What was moved and what is left, in sentences."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from branches.money import figure, money_text
from loyalty.models import Act
from providers.models import State

DONE = (State.SUCCEEDED, State.RESOLVED_APPLIED)


def takes(act: Act) -> bool:
    """By hand, below zero."""
    return act.operation.kind == "loyalty.points" and (act.requested or 0) < 0


def clamped(act: Act) -> bool:
    """Less was moved than was asked for: they take no more than there is, nor than is left to pay."""
    known = act.applied is not None and act.requested is not None
    return known and act.operation.state in DONE and abs(act.applied or 0) < abs(act.requested or 0)


def figures_of(act: Act) -> str:
    """In sentences: "60.00 taken of 100.00 asked for. 40.00 left to pay." '' while nobody knows."""
    if act.operation.state not in DONE:
        return ""
    return " ".join(part for part in (_moved(act), _left(act)) if part)


def _moved(act: Act) -> str:
    kind = act.operation.kind
    if kind == "loyalty.remove_card" and act.balance_before:
        return _("%(n)s are lost with the card.") % points(n=act.balance_before)
    if act.applied is None:
        return ""
    if clamped(act) and act.requested is not None:
        return _("%(n)s taken of %(of)s asked for.") % points(n=abs(act.applied), of=abs(act.requested))
    text = {
        "loyalty.points": _("%(n)s taken.") if takes(act) else _("%(n)s given."),
        "loyalty.withdraw": _("%(n)s taken."),
        "loyalty.cancel_withdrawal": _("%(n)s given back."),
        "loyalty.apply_program": _("%(n)s taken off the bill."),
        "loyalty.cancel_program": _("%(n)s put back on the bill."),
        "loyalty.referral": _("%(n)s taken off the bill."),
    }.get(kind, "")
    return text % points(n=abs(act.applied)) if text else ""


def _left(act: Act) -> str:
    if act.left_to_pay is not None:
        return _("%(amount)s left to pay.") % {"amount": money_text(act.left_to_pay, act.operation.currency)}
    if act.operation.kind == "loyalty.points" and act.balance_after is not None:
        return _("%(balance)s on the card now.") % points(balance=act.balance_after)
    return ""


def points(**amounts: Decimal) -> dict[str, str]:
    return {name: f"\u2068{figure(amount, 'PTS')}\u2069" for name, amount in amounts.items()}
