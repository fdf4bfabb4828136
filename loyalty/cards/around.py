"""What every card of a page has: its badge, the way to the next page, and the card that says no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from branches.roles import Permission
from branches.selectors import may
from loyalty.models import Act, Card
from loyalty.outcomes import refused_with
from providers.badges import icon_of_refusal
from providers.models import Operation


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
        "icon": icon_of_refusal(words.tone),
        "short": {"checking": _("In use"), "plain": _("No answer")}.get(words.tone, _("Not possible")),
        "code": code,
        "back": back,
        "holder": holder,
        "holder_act": _open_to(holder, user),
        "there": [row for row in rows if isinstance(row, Card)],
    }


def _open_to(holder: Operation | None, user: Any) -> Act | None:
    """What is in the way, if this person may look at it."""
    if holder is None or not may(user, Permission.CARDS, holder.branch):
        return None
    return Act.objects.filter(operation=holder).first()
