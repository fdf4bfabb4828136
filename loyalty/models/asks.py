"""What may be asked of a loyalty provider while somebody waits."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models import Question


class Ask(Question):
    class Kind(models.TextChoices):
        CLIENTS = "clients", _("Clients with a phone")
        CLIENT = "client", _("A client’s cards and today’s visits")
        TYPES = "types", _("Cards that can be issued")
        CARD = "card", _("A card and its movements")
        VISIT = "visit", _("A visit’s bill")

    kind = models.CharField(max_length=12, choices=Kind.choices)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="loyalty_ask_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["created_at"], name="loyalty_ask_by_time"),
        ]
