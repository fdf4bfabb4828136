"""What we did, or tried to do, to cards and in visits. Ours: a mirror may be dropped, these rows may not."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.models.mirrors import points
from providers.models import Operation, never_deleted


class Reason(models.TextChoices):
    """Why points are given or taken by hand."""

    GOODWILL = "goodwill", _("Goodwill after a complaint")
    MISSED = "missed", _("Points of a visit were missing")
    BIRTHDAY = "birthday", _("Birthday or feast")
    CAMPAIGN = "campaign", _("Campaign")
    CORRECTION = "correction", _("Correction of a mistake")
    RETURN = "return", _("Service was given back")
    OTHER = "other", _("Another reason")


class Act(models.Model):
    """One intended change at a loyalty provider. Its life, its place and its people are its operation's.

    `requested` is what was asked for, signed: above zero it gives, below it takes. `applied` is what was really moved, found in
    their answer or by looking, and None until that is known. `asked` is what a page shows of it; it holds no phone.
    """

    class Subject(models.TextChoices):
        CARD = "card", _("Card")
        VISIT = "visit", _("Visit")
        CUSTOMER = "customer", _("Customer")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.OneToOneField(Operation, models.PROTECT, related_name="loyalty_act")
    subject = models.CharField(_("about a"), max_length=12, choices=Subject.choices)
    client_id = models.CharField(_("their client"), max_length=80, blank=True)
    card_id = models.CharField(_("their card"), max_length=80, blank=True)  # '' for one that is to be issued
    visit_id = models.CharField(_("their visit"), max_length=80, blank=True)
    record_id = models.CharField(_("their record"), max_length=80, blank=True)
    program_id = models.CharField(_("their program"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    requested = points(_("asked for"), null=True)
    applied = points(_("really moved"), null=True)
    balance_before = points(_("balance before"), null=True)
    balance_after = points(_("balance after"), null=True)
    left_to_pay = points(_("left to pay"), null=True)
    transaction_ids = ArrayField(
        models.CharField(max_length=80), verbose_name=_("their transactions"), default=list, blank=True
    )
    made_id = models.CharField(_("what it made there"), max_length=80, blank=True)  # a card
    asked = models.JSONField(_("shown"), default=dict)
    business_date = models.DateField(_("trading day"))
    external_ref = models.CharField(_("the partner’s reference"), max_length=80, blank=True)
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")  # cancels, or once more
    seen_at = models.DateTimeField(null=True)  # when its final result was put aside at the desk

    class Meta:
        verbose_name = _("act on a card")
        verbose_name_plural = _("acts on cards")
        indexes = [
            models.Index(fields=["card_id"], name="loyalty_act_by_card"),
            models.Index(fields=["visit_id"], name="loyalty_act_by_visit"),
            models.Index(fields=["client_id"], name="loyalty_act_by_client"),
            GinIndex(fields=["transaction_ids"], name="loyalty_act_by_transaction"),
            models.Index(fields=["external_ref"], name="loyalty_act_by_ref", condition=~models.Q(external_ref="")),
        ]
        triggers = [never_deleted("keep_loyalty_acts")]

    def __str__(self) -> str:
        return self.operation.reference
