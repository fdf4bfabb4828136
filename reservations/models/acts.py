"""What we did, or tried to do, to bookings and subscriptions. Ours: a mirror may be dropped, these rows may not."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models import Operation, never_deleted


class Act(models.Model):
    """One intended change at a booking provider. Its life, its place and its people are its operation's.

    Theirs are named by external id, as text. `asked` is what a page shows of it; it holds no phone: the request, which does,
    is sealed in the operation.
    """

    class Subject(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        RESERVATION = "reservation", _("Reservation")
        SUBSCRIPTION = "subscription", _("Subscription")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.OneToOneField(Operation, models.PROTECT, related_name="act")
    subject = models.CharField(_("about a"), max_length=12, choices=Subject.choices)
    subject_id = models.CharField(_("their id"), max_length=80, blank=True)  # '' for what is to be made
    customer_id = models.CharField(_("their customer"), max_length=80, blank=True)
    asked = models.JSONField(_("asked for"), default=dict)
    made_ids = ArrayField(
        models.CharField(max_length=80), verbose_name=_("what it made there"), default=list, blank=True
    )
    business_date = models.DateField(_("trading day"))
    external_ref = models.CharField(_("the partner’s reference"), max_length=80, blank=True)
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")  # once more, or undone
    seen_at = models.DateTimeField(null=True)  # when its final result was put aside at the desk

    class Meta:
        verbose_name = _("act on a booking")
        verbose_name_plural = _("acts on bookings")
        indexes = [
            models.Index(fields=["subject_id"], name="act_by_subject"),
            models.Index(fields=["customer_id"], name="act_by_customer"),
            GinIndex(fields=["made_ids"], name="act_by_made"),
            models.Index(fields=["external_ref"], name="act_by_ref", condition=~models.Q(external_ref="")),
        ]
        triggers = [never_deleted("keep_acts")]

    def __str__(self) -> str:
        return self.operation.reference
