"""A page that asked the provider something: which question stands in its address, and the page polls until it is answered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest

from branches.models import User
from providers.asking import as_shown, trouble_with, with_ask
from reservations.forms.reading import AskedForm
from reservations.models import Ask
from reservations.outcomes import Words, refusal
from reservations.selectors import ask_for


def asked_for(request: HttpRequest, user: User) -> Ask | None:
    form = AskedForm(request.GET)
    return ask_for(user, form.cleaned_data["asked"]) if form.is_valid() else None


def shown(ask: Ask | None, now: dt.datetime, address: str) -> dict[str, Any]:
    """`polls` while it waits. `address` is the page itself, with what else stands behind its question mark."""
    if ask is None:
        return {}
    return as_shown(ask, now, address) | {"trouble": _trouble(ask)}


def _trouble(ask: Ask) -> Words | None:
    code = trouble_with(ask)
    return refusal(code) if code else None


__all__ = ["asked_for", "shown", "with_ask"]
