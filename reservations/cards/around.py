"""What every card of a booking has: its steps, its badge, the way to the next page, and the card that says no."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from branches.roles import Permission
from branches.selectors import may
from customers.models import ProviderCustomer
from providers.models import Operation
from reservations.models import Act
from reservations.outcomes import Text, Words, refusal

SLOW = dt.timedelta(seconds=6)  # after this a person is told that she may serve the next customer
PERSON, WHAT, TIME, CONFIRM, RESULT = range(1, 6)
ICONS = {
    "done": "done",
    "refused": "refused",
    "checking": "checking",
    "person": "person",
    "plain": "partial",
    "now": "clock",
}
SHORT: dict[str, Text] = {
    "done": pgettext_lazy("of an act", "Done"),
    "refused": gettext_lazy("Not done"),
    "checking": gettext_lazy("Being checked"),
    "person": gettext_lazy("Needs a person"),
    "plain": gettext_lazy("Done in part"),
    "now": gettext_lazy("Sending"),
}


def steps(current: int) -> list[dict[str, Any]]:
    names = [_("Customer"), _("Service"), _("Time"), _("Confirm"), _("Result")]
    return [{"name": name, "was": n < current, "now": n == current} for n, name in enumerate(names, 1)]


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect a page, or the page around a poll."""
    polls = request.headers.get("HX-Request") == "true"
    return HttpResponse(headers={"HX-Redirect": address}) if polls else redirect(address)


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
        "icon": icon_of(words),
        "short": {"checking": _("In use"), "plain": _("No answer")}.get(words.tone, _("Not possible")),
        "code": code,
        "back": back,
        "holder": holder,
        "holder_act": _open_to(holder, user),
        "customers": customers,
    }


def icon_of(words: Words) -> str:
    return "warn" if words.tone == "plain" else ICONS[words.tone]


def _open_to(holder: Operation | None, user: Any) -> Act | None:
    """What is in the way, if this person may look at it."""
    if holder is None or not may(user, Permission.BOOKINGS, holder.branch):
        return None
    return Act.objects.filter(operation=holder).first()
