"""Vouchers as their issuers show them (mirror), and what we did with them (ours)."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, Till
from providers.contracts import VoucherStatus
from providers.models import Account, Operation, never_deleted
from providers.secrets import keyed_hash, seal, seal_json, unseal, unseal_json


def code_hash(code: str) -> str:
    """How we find a code again. Codes are bearer money: the plain one is never a column."""
    return keyed_hash("voucher-code", code)


class Voucher(models.Model):
    """Mirror of one voucher. One writer: vouchers.sync. Nothing of the family beyond the holder's name is kept."""

    STATUSES = [
        (VoucherStatus.USABLE.value, _("Usable")),
        (VoucherStatus.USED.value, _("Used")),
        (VoucherStatus.EXPIRED.value, _("Expired")),
        (VoucherStatus.CANCELED.value, _("Canceled")),
        (VoucherStatus.PENDING.value, _("Pending")),
        (VoucherStatus.UNSEEN.value, _("Unknown status")),
    ]

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("provider account"))
    external_id = models.CharField(_("their id"), max_length=80)
    code_hash = models.CharField(max_length=64, db_index=True)
    code_last4 = models.CharField(_("code ends in"), max_length=4)
    status = models.CharField(_("status"), max_length=12, choices=STATUSES)
    raw_status = models.CharField(_("status as sent"), max_length=40, blank=True)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3)  # or contracts.POINTS
    expires_on = models.DateField(_("expires on"), null=True)
    holder_name = models.CharField(_("holder"), max_length=200, blank=True)
    holder_phone_masked = models.CharField(_("holder's phone"), max_length=40, blank=True)
    holder_phone_hash = models.CharField(max_length=64, blank=True)
    payload = models.JSONField(default=dict)
    payload_hash = models.CharField(max_length=64)
    seen_at = models.DateTimeField(_("as of"))
    gone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        constraints = [models.UniqueConstraint(fields=["account", "external_id"], name="one_voucher_an_id")]

    def __str__(self) -> str:
        return f"••••{self.code_last4}"


class Lookup(models.Model):
    """One code that somebody scanned at a branch: what was asked, what the provider said, and the draft of the redemption.

    Where several vouchers go into one sale, the draft is the first one's, and the others name it in `first`.

    The cards on the voucher are sealed, shown for the choice of the person present, and dropped with the redemption or a day
    later. Until then the draft survives reload, another till and a restart.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Looking up")
        FOUND = "found", _("Found")
        REFUSED = "refused", _("Cannot be used")
        FAILED = "failed", _("No answer")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    branch = models.ForeignKey(Branch, models.PROTECT)
    till = models.ForeignKey(Till, models.SET_NULL, null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    partner = models.UUIDField(null=True)  # whose key asked, where no person did
    account = models.ForeignKey(Account, models.PROTECT, null=True)
    sealed_typed = models.BinaryField(default=b"")
    sealed_code = models.BinaryField(default=b"")
    sealed_cards = models.BinaryField(default=b"")
    code_hash = models.CharField(max_length=64, blank=True, db_index=True)
    code_last4 = models.CharField(max_length=4, blank=True)
    notes = models.JSONField(default=list)  # what was forgiven in the typing
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    refusal_code = models.CharField(max_length=64, blank=True)
    holder = models.ForeignKey(Operation, models.PROTECT, null=True, related_name="+")  # our operation in the way
    voucher = models.ForeignKey(Voucher, models.PROTECT, null=True)
    first = models.ForeignKey("self", models.CASCADE, null=True, related_name="others")
    person = models.CharField(max_length=80, blank=True)  # the chosen card's id
    services_total = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    next_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    set_aside_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="lookup_due", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["branch", "-created_at"], name="lookup_by_branch"),
            models.Index(
                fields=["partner", "created_at"], name="lookup_by_partner", condition=models.Q(partner__isnull=False)
            ),
        ]

    def context(self, what: str) -> str:
        return f"lookup:{self.id}:{what}"

    @property
    def code(self) -> str:
        return unseal(self.sealed_code, self.context("code")) if self.sealed_code else ""

    @property
    def typed(self) -> str:
        return unseal(self.sealed_typed, self.context("typed")) if self.sealed_typed else ""

    @property
    def cards(self) -> list[dict[str, Any]]:
        """[{"id", "name", "phone" masked, "last4", "hash", "valid_until" ISO or ""}], holder first where there is no card.
        Where the owner is told by the phone, it is here too, whole: {"e164"}."""
        return list(unseal_json(self.sealed_cards, self.context("cards"))) if self.sealed_cards else []

    def seal_code(self, typed: str, code: str) -> None:
        self.sealed_typed = seal(typed, self.context("typed"))
        self.sealed_code = seal(code, self.context("code")) if code else b""

    def seal_cards(self, cards: list[dict[str, Any]]) -> None:
        self.sealed_cards = seal_json(cards, self.context("cards")) if cards else b""


class Redemption(models.Model):
    """Vouchers used (or tried) in one sale. Its life is its operation's; its rows are never edited or deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.OneToOneField(Operation, models.PROTECT, related_name="redemption")
    lookup = models.OneToOneField(Lookup, models.SET_NULL, null=True, related_name="redemption")
    services_total = models.DecimalField(_("services total"), max_digits=12, decimal_places=2)
    client_pays = models.DecimalField(_("left to pay"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    rate = models.DecimalField(
        _("value of a point"), max_digits=10, decimal_places=4, null=True
    )  # where they are points
    business_date = models.DateField(_("trading day"))
    person_name = models.CharField(_("person present"), max_length=200, blank=True)
    person_external_id = models.CharField(max_length=80, blank=True)
    person_id_last4 = models.CharField(_("ID ends in"), max_length=4, blank=True)
    person_id_hash = models.CharField(max_length=64, blank=True)
    seen_at = models.DateTimeField(null=True)  # when its final result was put aside at the desk

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        indexes = [models.Index(fields=["business_date"], name="redemption_by_day")]
        triggers = [never_deleted("keep_redemptions")]

    def __str__(self) -> str:
        return self.operation.reference


class RedemptionLine(models.Model):
    """One code of a redemption."""

    redemption = models.ForeignKey(Redemption, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="lines")
    code_hash = models.CharField(max_length=64, db_index=True)
    code_last4 = models.CharField(_("code ends in"), max_length=4)
    sealed_code = models.BinaryField(default=b"")  # for the slip and the case; dropped by the purge
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=2)
    points = models.DecimalField(_("points"), max_digits=14, decimal_places=3, null=True)  # where its value is no money

    class Meta:
        ordering = ["redemption", "position"]
        constraints = [models.UniqueConstraint(fields=["redemption", "position"], name="one_line_a_position")]
        triggers = [never_deleted("keep_lines")]

    def context(self) -> str:
        return f"line:{self.redemption_id}:{self.position}"

    @property
    def code(self) -> str:
        return unseal(self.sealed_code, self.context()) if self.sealed_code else ""
