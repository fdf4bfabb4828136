"""The journal of every write to a provider: what was meant, what was tried, what was seen, what was decided."""

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
