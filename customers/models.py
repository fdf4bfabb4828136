"""Customers as each provider knows them (mirror). Nobody here is merged with anybody."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch
from providers import specs
from providers.models import MirrorRow
from providers.secrets import seal, unseal


class ProviderCustomer(MirrorRow):
    """Mirror of one customer in one account. One writer: customers.sync. Several may share a phone: a family."""

    number = models.CharField(_("their customer number"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    folded_name = models.CharField(max_length=200, blank=True)  # as search compares it
    phone = models.CharField(_("phone"), max_length=40, blank=True)  # E.164 where it could be read
    email = models.CharField(_("email"), max_length=200, blank=True)
    is_company = models.BooleanField(_("company"), default=False)
    company = models.CharField(_("company name"), max_length=200, blank=True)
    is_blocked = models.BooleanField(_("blocked there"), default=False)
    place_ids = ArrayField(models.CharField(max_length=80), verbose_name=_("their places"), default=list, blank=True)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            # Without a pending list: after a night's run the planner would rather read the whole table than search it.
            GinIndex(fields=["folded_name"], name="customer_by_name", opclasses=["gin_trgm_ops"], fastupdate=False),
            models.Index(fields=["phone", "id"], name="customer_by_phone"),
            models.Index(fields=["account", "number"], name="customer_by_number"),
            models.Index(fields=["account", "-id"], name="customer_newest"),
        ]

    def __str__(self) -> str:
        return self.name or self.number or self.external_id

    @property
    def is_booked_for(self) -> bool:
        """Their system takes bookings; a loyalty system knows them by their cards."""
        return specs.SPECS[self.account.provider].kind == "reservations"


class Search(models.Model):
    """What somebody looked for. It may be a phone: so it is sealed, and the address of its results says nothing of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    branch = models.ForeignKey(Branch, models.CASCADE)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    sealed_typed = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    def context(self) -> str:
        return f"search:{self.id}"

    @property
    def typed(self) -> str:
        return unseal(self.sealed_typed, self.context())

    def seal_typed(self, text: str) -> None:
        self.sealed_typed = seal(text, self.context())
