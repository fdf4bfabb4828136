"""Who may call our API, with which key, and what has been asked under which Idempotency-Key."""

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
