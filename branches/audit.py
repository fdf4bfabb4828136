"""Deeds of people that change no row of theirs: signing in and out, proving who they are, failing to."""

from __future__ import annotations

import pghistory
from django.http import HttpRequest

from branches.addresses import address_of
from branches.models import User


def note(request: HttpRequest, person: User, deed: str, *, by: User | None = None) -> None:
    """Into the audit trail of this person. `by` is who certainly did it: nobody, while a password or a code is only tried."""
    who = str(by.pk) if by else ""
    with pghistory.context(user=who, url=request.path, address=address_of(request)):
        pghistory.create_event(person, label=deed)
