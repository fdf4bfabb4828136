"""What points are worth."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from branches.models import Branch
from vouchers.models import PointsRate


def rate_on(branch: Branch, provider: str, day: dt.date) -> Decimal | None:
    """Of this trading day, in the branch's currency a point; None while nobody has agreed on one. Of two from the same day the
    later entry counts."""
    rows = PointsRate.objects.filter(branch=branch, provider=provider, valid_from__lte=day)
    return rows.order_by("-valid_from", "-id").values_list("rate", flat=True).first()
