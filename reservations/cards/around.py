"""What every card of a booking has: its steps, its badge, the way to the next page, and the card that says no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from branches.roles import Permission
from branches.selectors import may
from customers.models import ProviderCustomer
from providers.badges import icon_of_refusal
from providers.models import Operation
from reservations.models import Act
from reservations.outcomes import refusal

PERSON, WHAT, TIME, CONFIRM, RESULT = range(1, 6)


def steps(current: int) -> list[dict[str, Any]]:
    names = [_("Customer"), _("Service"), _("Time"), _("Confirm"), _("Result")]
    return [{"name": name, "was": n < current, "now": n == current} for n, name in enumerate(names, 1)]


def where_work_goes_on() -> str:
    """The board of the day; where there is none, the next booking."""
    try:
        return reverse("reservations:today")
    except NoReverseMatch:
        return reverse("reservations:book")


def refused(
    code: str, user: Any, *, back: str, holder: Operation | None = None, customers: Sequence[ProviderCustomer] = ()
) -> dict[str, Any]:
    words = refusal(code)
    return {
        "words": words,
        "tone": words.tone,
        "icon": icon_of_refusal(words.tone),
        "short": {"checking": _("In use"), "plain": _("No answer")}.get(words.tone, _("Not possible")),
        "code": code,
        "back": back,
        "holder": holder,
        "holder_act": _open_to(holder, user),
        "customers": customers,
    }


def _open_to(holder: Operation | None, user: Any) -> Act | None:
    """What is in the way, if this person may look at it."""
    if holder is None or not may(user, Permission.BOOKINGS, holder.branch):
        return None
    return Act.objects.filter(operation=holder).first()
