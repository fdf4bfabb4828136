"""What may be asked of a booking provider while somebody waits."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models import Question


class Ask(Question):
    class Kind(models.TextChoices):
        SLOTS = "slots", _("Free times")
        CUSTOMERS = "customers", _("Customers with a phone")
        CUSTOMER = "customer", _("A customer and what they have")
        RESERVATION = "reservation", _("One reservation")
        SUBSCRIPTION = "subscription", _("One subscription")

    kind = models.CharField(max_length=12, choices=Kind.choices)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="ask_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["created_at"], name="ask_by_time"),
        ]
