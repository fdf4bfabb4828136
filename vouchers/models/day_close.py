"""The end of a till's trading day, and what left the ledger as a file: both are written once and stay."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, Till
from providers.models import append_only


class DayClose(models.Model):
    """What a till's trading day came to when somebody closed it. What ends later is shown beside it and changes nothing.

    `closed_at` is the database's clock, and the border: exactly the redemptions that had ended by then are in the sums.
    """

    branch = models.ForeignKey(Branch, models.PROTECT, verbose_name=_("branch"))
    till = models.ForeignKey(Till, models.PROTECT, verbose_name=_("till"))
    business_date = models.DateField(_("trading day"))
    sums = models.JSONField(_("sums"))  # a row an issuer and currency, as selectors.day_close.TillSum has it
    currency = models.CharField(_("currency"), max_length=3)  # of what was counted
    counted = models.DecimalField(_("counted"), max_digits=12, decimal_places=2, null=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("closed by"))
    closed_at = models.DateTimeField(_("closed"))

    class Meta:
        verbose_name = _("day close")
        verbose_name_plural = _("day closes")
        constraints = [models.UniqueConstraint(fields=["till", "business_date"], name="one_close_a_till_and_day")]
        triggers = [append_only("keep_day_closes")]

    def __str__(self) -> str:
        return f"{self.till} · {self.business_date}"


@pghistory.track(pghistory.InsertEvent())
class LedgerExport(models.Model):
    """Somebody took rows of the ledger away as a file. Shown in the audit trail."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by"))
    at = models.DateTimeField(_("time"))
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    filter = models.JSONField(_("filter"))
    rows = models.PositiveIntegerField(_("rows"))
    cut = models.BooleanField(_("cut off at the most rows"))

    class Meta:
        verbose_name = _("export of the ledger")
        verbose_name_plural = _("exports of the ledger")
        triggers = [append_only("keep_exports")]

    def __str__(self) -> str:
        return f"{self.get_format_display()} · {self.rows}"
