"""Questions that somebody at a desk waits for. A worker asks the provider; the page polls the row."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, Till
from providers.models.accounts import Account
from providers.secrets import seal, unseal


class AskState(models.TextChoices):
    WAITING = "waiting", _("Looking up")
    ANSWERED = "answered", _("Answered")
    FAILED = "failed", _("No answer")


class Question(models.Model):
    """`given` is sealed: it may hold a phone, or what a customer answered to the clinic. `result` holds ids of rows and what is
    free, nothing of a person. A domain says with `kind` what it can ask."""

    State = AskState

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    till = models.ForeignKey(Till, models.SET_NULL, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    sealed_given = models.BinaryField(default=b"")
    state = models.CharField(max_length=8, choices=AskState.choices, default=AskState.WAITING)
    refusal_code = models.CharField(max_length=64, blank=True)
    result = models.JSONField(default=dict)
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()  # an answer older than this is asked for again

    class Meta:
        abstract = True

    def context(self) -> str:
        return f"ask:{self.id}"

    @property
    def given(self) -> dict[str, Any]:
        return dict(json.loads(unseal(self.sealed_given, self.context())))

    def seal_given(self, given: dict[str, Any]) -> None:
        self.sealed_given = seal(json.dumps(given, sort_keys=True), self.context())
