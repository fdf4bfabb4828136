"""Deeds of people that change no row of theirs: signing in and out, proving who they are, failing to."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import pghistory
from django.http import HttpRequest

from branches.addresses import address_of
from branches.models import User


def acting(request: HttpRequest, person: User | None) -> AbstractContextManager[Any]:
    """What is written to an audited table inside carries the person, the address and the page."""
    who = str(person.pk) if person else ""
    context: AbstractContextManager[Any] = pghistory.context(user=who, url=request.path, address=address_of(request))
    return context


def note(request: HttpRequest, person: User, deed: str, *, by: User | None = None) -> None:
    """Into the audit trail of this person. `by` is who certainly did it: nobody, while a password or a code is only tried."""
    with acting(request, by):
        pghistory.create_event(person, label=deed)
