"""What an issuer's points are worth at a branch, from which day on."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch
from providers.models import append_only


@pghistory.track(pghistory.InsertEvent())
class PointsRate(models.Model):
    """One agreement: from this trading day on a point takes so much off the bill. A new one is a new row, never a change:
    what was redeemed yesterday was redeemed at yesterday's rate."""

    branch = models.ForeignKey(Branch, models.PROTECT, verbose_name=_("branch"))
    provider = models.CharField(_("provider"), max_length=32)
    valid_from = models.DateField(_("valid from"))
    rate = models.DecimalField(_("value of a point"), max_digits=10, decimal_places=4)  # in the branch's currency
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, verbose_name=_("by")
    )
    set_at = models.DateTimeField(_("time"), editable=False)

    class Meta:
        verbose_name = _("value of points")
        verbose_name_plural = _("values of points")
        ordering = ["branch", "provider", "-valid_from", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="points_are_worth_something"),
        ]
        indexes = [models.Index(fields=["branch", "provider", "-valid_from", "-id"], name="rate_of_a_day")]
        triggers = [append_only("keep_rates")]

    def __str__(self) -> str:
        return f"{self.branch} · {self.provider} · {self.valid_from} · {self.rate.normalize():f}"
