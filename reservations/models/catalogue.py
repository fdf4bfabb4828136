"""What can be booked, by whom, and where, as the provider shows it (mirrors)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from providers.contracts.bookings import ProductKind
from providers.models import MirrorRow


@dataclass(frozen=True, slots=True)
class Price:
    """One price of a product. `price_id` changes whenever it is edited there: it is read fresh and never kept. `stable_id`
    does not change; '' where they do not tell."""

    price_id: str
    stable_id: str
    names: tuple[str, ...]  # as they have it, in Arabic, in English
    amount: Decimal
    discounted: Decimal
    deposit: Decimal | None
    minutes: int | None
    billing_cycle: str
    billing_days: int | None
    has_occurrence: bool

    @property
    def name(self) -> str:
        return localised(self.names)


def localised(names: tuple[str, ...]) -> str:
    """(as they have it, Arabic, English): in the reader's language where they have it."""
    plain, arabic, english = names
    return (arabic if (get_language() or "ar")[:2] == "ar" else english) or plain


class Place(MirrorRow):
    """A branch as the provider knows it. Which of ours uses it is in providers.BranchAccount."""

    name = models.CharField(_("name"), max_length=200)
    name_ar = models.CharField(_("name in Arabic"), max_length=200, blank=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    address_url = models.CharField(_("address"), max_length=500, blank=True)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("place at the provider")
        verbose_name_plural = _("places at the provider")

    def __str__(self) -> str:
        return localised((self.name, self.name_ar, self.name_en))


class Practitioner(MirrorRow):
    name = models.CharField(_("name"), max_length=200)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("practitioner")
        verbose_name_plural = _("practitioners")

    def __str__(self) -> str:
        return self.name


class Product(MirrorRow):
    """Something that is booked or subscribed to. Its prices stand in one column: they are read with it, and never alone."""

    KINDS = [
        (ProductKind.RESERVATION.value, _("Appointment")),
        (ProductKind.SUBSCRIPTION.value, _("Subscription")),
        (ProductKind.MERCHANDISE.value, _("Goods")),
        (ProductKind.UNSEEN.value, _("Unknown kind")),
    ]

    name = models.CharField(_("name"), max_length=200)
    name_ar = models.CharField(_("name in Arabic"), max_length=200, blank=True)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    description = models.CharField(_("description"), max_length=1000, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=KINDS)
    raw_kind = models.CharField(_("kind as sent"), max_length=40, blank=True)
    minutes = models.PositiveIntegerField(_("minutes"), null=True)
    most_per_order = models.PositiveIntegerField(_("most in one order"), null=True)
    out_of_stock = models.BooleanField(_("sold out"), default=False)
    prices = models.JSONField(_("prices"), default=list)
    practitioners = models.JSONField(_("practitioners"), default=list)  # [{"id", "name"}]
    fields = models.JSONField(_("questions"), default=list)  # [{"name", "label", "kind", "required"}]
    place_ids = ArrayField(models.CharField(max_length=80), verbose_name=_("their places"), default=list, blank=True)

    class Meta(MirrorRow.Meta):
        abstract = False
        verbose_name = _("product")
        verbose_name_plural = _("products")

    def __str__(self) -> str:
        return localised(self.names)

    @property
    def names(self) -> tuple[str, str, str]:
        return self.name, self.name_ar, self.name_en

    @property
    def price_list(self) -> list[Price]:
        return [price_from(row) for row in self.prices]


def price_from(row: dict[str, Any]) -> Price:
    return Price(
        price_id=row["price_id"],
        stable_id=row["stable_id"],
        names=tuple(row["names"]),
        amount=Decimal(row["amount"]),
        discounted=Decimal(row["discounted"]),
        deposit=None if row["deposit"] is None else Decimal(row["deposit"]),
        minutes=row["minutes"],
        billing_cycle=row["billing_cycle"],
        billing_days=row["billing_days"],
        has_occurrence=row["has_occurrence"],
    )
