"""What every card of a page has: its badge, the way to the next page, and the card that says no."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from branches.roles import Permission
from branches.selectors import may
from loyalty.models import Act, Card
from loyalty.outcomes import Text, Words, refused_with
from providers.models import Operation

SLOW = dt.timedelta(seconds=6)  # after this a person is told that she may serve the next customer
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


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Redirect a page, or the page around a poll."""
    polls = request.headers.get("HX-Request") == "true"
    return HttpResponse(headers={"HX-Redirect": address}) if polls else redirect(address)


def where_work_goes_on() -> str:
    return resolve_url("desk:home")


def refused(
    code: str,
    user: Any,
    *,
    back: str,
    holder: Operation | None = None,
    rows: Sequence[Any] = (),
    figures: Mapping[str, Decimal] | None = None,
) -> dict[str, Any]:
    """`rows`: what stands there already."""
    words = refused_with(code, figures or {})
    return {
        "words": words,
        "tone": words.tone,
        "icon": icon_of(words),
        "short": {"checking": _("In use"), "plain": _("No answer")}.get(words.tone, _("Not possible")),
        "code": code,
        "back": back,
        "holder": holder,
        "holder_act": _open_to(holder, user),
        "there": [row for row in rows if isinstance(row, Card)],
    }


def icon_of(words: Words) -> str:
    return "warn" if words.tone == "plain" else ICONS[words.tone]


def _open_to(holder: Operation | None, user: Any) -> Act | None:
    """What is in the way, if this person may look at it."""
    if holder is None or not may(user, Permission.CARDS, holder.branch):
        return None
    return Act.objects.filter(operation=holder).first()
