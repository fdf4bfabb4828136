"""What turned out to be wrong with a redemption, and what its issuer decided. The redemption itself is never touched: a case
disputes it, and contra lines of the day of the decision correct the books."""

from __future__ import annotations

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from branches.models import Branch
from providers.models import Account, never_deleted
from providers.models.operations import append_only
from vouchers.models.redemptions import Redemption, RedemptionLine

FACTS = ("reference", "redemption", "branch", "account", "reason", "note", "ask", "right_amount", "amount", "currency")
LEGAL = [("open", "sent"), ("open", "closed"), ("sent", "closed")]


@pghistory.track(model_name="CaseChange")
class Case(models.Model):
    """One question to an issuer about one redemption. What it says never changes; only what became of it is added."""

    class Reason(models.TextChoices):
        WRONG_AMOUNT = "wrong_amount", _("Wrong amount")
        WRONG_PERSON = "wrong_person", _("Wrong person")
        WRONG_VOUCHER = "wrong_voucher", _("Wrong voucher")
        USED_TWICE = "used_twice", _("Used twice at the issuer")
        NOT_GIVEN = "not_given", _("The service was not given")
        OTHER = "other", _("Another reason")

    class Ask(models.TextChoices):
        GIVE_BACK = "give_back", _("Give the voucher back")
        CORRECT = "correct", _("Correct the amount")
        CREDIT = "credit", _("Credit us")

    class State(models.TextChoices):
        OPEN = "open", _("Letter not sent yet")
        SENT = "sent", _("Waiting for the issuer")
        CLOSED = "closed", _("Closed")

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        PARTLY = "partly", _("Accepted in part")
        REFUSED = "refused", _("Refused by the issuer")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(_("case number"), max_length=16, unique=True)
    redemption = models.ForeignKey(Redemption, models.PROTECT, related_name="cases", verbose_name=_("redemption"))
    lines = models.ManyToManyField(RedemptionLine, through="CaseLine", related_name="cases")
    branch = models.ForeignKey(Branch, models.PROTECT, verbose_name=_("branch"))
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("provider account"))
    reason = models.CharField(_("reason"), max_length=16, choices=Reason.choices)
    note = models.CharField(_("what happened"), max_length=500, blank=True)
    ask = models.CharField(_("asked of the issuer"), max_length=12, choices=Ask.choices)
    right_amount = models.DecimalField(_("right amount"), max_digits=12, decimal_places=2, null=True)
    amount = models.DecimalField(_("in dispute"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    opened_at = models.DateTimeField(_("opened"))
    business_date = models.DateField(_("trading day"))

    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    sent_at = models.DateTimeField(_("letter sent"), null=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, blank=True)
    accepted_amount = models.DecimalField(_("accepted"), max_digits=12, decimal_places=2, default=0)
    issuer_reference = models.CharField(_("issuer's reference"), max_length=80, blank=True)
    decided_on = models.DateField(_("decided on"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed"), null=True)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        indexes = [
            models.Index(fields=["branch", "opened_at", "id"], name="case_by_branch"),
            models.Index(fields=["branch", "state"], name="case_waiting", condition=~Q(state="closed")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["redemption"], name="one_open_case", condition=~Q(state="closed")),
            models.CheckConstraint(condition=Q(amount__gt=0), name="case_disputes_something"),
            models.CheckConstraint(
                condition=Q(ask="correct", right_amount__gt=0) | (~Q(ask="correct") & Q(right_amount__isnull=True)),
                name="case_says_the_right_amount",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, closed_by__isnull=False) & ~Q(outcome="")
                | ~Q(state="closed") & Q(outcome="", closed_at__isnull=True, closed_by__isnull=True),
                name="case_closed_as_a_whole",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "withdrawn"])
                | Q(sent_at__isnull=False, decided_on__isnull=False) & ~Q(issuer_reference=""),
                name="case_decided_by_the_issuer",
            ),
            models.CheckConstraint(
                condition=Q(outcome="accepted", accepted_amount=F("amount"))
                | Q(outcome="partly", accepted_amount__gt=0, accepted_amount__lt=F("amount"))
                | Q(outcome__in=["", "refused", "withdrawn"], accepted_amount=0),
                name="case_accepted_as_said",
            ),
            models.CheckConstraint(condition=~Q(closed_by=F("opened_by")), name="case_takes_two_people"),
        ]
        triggers = [
            pgtrigger.FSM(name="legal_case_states", field="state", transitions=LEGAL),
            pgtrigger.ReadOnly(name="keep_case_facts", fields=[*FACTS, "opened_by", "opened_at", "business_date"]),
            pgtrigger.Protect(
                name="keep_closed_cases", operation=pgtrigger.Update, condition=pgtrigger.Q(old__state="closed")
            ),
            never_deleted("keep_cases"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED


class CaseLine(models.Model):
    """One code that a case is about."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="case_lines")
    line = models.ForeignKey(RedemptionLine, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("code")
        verbose_name_plural = _("codes")
        ordering = ["line__position"]
        constraints = [models.UniqueConstraint(fields=["case", "line"], name="one_case_line")]
        triggers = [append_only("keep_case_lines")]


class CaseEvent(models.Model):
    """One thing that somebody did about a case, and said about it."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("Case opened")
        NOTED = "noted", _("Note")
        SENT = "sent", _("Letter sent")
        CLOSED = "closed", _("Case closed")

    case = models.ForeignKey(Case, models.PROTECT, related_name="history")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["at", "id"]
        triggers = [append_only("keep_case_events")]


class ContraLine(models.Model):
    """What an issuer's decision takes back from a redemption, in the books of the day it was entered. Added, never changed."""

    redemption = models.ForeignKey(Redemption, models.PROTECT, related_name="contra", verbose_name=_("redemption"))
    case = models.ForeignKey(Case, models.PROTECT, related_name="contra", verbose_name=_("case"))
    line = models.ForeignKey(
        RedemptionLine, models.PROTECT, null=True, related_name="+"
    )  # null: of the sale as a whole
    amount = models.DecimalField(_("amount"), max_digits=12, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    business_date = models.DateField(_("trading day"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("contra line")
        verbose_name_plural = _("contra lines")
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["business_date"], name="contra_by_day")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__lt=0), name="contra_takes_back"),
            models.UniqueConstraint(fields=["case", "line"], name="one_contra_a_line", nulls_distinct=False),
        ]
        triggers = [append_only("keep_contra_lines")]
