"""Who took a report away as a file."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models import append_only


@pghistory.track(pghistory.InsertEvent())
class OwedExport(models.Model):
    """Somebody took what is owed in points away as a file. Shown in the audit trail."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("time"))
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    filter = models.JSONField(_("filter"))
    rows = models.PositiveIntegerField(_("rows"))

    class Meta:
        verbose_name = _("export of what is owed in points")
        verbose_name_plural = _("exports of what is owed in points")
        triggers = [append_only("keep_owed_exports")]

    def __str__(self) -> str:
        return f"{self.get_format_display()} · {self.rows}"
