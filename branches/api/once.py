"""What a write asks of whoever keeps the Idempotency-Keys (`request.auth`): to be done once, however often it is sent."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from django.http import HttpResponse
from rest_framework.request import Request

# Called with the operation in the transaction that commits it; what it adds is committed with it, or neither is.
Also = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Shown:
    """`body` is JSON; `place` where the same is found later."""

    body: str
    place: str
    is_final: bool


class Once(Protocol):
    def once(
        self, request: Request, make: Callable[[Also], uuid.UUID], show: Callable[[uuid.UUID], Shown]
    ) -> HttpResponse:
        """`make` opens an operation and gives its id; `show` is that operation as it stands."""


def once(request: Request, make: Callable[[Also], uuid.UUID], show: Callable[[uuid.UUID], Shown]) -> HttpResponse:
    keeper = cast(Once, request.auth)
    return keeper.once(request, make, show)
