"""Which account a card is kept with here, and the one way a loyalty service says no."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from loyalty.selectors.places import Link, link_at
from providers.acting import Place
from providers.models import Operation


class CannotMove(Exception):
    """`code` is one of loyalty.outcomes; `holder` our operation in the way, `rows` what stands there already, `figures` what a
    sentence needs."""

    def __init__(
        self, code: str, holder: Operation | None = None, rows: Sequence[Any] = (), **figures: Decimal
    ) -> None:
        super().__init__(code)
        self.code = code
        self.holder = holder
        self.rows = list(rows)
        self.figures = figures


def allowed(place: Place, permission: str) -> None:
    """Raises CannotMove('not_allowed')."""
    if not place.may(permission):
        raise CannotMove("not_allowed")


def link_to(place: Place, account_id: uuid.UUID) -> Link:
    """How this branch uses that account. Raises CannotMove('not_here'): another branch's cards are not ours."""
    found = link_at(place.branch, account_id)
    if found is None:
        raise CannotMove("not_here")
    return found
