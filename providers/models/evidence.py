"""What was seen and decided of a write to a provider, where our books and theirs disagree, and every request."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch
from providers.models.accounts import Account
from providers.models.operations import Operation, append_only, never_deleted


class Evidence(models.Model):
    """One fact about an operation. Late answers are appended too, never dropped."""

    class From(models.TextChoices):
        BEFORE = "before", _("Look before sending")
        RESPONSE = "response", _("Issuer's answer")
        READ = "read", _("Look afterwards")
        LATE = "late", _("Answer that came too late")
        WATCH = "watch", _("Later check")
        PERSON = "person", _("A person")

    operation = models.ForeignKey(Operation, models.PROTECT, related_name="evidence")
    source = models.CharField(max_length=8, choices=From.choices)
    verdict = models.CharField(max_length=24)
    code = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["at", "id"]
        triggers = [append_only("keep_evidence")]


class Decision(models.Model):
    """What one person decided about an operation that a machine could not. Above a limit two must agree."""

    operation = models.ForeignKey(Operation, models.PROTECT, related_name="decisions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT)
    applied = models.BooleanField()
    part = models.JSONField(default=list)  # resources that were used, sorted; empty where it was all of them, or none
    named = models.JSONField(null=True)  # what it made there, by their ids, sorted; None where that was not to be said
    reason = models.CharField(max_length=32)
    note = models.CharField(max_length=500, blank=True)
    round = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["operation", "person", "round"], name="one_decision_a_person")]
        triggers = [append_only("keep_decisions")]

    @property
    def word(self) -> tuple[bool, tuple[str, ...], tuple[str, ...] | None]:
        """What two people must agree on."""
        return self.applied, tuple(self.part), None if self.named is None else tuple(self.named)


class Discrepancy(models.Model):
    """Our books and the provider disagree. Found by a later look; closed by a person with a reason."""

    class Kind(models.TextChoices):
        LATE_EFFECT = "late_effect", _("Used at the issuer after we judged that it was not")
        UNSEEN_STATUS = "unseen_status", _("A status word that nobody has documented")
        CONTRACT = "contract", _("An answer that we cannot read")
        MISSING_EFFECT = "missing_effect", _("The issuer said yes, and shows a voucher as unused")
        ORPHAN_EFFECT = "orphan_effect", _("Used at the issuer, and no redemption of ours explains it")
        BALANCE = "balance", _("A card’s balance and its movements do not add up")
        CLOCK = "clock", _("What we sent comes back by another clock")

    account = models.ForeignKey(Account, models.PROTECT)
    branch = models.ForeignKey(Branch, models.PROTECT)
    operation = models.ForeignKey(Operation, models.PROTECT, null=True, blank=True, related_name="discrepancies")
    kind = models.CharField(_("kind"), max_length=24, choices=Kind.choices)
    resource = models.CharField(max_length=120, blank=True)  # as in Claim; an effect is listed once, open or closed
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closing_note = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("discrepancy")
        verbose_name_plural = _("discrepancies")
        constraints = [
            models.UniqueConstraint(
                fields=["operation", "kind"],
                name="one_open_discrepancy_a_kind",
                condition=models.Q(closed_at__isnull=True, operation__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["account", "resource", "kind"],
                name="one_discrepancy_a_resource",
                condition=~models.Q(resource=""),
            ),
        ]
        triggers = [never_deleted("keep_discrepancies")]


class Call(models.Model):
    """The redacted journal of every request to a provider. Purged after 90 days."""

    account = models.ForeignKey(Account, models.CASCADE)
    operation = models.ForeignKey(Operation, models.SET_NULL, null=True, related_name="calls")
    at = models.DateTimeField(_("at"))
    method = models.CharField(max_length=8)
    path = models.CharField(_("path"), max_length=200)
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    sent = models.TextField(_("sent"), blank=True)
    received = models.TextField(_("received"), blank=True)
    received_sha256 = models.CharField(max_length=64, blank=True)
    error = models.CharField(_("error"), max_length=64, blank=True)
    bytes_left = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("provider call")
        verbose_name_plural = _("provider calls")
        indexes = [models.Index(fields=["-at", "id"], name="call_by_time")]
