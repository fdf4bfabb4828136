"""One login at one provider, and which branches use it."""

from __future__ import annotations

import uuid
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch
from providers.secrets import seal_json, unseal_json
from providers.specs import base_url_problem

CURRENT, NEXT = "current", "next"


class Environment(models.TextChoices):
    LIVE = "live", _("Live")
    TESTING = "testing", _("Provider's test system")
    SANDBOX = "sandbox", _("Sandbox")


@pghistory.track(exclude=["sealed_current", "sealed_next"])
class Account(models.Model):
    """Secrets are sealed in two slots: `current`, and `next` for a rotation that takes over at the first refusal."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.CharField(_("provider"), max_length=32)
    label = models.CharField(_("label"), max_length=80)
    environment = models.CharField(_("environment"), max_length=8, choices=Environment.choices)
    base_url = models.URLField(_("base URL"), max_length=200)
    settings = models.JSONField(_("settings"), default=dict, blank=True)
    sealed_current = models.BinaryField(editable=False, default=b"")
    sealed_next = models.BinaryField(editable=False, default=b"")
    current_set_at = models.DateTimeField(_("secrets set"), null=True, editable=False)
    next_set_at = models.DateTimeField(_("next secrets set"), null=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")
        ordering = ["provider", "label"]

    def __str__(self) -> str:
        return f"{self.provider} · {self.label}"

    def clean(self) -> None:
        problem = base_url_problem(self.provider, self.base_url, self.environment)
        if problem:
            raise ValidationError({"base_url": problem})

    def secrets(self, slot: str = CURRENT) -> dict[str, str]:
        sealed = self.sealed_current if slot == CURRENT else self.sealed_next
        return dict(unseal_json(sealed, self.context(slot))) if sealed else {}

    def seal_secrets(self, secrets: dict[str, str], slot: str = CURRENT) -> None:
        sealed = seal_json(secrets, self.context(slot)) if secrets else b""
        setattr(self, f"sealed_{slot}", sealed)

    def context(self, slot: str) -> str:
        return f"account:{self.id}:{slot}"


class AccountToken(models.Model):
    """The login token that all processes share. A token that lives for decades is a secret like the password."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="token", primary_key=True)
    sealed = models.BinaryField(default=b"")
    obtained_at = models.DateTimeField(null=True)

    def context(self) -> str:
        return f"token:{self.account_id}"


class AccountHealth(models.Model):
    """How the provider has answered lately, and whether new writes may start (the circuit)."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="health", primary_key=True)
    last_good_at = models.DateTimeField(_("last good call"), null=True)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    open_until = models.DateTimeField(_("no new writes until"), null=True)
    last_problem = models.CharField(_("last problem"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("provider health")
        verbose_name_plural = _("provider health")

    def __str__(self) -> str:
        return str(self.account)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class BranchAccount(models.Model):
    """Which account a branch uses at a provider, and the provider's own name for the place."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="accounts", verbose_name=_("branch"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="places", verbose_name=_("provider account"))
    place: Any = models.JSONField(_("place at the provider"), default=dict, blank=True)

    class Meta:
        verbose_name = _("branch account")
        verbose_name_plural = _("branch accounts")
        constraints = [models.UniqueConstraint(fields=["branch", "account"], name="one_link_a_branch_account")]

    def __str__(self) -> str:
        return f"{self.branch} · {self.account}"


class Heartbeat(models.Model):
    """When the scheduler last reached a worker: /readyz and the status page read it."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
