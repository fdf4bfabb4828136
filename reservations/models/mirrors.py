"""Reservations, subscriptions and attendances as the provider shows them (mirrors).

Times stand twice: aware, and verbatim as they came, since what a provider means by its zone is disputed.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from providers.contracts.booking_orders import Direction, Subject
from providers.contracts.bookings import ReservationStatus, SubscriptionStatus
from providers.models import MirrorRow


def amount(label: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=14, decimal_places=3, null=True)


class Reservation(MirrorRow):
    STATUSES = [
        (ReservationStatus.PENDING.value, _("Waiting for confirmation")),
        (ReservationStatus.CONFIRMED.value, _("Confirmed")),
        (ReservationStatus.CANCELLED.value, _("Cancelled")),
        (ReservationStatus.DONE.value, _("Visit done")),
        (ReservationStatus.UNSEEN.value, _("Unknown status")),
    ]

    number = models.CharField(_("their number"), max_length=40, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=STATUSES)
    raw_status = models.CharField(_("status as sent"), max_length=40, blank=True)
    custom_status = models.CharField(_("the clinic’s own status"), max_length=80, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    wire_starts = models.CharField(max_length=40)
    wire_ends = models.CharField(max_length=40)
    made_at = models.DateTimeField(_("made"), null=True)
    customer_id = models.CharField(max_length=80, blank=True)
    customer_name = models.CharField(_("customer"), max_length=200, blank=True)
    customer_phone = models.CharField(_("phone"), max_length=40, blank=True)
    product_name = models.CharField(_("product"), max_length=200, blank=True)
    price_name = models.CharField(_("price"), max_length=200, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    practitioners = models.JSONField(_("practitioners"), default=list)  # [{"id" or "", "name"}]
    place_id = models.CharField(max_length=80, blank=True)
    place_name = models.CharField(_("place at the provider"), max_length=200, blank=True)
    total = amount(_("total"))
    remaining = amount(_("left to pay"))
    invoice_total = amount(_("invoice total"))
    payment_status = models.CharField(_("payment"), max_length=40, blank=True)
    source = models.CharField(_("made through"), max_length=40, blank=True)
    cancellation_reason = models.CharField(_("reason for cancelling"), max_length=500, blank=True)
    meeting_url = models.CharField(_("meeting"), max_length=500, blank=True)
    is_walk_in = models.BooleanField(_("walk-in"), default=False)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        indexes = [
            models.Index(fields=["account", "place_id", "starts_at", "id"], name="reservation_by_place"),
            models.Index(fields=["account", "starts_at", "id"], name="reservation_by_start"),
            models.Index(fields=["account", "customer_id", "-starts_at", "-id"], name="reservation_by_customer"),
            models.Index(fields=["customer_phone", "-starts_at", "-id"], name="reservation_by_phone"),
            models.Index(fields=["account", "status", "-starts_at", "-id"], name="reservation_by_status"),
            models.Index(fields=["account", "number"], name="reservation_by_number"),
            # When our copy last changed, its disappearing included: what a partner asks who keeps a copy of the copy.
            models.Index("account", Greatest("seen_at", "gone_at"), "id", name="reservation_by_change"),
        ]

    def __str__(self) -> str:
        return self.number or self.external_id


class Subscription(MirrorRow):
    STATUSES = [
        (SubscriptionStatus.PENDING.value, _("Waiting for payment")),
        (SubscriptionStatus.ACTIVE.value, _("Running")),
        (SubscriptionStatus.PAUSED.value, _("Paused")),
        (SubscriptionStatus.EXPIRED.value, _("Ended")),
        (SubscriptionStatus.CANCELLED.value, _("Cancelled")),
        (SubscriptionStatus.UNSEEN.value, _("Unknown status")),
    ]

    code = models.CharField(_("their number"), max_length=40, blank=True)
    status = models.CharField(_("status"), max_length=12, choices=STATUSES)
    raw_status = models.CharField(_("status as sent"), max_length=40, blank=True)
    customer_id = models.CharField(max_length=80, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"), null=True)
    wire_starts = models.CharField(max_length=40)
    wire_ends = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField(_("made"), null=True)
    is_paused = models.BooleanField(_("paused"), default=False)
    paused_at = models.DateTimeField(_("pause begins"), null=True)  # may lie ahead
    resume_at = models.DateTimeField(_("pause ends"), null=True)
    wire_paused = models.CharField(max_length=40, blank=True)
    wire_resume = models.CharField(max_length=40, blank=True)
    items = models.JSONField(
        _("contents"), default=list
    )  # [{"id", "price_id", "name", "product", "quantity", "cycle"}]
    place_id = models.CharField(max_length=80, blank=True)
    occurrence_days = ArrayField(models.CharField(max_length=20), verbose_name=_("days"), default=list, blank=True)
    paid = amount(_("paid"))
    total = amount(_("total"))
    remaining = amount(_("left to pay"))
    invoice_code = models.CharField(_("invoice"), max_length=40, blank=True)
    invoice_status = models.CharField(_("payment"), max_length=40, blank=True)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        indexes = [
            models.Index(fields=["account", "customer_id", "-starts_at", "-id"], name="subscription_by_customer"),
            models.Index(fields=["account", "status", "ends_at", "id"], name="subscription_by_status"),
        ]

    def __str__(self) -> str:
        return self.code or self.external_id


class Attendance(MirrorRow):
    """Somebody came or went. They give it no id of its own: two of one kind may look alike."""

    SUBJECTS = [(Subject.RESERVATION.value, _("Reservation")), (Subject.SUBSCRIPTION.value, _("Subscription"))]
    DIRECTIONS = [(Direction.CHECK_IN.value, _("Check-in")), (Direction.CHECK_OUT.value, _("Check-out"))]

    subject = models.CharField(_("of a"), max_length=12, choices=SUBJECTS, blank=True)  # '': a word that we do not know
    direction = models.CharField(_("direction"), max_length=12, choices=DIRECTIONS, blank=True)
    subject_id = models.CharField(max_length=80, blank=True)
    subject_name = models.CharField(_("product"), max_length=200, blank=True)
    customer_id = models.CharField(max_length=80, blank=True)
    customer_name = models.CharField(_("customer"), max_length=200, blank=True)
    customer_phone = models.CharField(_("phone"), max_length=40, blank=True)
    practitioners = models.JSONField(_("practitioners"), default=list)
    starts_at = models.DateTimeField(_("starts"), null=True)
    ends_at = models.DateTimeField(_("ends"), null=True)
    is_active = models.BooleanField(_("there now"), default=False)
    may_check_in = models.BooleanField(_("may check in"), default=False)
    is_first = models.BooleanField(_("first visit"), default=False)
    is_package = models.BooleanField(_("of a package"), default=False)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        indexes = [
            models.Index(fields=["account", "subject_id", "id"], name="attendance_by_subject"),
            models.Index(fields=["account", "customer_id", "-id"], name="attendance_by_customer"),
        ]

    def __str__(self) -> str:
        return self.subject_name or self.external_id
