"""What people did about the mirrors. A reading that somebody asked for waits here: the broker is only a bell."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models.accounts import Account


class SyncDeed(models.Model):
    class Deed(models.TextChoices):
        READ = "read", _("asked for a reading")
        ACCEPT = "accept", _("confirmed that rows were removed")
        NOTE = "note", _("took note of a change of shape")
        RETRY = "retry", _("tried unreadable rows again")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("provider account"))
    collection = models.CharField(_("collection"), max_length=32)
    deed = models.CharField(_("deed"), max_length=8, choices=Deed.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))
    detail = models.CharField(_("detail"), max_length=120, blank=True)
    waits = models.BooleanField(default=False)  # a reading that has not begun

    class Meta:
        verbose_name = _("deed about a mirror")
        verbose_name_plural = _("deeds about mirrors")
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "collection"], condition=models.Q(waits=True), name="one_waiting_order_a_collection"
            )
        ]

    def __str__(self) -> str:
        return f"{self.collection} · {self.get_deed_display()}"
