"""What points are worth: entered by an administrator, never changed afterwards."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from branches.models import Branch, User
from providers import registry
from vouchers.models import PointsRate


def check_rate(branch: Branch, provider: str, rate: Decimal, valid_from: dt.date, *, now: dt.datetime) -> None:
    """Raises ValidationError, by field, for what can be no agreement."""
    spec = registry.SPECS.get(provider)
    if spec is None or spec.values_in != "points":
        raise ValidationError({"provider": _("This issuer does not count in points.")})
    if not rate.is_finite() or rate <= 0:
        raise ValidationError({"rate": _("A point is worth more than nothing.")})
    if valid_from < branch.business_date(now):
        raise ValidationError(
            {"valid_from": _("What was redeemed before today keeps its value: choose today or later.")}
        )


def set_rate(
    branch: Branch, provider: str, rate: Decimal, valid_from: dt.date, *, by: User | None, now: dt.datetime
) -> PointsRate:
    """From this trading day on a point of this issuer takes `rate` of the branch's currency off. Raises ValidationError."""
    check_rate(branch, provider, rate, valid_from, now=now)
    row = PointsRate(branch=branch, provider=provider, rate=rate, valid_from=valid_from, set_by=by, set_at=now)
    row.full_clean()
    row.save(force_insert=True)
    return row
