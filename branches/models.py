"""Where staff work: branches, tills, people, and who may do what where."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pghistory
import pghistory.models
import pgtrigger
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from branches.roles import Role

# What is noted of a person beside changes to the row, by branches.audit.note.
DEEDS = (
    *("signed_in", "signed_out", "sign_in_failed", "sign_in_locked"),
    *("code_failed", "code_locked", "proved", "proof_failed", "sessions_ended", "factors_reset"),
    "phone_shown",
)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.UpdateEvent("password", condition=pgtrigger.AnyChange("password")),
    *(pghistory.ManualEvent(deed) for deed in DEEDS),  # type: ignore[no-untyped-call]  # pghistory has no types
    exclude=["password", "last_login"],
)
class User(AbstractUser):
    """A member of staff. What they may do is in their memberships, not in Django's groups.

    The audit notes that a password was set, never what it was or its hash.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    language = models.CharField(
        _("language"), max_length=5, blank=True, choices=[("ar", "العربية"), ("en", "English"), ("fr", "Français")]
    )

    class Meta(AbstractUser.Meta):
        verbose_name = _("member of staff")  # type: ignore[assignment]  # words that are translated later
        verbose_name_plural = _("staff")  # type: ignore[assignment]  # words that are translated later
        triggers = [  # by whatever hand: a person who is let in again does not find her old sessions open
            pgtrigger.Trigger(
                name="switched_off_ends_sessions",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("is_active"),
                func="DELETE FROM branches_session WHERE user_id = NEW.id; RETURN NULL;",
            )
        ]

    def get_full_name(self) -> str:
        return super().get_full_name() or self.username

    def __str__(self) -> str:
        return self.get_full_name()


def midnight() -> dt.time:
    """A function, since Django's checks take a fixed time for a mistake when the clock happens to show it."""
    return dt.time(0, 0)


@cache
def time_zones() -> frozenset[str]:
    """Gathered from hundreds of files, so once."""
    return frozenset(available_timezones())


def known_timezone(value: str) -> None:
    if value not in time_zones():
        raise ValidationError(
            _("%(value)s is not an IANA time zone, for example Asia/Riyadh."), params={"value": value}
        )


class Country(models.TextChoices):
    SA = "SA", _("Saudi Arabia")
    MA = "MA", _("Morocco")


class Currency(models.TextChoices):
    SAR = "SAR", _("Saudi riyal")
    MAD = "MAD", _("Moroccan dirham")


@pghistory.track()
class Branch(models.Model):
    """A clinic's place. Its trading day may end after midnight (`day_ends_at` 05:00 means 04:59 still counts as yesterday)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.SlugField(_("code"), unique=True, max_length=32)
    name_ar = models.CharField(_("name in Arabic"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_fr = models.CharField(_("name in French"), max_length=120)
    company_ar = models.CharField(_("company in Arabic"), max_length=120, blank=True)
    company_en = models.CharField(_("company in Latin letters"), max_length=120, blank=True)
    country = models.CharField(_("country"), max_length=2, choices=Country.choices)
    timezone = models.CharField(_("time zone"), max_length=64, validators=[known_timezone])
    currency = models.CharField(_("currency"), max_length=3, choices=Currency.choices)
    day_ends_at = models.TimeField(_("trading day ends at"), default=midnight)
    shows_hijri = models.BooleanField(_("show Hijri dates"), default=False)
    two_person_limit = models.DecimalField(
        _("decisions above this need two people"), max_digits=12, decimal_places=2, default=Decimal("100.00")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return str(getattr(self, f"name_{(get_language() or 'ar')[:2]}", "") or self.name_en)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def business_date(self, now: dt.datetime) -> dt.date:
        """The trading day that `now` (aware) falls in at this branch."""
        ends = dt.timedelta(hours=self.day_ends_at.hour, minutes=self.day_ends_at.minute)
        return (now.astimezone(self.zone).replace(tzinfo=None) - ends).date()


class Till(models.Model):
    """One machine at a branch. It names where something was done; it grants nothing."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="tills", verbose_name=_("branch"))
    number = models.PositiveSmallIntegerField(_("number"))

    class Meta:
        verbose_name = _("till")
        verbose_name_plural = _("tills")
        ordering = ["branch", "number"]
        constraints = [models.UniqueConstraint(fields=["branch", "number"], name="one_till_a_number")]

    def __str__(self) -> str:
        return f"{self.branch} · {self.number}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Membership(models.Model):
    """Who works where as what. Removing the row ends every right at the next request."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    branch = models.ForeignKey(Branch, models.CASCADE, related_name="memberships", verbose_name=_("branch"))
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["user", "branch"], name="one_role_a_branch")]

    def __str__(self) -> str:
        return f"{self.user} · {self.branch} · {self.get_role_display()}"


class Session(AbstractBaseSession):
    """Who is signed in, since when, from where. The columns repeat what the session itself says (branches/sessions.py)."""

    user_id = models.UUIDField(null=True, db_index=True)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        from branches.sessions import SessionStore

        return SessionStore


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.DeleteEvent(),
    fields=["id", "user", "type", "created_at"],
    model_name="FactorEvent",
    app_label="branches",
)
class Factor(Authenticator):  # type: ignore[misc]  # allauth ships no types
    """A second factor of somebody: for the audit, which notes that it came or went, never its secret."""

    class Meta:
        proxy = True
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")


class Change(pghistory.models.Events):
    """One entry of the audit trail: every tracked table's history in one list, read-only."""

    class Meta:
        proxy = True
        verbose_name = _("change")
        verbose_name_plural = _("change history")
