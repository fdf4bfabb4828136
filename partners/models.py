"""Who may call our API, with which key, what has been asked under which Idempotency-Key, and what a partner is told."""

from __future__ import annotations

import uuid

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models import Operation


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class Partner(models.Model):
    """A company whose programs call ours. Never deleted: the ledger speaks of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.SlugField(_("name"), unique=True, max_length=40)
    contact = models.CharField(_("whom to ask"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), editable=False)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    exclude=["secret_hash", "last_used_at", "last_used_from"],
    model_name="KeyEvent",
)
class Key(models.Model):
    """One key. It is shown once; what is kept finds it again and cannot be turned back into it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="keys", verbose_name=_("partner"))
    prefix = models.CharField(_("begins with"), max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    branches = ArrayField(models.SlugField(max_length=32), verbose_name=_("branches"))
    scopes = ArrayField(models.CharField(max_length=24), verbose_name=_("scopes"))
    addresses = ArrayField(
        models.CharField(max_length=43), verbose_name=_("addresses that may use it"), default=list, blank=True
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True)
    last_used_from = models.CharField(_("last used from"), max_length=45, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("key")
        verbose_name_plural = _("keys")
        ordering = ["partner", "-created_at"]

    def __str__(self) -> str:
        return f"{self.partner} · {self.prefix}"


class Asked(models.Model):
    """One Idempotency-Key of a partner, committed with the operation that it began: the one exists if the other does.

    The answer is kept once it is final, as the bytes that were sent. The key is forgotten after a while; a voucher's claim is
    not, so that even a forgotten key cannot use it twice.
    """

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="asked")
    key_hash = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)
    operation = models.OneToOneField(Operation, models.PROTECT, related_name="asked")
    created_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner", "key_hash"], name="one_operation_a_key")]


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    exclude=["sealed_secret", "sealed_before", "failing_since", "rests_until", "token"],
    model_name="ReceiverEvent",
)
class Receiver(models.Model):
    """Where a partner wants to be told what became of its operations. Of the secret it sees one showing; we sign with it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.OneToOneField(Partner, models.PROTECT, related_name="receiver", verbose_name=_("partner"))
    url = models.CharField(_("address"), max_length=300)
    sealed_secret = models.BinaryField()
    sealed_before = models.BinaryField(default=b"")  # the one before: signed with as well, for as long as it is good
    before_until = models.DateTimeField(_("the secret before is good until"), null=True)
    is_active = models.BooleanField(_("active"), default=True)
    switched_off_at = models.DateTimeField(_("switched off by itself"), null=True)
    failing_since = models.DateTimeField(_("failing since"), null=True)
    rests_until = models.DateTimeField(null=True)  # nobody knocks before; a worker that is at it has it, too
    token = models.UUIDField(null=True)  # of that worker
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("webhook of a partner")
        verbose_name_plural = _("webhooks of partners")
        ordering = ["partner"]

    def __str__(self) -> str:
        return str(self.partner)

    def context(self, which: str) -> str:
        return f"receiver:{self.id}:{which}"


class Notice(models.Model):
    """One thing that a partner is told: committed with the step of the operation that it tells of, or not at all.

    The body is what is sent, every time the same bytes. It holds no person and no code.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits to be told")
        DELIVERED = "delivered", _("Told")
        GIVEN_UP = "given_up", _("Given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    receiver = models.ForeignKey(Receiver, models.PROTECT, db_index=False, verbose_name=_("webhook"))
    operation = models.ForeignKey(Operation, models.PROTECT, db_index=False, related_name="+")
    sequence = models.PositiveSmallIntegerField(
        _("step")
    )  # grows with each step of an operation; steps between are not told
    status = models.CharField(_("status"), max_length=16)
    body = models.TextField(_("body"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("created"))
    queued_at = models.DateTimeField()  # since when it is tried: anew when somebody has it told again
    next_at = models.DateTimeField()
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("message to a partner")
        verbose_name_plural = _("messages to partners")
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["operation", "sequence"], name="one_notice_a_step")]
        indexes = [
            models.Index(fields=["receiver", "next_at"], name="notice_due", condition=models.Q(state="waiting")),
            models.Index(fields=["created_at"], name="notice_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} · {self.status}"

    @property
    def name(self) -> str:
        """What the header `webhook-id` says, at every try."""
        return f"msg_{self.id.hex}"


class Knock(models.Model):
    """One try to tell it, and what came of it. Of the answer only its status is kept."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="knocks")
    at = models.DateTimeField(_("at"))
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    problem = models.CharField(_("problem"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        ordering = ["at", "id"]
