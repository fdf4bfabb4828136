"""The journal of every write to a provider: what was meant, tried, and each step. What was seen and decided: evidence.py."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, Till
from providers.models.accounts import Account


class State(models.TextChoices):
    CREATED = "created", _("Waiting to be sent")
    PREPARING = "preparing", _("Being prepared")
    SENDING = "sending", _("Being sent")
    UNKNOWN = "unknown", _("Being checked")
    SUCCEEDED = "succeeded", _("Done")
    REFUSED = "refused", _("Refused")
    NOT_SENT = "not_sent", _("Not sent")
    NOT_APPLIED = "not_applied", _("Not done")
    PARTIAL = "partial", _("Done in part")
    NEEDS_REVIEW = "needs_review", _("Needs a person")
    RESOLVED_APPLIED = "resolved_applied", _("Done, decided by a person")
    RESOLVED_NOT_APPLIED = "resolved_not_applied", _("Not done, decided by a person")


OPEN_STATES = [State.CREATED, State.PREPARING, State.SENDING, State.UNKNOWN, State.NEEDS_REVIEW]
LEGAL = [
    ("created", "preparing"),
    ("created", "not_sent"),
    ("created", "unknown"),  # a re-send that came too late: the first send still wants settling
    ("preparing", "created"),
    ("preparing", "not_sent"),
    ("preparing", "refused"),
    ("preparing", "sending"),
    ("preparing", "unknown"),  # before a re-send something is seen, or nothing can be
    ("sending", "created"),
    ("sending", "succeeded"),
    ("sending", "refused"),
    ("sending", "not_sent"),
    ("sending", "unknown"),
    ("unknown", "created"),
    ("unknown", "succeeded"),
    ("unknown", "not_applied"),
    ("unknown", "partial"),
    ("unknown", "needs_review"),
    ("needs_review", "resolved_applied"),
    ("needs_review", "resolved_not_applied"),
]


class Source(models.TextChoices):
    STAFF = "staff", _("Staff")
    PARTNER = "partner", _("Partner")
    SYSTEM = "system", _("System")


class EvidenceLevel(models.TextChoices):
    NONE = "", _("None")
    RESPONSE = "response", _("Issuer's answer")
    INFERRED = "inferred", _("Found by looking")
    PERSON = "person", _("A person's decision")


def append_only(name: str) -> pgtrigger.Protect:
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


def never_deleted(name: str) -> pgtrigger.Protect:
    return pgtrigger.Protect(name=name, operation=pgtrigger.Delete)


class Operation(models.Model):
    """One intended effect at a provider. Born committed, ends in a state that never changes."""

    id = models.UUIDField(primary_key=True, editable=False)  # made by the caller: an in-doubt commit is looked up by it
    reference = models.CharField(_("our reference"), max_length=16, unique=True)
    kind = models.CharField(_("kind"), max_length=32)
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("provider account"))
    branch = models.ForeignKey(Branch, models.PROTECT, verbose_name=_("branch"))
    till = models.ForeignKey(Till, models.SET_NULL, null=True, blank=True, verbose_name=_("till"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name=_("by"))
    source = models.CharField(_("source"), max_length=8, choices=Source.choices)
    form_token = models.UUIDField(null=True)
    partner = models.UUIDField(null=True)  # whose key asked for it: `partners` knows who that is
    external_ref = models.CharField(_("the partner’s reference"), max_length=80, blank=True)

    sealed_request = models.BinaryField(editable=False)  # the bytes to send and re-send, never others
    request_sha256 = models.CharField(max_length=64)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3)

    state = models.CharField(_("state"), max_length=24, choices=State.choices, default=State.CREATED)
    refusal_code = models.CharField(_("reason"), max_length=64, blank=True)
    evidence_level = models.CharField(_("evidence"), max_length=8, choices=EvidenceLevel.choices, blank=True)
    snapshot = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)

    steps = models.PositiveSmallIntegerField(default=0)  # transitions so far, and the hash of the last one
    last_hash = models.CharField(max_length=64, blank=True)
    claim_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    send_before = models.DateTimeField(_("send before"))
    next_at = models.DateTimeField(null=True)  # when a worker should look at this row again; null when nobody should
    sends = models.PositiveSmallIntegerField(_("sends"), default=0)
    sent_at = models.DateTimeField(_("last sent"), null=True)
    looks = models.PositiveIntegerField(_("looks"), default=0)
    clear_looks = models.PositiveSmallIntegerField(_("looks that found nothing"), default=0)
    cleared_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(_("escalated"), null=True)
    created_at = models.DateTimeField(_("created"))
    changed_at = models.DateTimeField(_("last step"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        indexes = [
            models.Index(fields=["next_at"], name="operation_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["branch", "-created_at", "id"], name="operation_by_branch"),
            models.Index(fields=["branch", "changed_at", "id"], name="operation_by_change"),
            models.Index(
                fields=["partner", "external_ref"], name="operation_by_ref", condition=~models.Q(external_ref="")
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["actor", "form_token"], name="one_operation_a_form"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="known_state"),
        ]
        triggers = [
            pgtrigger.FSM(name="legal_states", field="state", transitions=LEGAL),
            never_deleted("keep_operations"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def in_part(self) -> bool:
        """Done, and not the whole of it: `outcome` names the resources that were."""
        return self.state == State.PARTIAL or (self.state == State.RESOLVED_APPLIED and "applied" in self.outcome)

    def request_context(self) -> str:
        return f"operation:{self.id}"


class Claim(models.Model):
    """Who holds a resource. The partial unique index is the guard against doubling: it outlives every process."""

    account = models.ForeignKey(Account, models.PROTECT)
    resource = models.CharField(max_length=120)
    operation = models.ForeignKey(Operation, models.PROTECT, related_name="claims")
    open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "resource"], name="one_open_claim", condition=models.Q(open=True)
            )
        ]
        triggers = [never_deleted("keep_claims")]


class Attempt(models.Model):
    """One send that was about to happen. Committed before the first byte leaves."""

    operation = models.ForeignKey(Operation, models.PROTECT, related_name="attempts")
    n = models.PositiveSmallIntegerField()
    claim_token = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operation", "n"], name="one_attempt_a_number")]
        triggers = [append_only("keep_attempts")]


class Transition(models.Model):
    """One step of an operation's life, chained by hash so that a changed row shows."""

    operation = models.ForeignKey(Operation, models.PROTECT, related_name="transitions")
    n = models.PositiveSmallIntegerField()
    before = models.CharField(max_length=24, blank=True)
    after = models.CharField(max_length=24)
    by = models.CharField(max_length=80)
    reason = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["operation", "n"]
        constraints = [models.UniqueConstraint(fields=["operation", "n"], name="one_transition_a_number")]
        triggers = [append_only("keep_transitions")]
