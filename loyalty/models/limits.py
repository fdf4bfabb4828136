"""How many points a role may move by hand, and what waits for a second person because it is more."""

from __future__ import annotations

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from branches.models import Branch, Till
from branches.roles import Role
from loyalty.models.acts import Act, Reason
from loyalty.models.mirrors import points
from providers.models import Account, never_deleted


@pghistory.track()
class Limit(models.Model):
    """Of a role at a branch; the row without a role is of each partner's programs. Without a row the defaults stand
    (loyalty/services/limits.py)."""

    branch = models.ForeignKey(Branch, models.CASCADE, related_name="+", verbose_name=_("branch"))
    role = models.CharField(
        _("role"), max_length=16, choices=Role.choices, blank=True, help_text=_("None for the programs of a partner.")
    )
    alone = points(_("at once without a second person"))
    a_day = points(_("a person a trading day"))

    class Meta:
        verbose_name = _("limit of points by hand")
        verbose_name_plural = _("limits of points by hand")
        constraints = [
            models.UniqueConstraint(fields=["branch", "role"], name="one_points_limit_a_role"),
            models.CheckConstraint(condition=models.Q(alone__gte=0, a_day__gte=0), name="points_limit_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.branch} · {self.get_role_display() or _('Partner')}"


class Proposal(models.Model):
    """Points that are more than one person may move alone. Nothing is sent until another person agrees; nobody agrees to their
    own. Once decided it never changes."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for a second person")
        AGREED = "agreed", _("Agreed")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Taken back")
        EXPIRED = "expired", _("Nobody decided in time")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    till = models.ForeignKey(Till, models.SET_NULL, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    form_token = models.UUIDField()
    client_id = models.CharField(_("their client"), max_length=80, blank=True)
    card_id = models.CharField(_("their card"), max_length=80)
    card_tail = models.CharField(_("card"), max_length=8, blank=True)
    amount = points(_("points"))  # signed
    scope = models.CharField(
        _("booked at"), max_length=8, choices=[("location", _("the place")), ("chain", _("the chain"))]
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True)
    decision_note = models.CharField(_("note of the decision"), max_length=200, blank=True)
    act = models.OneToOneField(Act, models.PROTECT, null=True, related_name="proposal")
    created_at = models.DateTimeField(_("proposed"))
    expires_at = models.DateTimeField(_("expires"))
    seen_at = models.DateTimeField(null=True)  # when whoever proposed it has put its end aside at the desk

    class Meta:
        verbose_name = _("proposal of points")
        verbose_name_plural = _("proposals of points")
        constraints = [
            models.UniqueConstraint(fields=["actor", "form_token"], name="one_proposal_a_form"),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("actor"))
                | models.Q(state="withdrawn"),
                name="nobody_agrees_to_their_own_points",
            ),
        ]
        indexes = [
            models.Index(
                fields=["branch", "created_at", "id"], name="proposal_waiting", condition=models.Q(state="waiting")
            ),
        ]
        triggers = [
            never_deleted("keep_proposals"),
            pgtrigger.FSM(
                name="decided_once",
                field="state",
                transitions=[
                    ("waiting", "agreed"),
                    ("waiting", "declined"),
                    ("waiting", "withdrawn"),
                    ("waiting", "expired"),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} · {self.card_tail}"
