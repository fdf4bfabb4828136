"""Who is acting where, and the one way a voucher service says no."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from branches.models import Branch, Till, User
from providers.models import Operation


@dataclass(frozen=True, slots=True)
class Place:
    """Who is acting, and where."""

    actor: User
    branch: Branch
    till: Till | None


class CannotRedeem(Exception):
    """`code` is one of vouchers.outcomes; `holder` our operation in the way, if one is."""

    def __init__(self, code: str, holder: Operation | None = None, **figures: Decimal) -> None:
        super().__init__(code)
        self.code = code
        self.holder = holder
        self.figures = figures
