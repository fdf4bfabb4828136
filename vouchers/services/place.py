"""Who is acting where, and the one way a voucher service says no."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from branches.models import Branch, Till, User
from providers.models import Operation


def nothing(operation: Operation) -> None:
    """What most callers have to add to an intent."""


@dataclass(frozen=True, slots=True)
class Place:
    """Who is acting, and where. A partner has no person and no till here: its key's scopes were checked before. `also` is
    committed with the intent, or it is not: a partner's key for its retries."""

    actor: User | None
    branch: Branch
    till: Till | None = None
    partner: uuid.UUID | None = None
    external_ref: str = ""
    also: Callable[[Operation], None] = nothing


class CannotRedeem(Exception):
    """`code` is one of vouchers.outcomes; `holder` our operation in the way, if one is."""

    def __init__(self, code: str, holder: Operation | None = None, **figures: Decimal) -> None:
        super().__init__(code)
        self.code = code
        self.holder = holder
        self.figures = figures
