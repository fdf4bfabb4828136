"""What providers tell us by themselves, stored before anything is made of it, and where they may tell it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models.accounts import Account


class HookAddress(models.Model):
    """The address that one account's provider calls. Whoever knows it may knock, so it is a secret: a dump of the database
    shows a keyed hash to find it by and a sealed copy to show it to an administrator, and neither opens the door.

    The counters bound what can be stored, whoever knocks: providers/hooks/storing.py."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="hook_address", primary_key=True)
    key_hash = models.CharField(max_length=64, unique=True)
    sealed_key = models.BinaryField()
    made_at = models.DateTimeField()
    minute = models.DateTimeField(null=True)
    minute_count = models.PositiveIntegerField(default=0)
    day = models.DateField(null=True)
    day_bytes = models.PositiveBigIntegerField(default=0)

    def context(self) -> str:
        return f"hook address:{self.account_id}"


class Hook(models.Model):
    """One event. It is a hint and never a fact: a worker reads the record that it names, and keeps what that says."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits to be looked at")
        DONE = "done", _("Record read")
        IGNORED = "ignored", _("Nothing of ours")
        UNREADABLE = "unreadable", _("Unreadable")
        FAILED = "failed", _("Given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, db_index=False, verbose_name=_("provider account"))
    event_key = models.CharField(max_length=90)  # their id of it, or the hash of one that has none
    event = models.CharField(_("event"), max_length=80, blank=True)
    subject_kind = models.CharField(_("about a"), max_length=20, blank=True)
    subject_id = models.CharField(_("their id"), max_length=80, blank=True)
    made_at = models.DateTimeField(_("made there"), null=True)
    received_at = models.DateTimeField(_("received"))
    sealed_body = models.BinaryField(default=b"")
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    problem = models.CharField(_("problem"), max_length=64, blank=True)
    next_at = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)  # of the worker that has it
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("event from a provider")
        verbose_name_plural = _("events from providers")
        ordering = ["-received_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["account", "event_key"], name="one_hook_an_event")]
        indexes = [
            models.Index(fields=["next_at"], name="hook_due", condition=models.Q(state="waiting")),
            models.Index(fields=["account", "subject_kind", "subject_id"], name="hook_by_subject"),
            models.Index(fields=["received_at"], name="hook_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.event or '—'} · {self.subject_id}"

    def context(self) -> str:
        return f"hook:{self.id}"
