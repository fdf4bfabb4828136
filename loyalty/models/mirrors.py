"""Cards, programs and visits as the loyalty provider shows them (mirrors).

Amounts are in the major unit of the chain's currency, points as they count them. Theirs are named by external id, as text.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.contracts.loyalty import Attendance
from providers.contracts.loyalty_orders import Movement
from providers.models import Account, MirrorRow


def points(label: Any, **more: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=14, decimal_places=2, **more)


class CardType(MirrorRow):
    title = models.CharField(_("name"), max_length=200)
    chain_id = models.CharField(max_length=80, blank=True)
    chain_title = models.CharField(_("chain"), max_length=200, blank=True)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("type of card")
        verbose_name_plural = _("types of cards")

    def __str__(self) -> str:
        return self.title


class Program(MirrorRow):
    UNITS = [("percent", _("per cent")), ("amount", _("amount")), ("", _("not told"))]

    title = models.CharField(_("name"), max_length=200)
    raw_kind = models.CharField(_("kind as sent"), max_length=120, blank=True)
    chain_id = models.CharField(max_length=80, blank=True)
    value = points(_("value"), null=True)
    unit = models.CharField(_("unit"), max_length=8, choices=UNITS, blank=True)
    is_discount = models.BooleanField(_("discount"), null=True)
    is_cashback = models.BooleanField(_("cashback"), null=True)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("program")
        verbose_name_plural = _("programs")

    def __str__(self) -> str:
        return self.title


class Card(MirrorRow):
    """Of a chain. They do not say in it whose it is: `Holding` keeps as whose it was read."""

    number = models.CharField(_("number"), max_length=40, blank=True)
    balance = points(_("balance"))
    counted = points(_("counted points"), null=True)  # what they call points; nobody has documented what it means
    paid = points(_("paid"), null=True)
    sold = points(_("sold"), null=True)
    visits = models.PositiveIntegerField(_("visits"), null=True)
    type_id = models.CharField(max_length=80, blank=True)
    type_title = models.CharField(_("type of card"), max_length=200, blank=True)
    chain_id = models.CharField(max_length=80, blank=True)
    programs = models.JSONField(
        _("programs"), default=list
    )  # [{"id", "title", "value", "unit", "is_discount", "is_cashback"}]

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("loyalty card")
        verbose_name_plural = _("loyalty cards")
        indexes = [
            models.Index(fields=["account", "number"], name="card_by_number"),
            models.Index(fields=["account", "chain_id", "type_id"], name="card_by_type"),
        ]

    def __str__(self) -> str:
        return f"{self.type_title} · {self.number[-4:]}" if self.number else self.type_title or self.external_id


class Holding(models.Model):
    """Whose card: a client's list of cards, as it was read last. Written with it (loyalty/sync.py), dropped and read again with
    it. The same person is another client at each place of the chain, so a card may be held by several."""

    account = models.ForeignKey(Account, models.PROTECT, db_index=False, related_name="+")
    client_id = models.CharField(max_length=80)
    card_id = models.CharField(max_length=80)
    seen_at = models.DateTimeField(_("as of"))
    missed_at = models.DateTimeField(null=True)  # a night's list did not have it: a second one decides

    class Meta:
        verbose_name = _("holder of a card")
        verbose_name_plural = _("holders of cards")
        constraints = [
            models.UniqueConstraint(fields=["account", "client_id", "card_id"], name="one_holding_a_card"),
        ]
        indexes = [models.Index(fields=["account", "card_id"], name="holding_by_card")]


class LoyaltyTransaction(MirrorRow):
    """They give it no time: `day` is the day of the place under which it was listed. What a visit shows has none until then."""

    MOVEMENTS = [
        (Movement.DISCOUNT.value, _("Discount of a program")),
        (Movement.ACCRUAL.value, _("Points earned")),
        (Movement.WITHDRAWAL.value, _("Points used in a visit")),
        (Movement.REFERRAL.value, _("Points for bringing somebody")),
        (Movement.DEPOSIT_BY_HAND.value, _("Points given by hand")),
        (Movement.WITHDRAWAL_BY_HAND.value, _("Points taken by hand")),
        (Movement.EXPIRY.value, _("Points expired")),
        (Movement.CERTIFICATE.value, _("Gift card used")),
        (Movement.MEMBERSHIP.value, _("Membership used")),
        (Movement.MEMBERSHIP_COST.value, _("Membership recalculated")),
        (Movement.DEPOSIT_USE.value, _("Client account used")),
        (Movement.UNSEEN.value, _("Unknown movement")),
    ]

    movement = models.CharField(_("movement"), max_length=20, choices=MOVEMENTS)
    raw_type = models.CharField(_("type as sent"), max_length=60, blank=True)
    amount = points(_("amount"))  # without a sign: the movement has it
    status = models.CharField(_("status as sent"), max_length=60, blank=True)
    card_id = models.CharField(max_length=80, blank=True)
    program_id = models.CharField(max_length=80, blank=True)
    visit_id = models.CharField(max_length=80, blank=True)
    chain_id = models.CharField(max_length=80, blank=True)
    item_id = models.CharField(max_length=80, blank=True)
    record_id = models.CharField(max_length=80, blank=True)
    is_discount = models.BooleanField(_("discount"), default=False)
    is_withdrawal = models.BooleanField(_("points used"), default=False)
    day = models.DateField(_("day"), null=True)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("loyalty transaction")
        verbose_name_plural = _("loyalty transactions")
        indexes = [
            models.Index(fields=["account", "card_id", "-day", "-id"], name="transaction_by_card"),
            models.Index(fields=["account", "visit_id"], name="transaction_by_visit"),
            models.Index(fields=["account", "day", "id"], name="transaction_by_day"),
        ]

    def __str__(self) -> str:
        return self.external_id


class Appointment(MirrorRow):
    """What they call a record. Several may be one visit."""

    ATTENDANCES = [
        (Attendance.CONFIRMED.value, _("Confirmed")),
        (Attendance.ARRIVED.value, _("Arrived")),
        (Attendance.WAITING.value, _("Waiting for confirmation")),
        (Attendance.NO_SHOW.value, _("Did not come")),
        (Attendance.UNSEEN.value, _("Unknown status")),
    ]

    visit_id = models.CharField(max_length=80, blank=True)
    place_id = models.CharField(max_length=80, blank=True)
    starts_at = models.DateTimeField(_("starts"))
    minutes = models.PositiveIntegerField(_("minutes"), null=True)
    attendance = models.CharField(_("status"), max_length=12, choices=ATTENDANCES)
    client_id = models.CharField(max_length=80, blank=True)
    client_name = models.CharField(_("customer"), max_length=200, blank=True)
    client_phone = models.CharField(_("phone"), max_length=40, blank=True)
    practitioner_id = models.CharField(max_length=80, blank=True)
    practitioner_name = models.CharField(_("practitioner"), max_length=200, blank=True)
    services = models.JSONField(_("services"), default=list)  # [{"id", "title", "cost"}]
    made_at = models.DateTimeField(_("made"), null=True)
    changed_at = models.DateTimeField(_("changed"), null=True)
    is_deleted = models.BooleanField(_("deleted there"), default=False)
    is_paid = models.BooleanField(_("paid"), default=False)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        indexes = [
            models.Index(fields=["account", "client_id", "-starts_at", "-id"], name="appointment_by_client"),
            models.Index(fields=["account", "visit_id"], name="appointment_by_visit"),
            models.Index(fields=["account", "starts_at", "id"], name="appointment_by_start"),
        ]

    def __str__(self) -> str:
        return self.external_id


class Visit(MirrorRow):
    """A visit's bill as it was read last: its items, and what points, programs and money have paid of them."""

    record_id = models.CharField(max_length=80)
    items = models.JSONField(
        _("items"), default=list
    )  # [{"id", "title", "kind", "record_id", "quantity", "first_cost", "discount", "cost"}]
    loyalty = models.JSONField(
        _("paid with points and programs"), default=list
    )  # [{"id", "movement", "amount", "card", "program"}]
    payments = models.JSONField(_("paid with money"), default=list)  # [{"id", "amount", "paid_at"}]
    total = points(_("total"))
    left_to_pay = points(_("left to pay"))

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("visit")
        verbose_name_plural = _("visits")

    def __str__(self) -> str:
        return self.external_id
