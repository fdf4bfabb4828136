"""Questions that somebody at a desk waits for. A worker asks the provider; the page polls this row."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, Till
from providers.models import Account
from providers.secrets import seal, unseal


class Ask(models.Model):
    """`given` is sealed: it may hold a phone. `result` holds ids of rows and free times, nothing of a person."""

    class Kind(models.TextChoices):
        SLOTS = "slots", _("Free times")
        CUSTOMERS = "customers", _("Customers with a phone")
        CUSTOMER = "customer", _("A customer and what they have")
        RESERVATION = "reservation", _("One reservation")
        SUBSCRIPTION = "subscription", _("One subscription")

    class State(models.TextChoices):
        WAITING = "waiting", _("Looking up")
        ANSWERED = "answered", _("Answered")
        FAILED = "failed", _("No answer")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    account = models.ForeignKey(Account, models.PROTECT)
    branch = models.ForeignKey(Branch, models.PROTECT)
    till = models.ForeignKey(Till, models.SET_NULL, null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    sealed_given = models.BinaryField(default=b"")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    refusal_code = models.CharField(max_length=64, blank=True)
    result = models.JSONField(default=dict)
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()  # an answer older than this is asked for again

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="ask_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["created_at"], name="ask_by_time"),
        ]

    def context(self) -> str:
        return f"ask:{self.id}"

    @property
    def given(self) -> dict[str, Any]:
        return dict(json.loads(unseal(self.sealed_given, self.context())))

    def seal_given(self, given: dict[str, Any]) -> None:
        self.sealed_given = seal(json.dumps(given, sort_keys=True), self.context())
