"""What every staff page does with a request: is it a poll, which form was sent, is there such a row."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.http import Http404, HttpRequest

T = TypeVar("T")


def partial(request: HttpRequest) -> bool:
    """A poll: the card alone is wanted."""
    return request.headers.get("HX-Request") == "true"


def token_in(request: HttpRequest) -> uuid.UUID:
    """The one that the form carries; a form without one is its own."""
    try:
        return uuid.UUID(request.POST.get("token", ""))
    except ValueError:
        return uuid.uuid4()


def found(row: T | None) -> T:
    if row is None:
        raise Http404
    return row
