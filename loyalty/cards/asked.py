"""A page that asked the provider something: which question stands in its address, and the page polls until it is answered."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from branches.models import User
from loyalty.cards.around import SLOW
from loyalty.forms.reading import AskedForm
from loyalty.models import Ask
from loyalty.outcomes import Words, refusal
from loyalty.selectors import ask_for


def asked_for(request: HttpRequest, user: User) -> Ask | None:
    form = AskedForm(request.GET)
    return ask_for(user, form.cleaned_data["asked"]) if form.is_valid() else None


def with_ask(address: str, ask: Ask) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'asked': str(ask.pk)})}"


def shown(ask: Ask | None, now: dt.datetime, address: str) -> dict[str, Any]:
    """`polls` while it waits. `address` is the page itself, with what else stands behind its question mark."""
    if ask is None:
        return {}
    waits = ask.state == Ask.State.WAITING
    slow = waits and now - ask.created_at > SLOW
    return {
        "ask": ask,
        "polls": waits,
        "asking": waits,
        "slow": slow,
        "standing": f"{ask.state}{' slowly' if slow else ''}",
        "seconds": int((now - ask.created_at).total_seconds()),
        "poll": with_ask(address, ask) if waits else "",
        "trouble": trouble(ask),
    }


def trouble(ask: Ask) -> Words | None:
    """They did not answer, or they do not know any more what was asked about: then what is shown keeps its age."""
    if ask.state == Ask.State.FAILED:
        return refusal(ask.refusal_code)
    gone = ask.state == Ask.State.ANSWERED and ask.result.get("found") is False
    return refusal("not_found") if gone else None
