"""What the pages of a case show, as plain facts for their templates."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from branches.models import User
from branches.roles import Permission
from branches.selectors import branches_of, permissions_at
from providers import registry
from vouchers import cards, selectors
from vouchers.effects import lines_used
from vouchers.forms import NoteForm, RulingForm, WithdrawForm
from vouchers.models import Case, CaseEvent, ContraLine, Redemption
from vouchers.selectors.cases import STANDING, Wanted
from vouchers.services import CaseRefused

OLD, VERY_OLD = 7, 14  # days after which a case turns amber, and red
DRAFT = "case draft"
# What a service refuses, and the field that can mend it.
PROBLEMS: dict[str, tuple[str, Promise]] = {
    "not_allowed": ("", _("Your role cannot do this.")),
    "not_applied": ("", _("Only a redemption that used the voucher can be corrected.")),
    "open_already": ("", _("A case about this redemption is open already.")),
    "no_reason": ("reason", _("Choose a reason.")),
    "note_missing": ("note", _("Write what there is to say.")),
    "no_lines": ("lines", _("Choose at least one code.")),
    "nothing_left": ("", _("Everything of this redemption was taken back already.")),
    "amount_missing": ("", _("Type an amount above zero.")),
    "amount_too_large": ("credit", _("This is more than the voucher still counts for.")),
    "amount_not_below": ("right_amount", _("The right amount must be below what the voucher still counts for.")),
    "sent_already": ("", _("The letter was sent in the meantime.")),
    "closed_already": ("", _("This case was closed in the meantime.")),
    "own_case": ("", _("Nobody closes a case that they opened.")),
    "not_sent": ("", _("The letter was not sent yet.")),
    "no_outcome": ("outcome", _("Choose what the issuer decided.")),
    "reference_missing": ("reference", _("Type the issuer’s reference.")),
    "decided_another_day": ("decided_on", _("The day must be between the opening of the case and today.")),
    "not_a_part": ("accepted", _("A part is more than nothing and less than the amount in dispute.")),
}
NEXT_STEPS: dict[str, Promise] = {
    Case.State.OPEN: _("Print the letter and send it"),
    Case.State.SENT: _("Enter the issuer’s answer"),
}
TONES: dict[str, tuple[str, str]] = {
    Case.State.OPEN: ("person", "letter"),
    Case.State.SENT: ("checking", "checking"),
    Case.Outcome.ACCEPTED: ("done", "done"),
    Case.Outcome.PARTLY: ("plain", "partial"),
    Case.Outcome.REFUSED: ("refused", "refused"),
    Case.Outcome.WITHDRAWN: ("plain", "info"),
}
FORMS: dict[type, tuple[str, str]] = {
    RulingForm: ("ruling", "r-"),
    NoteForm: ("noting", "n-"),
    WithdrawForm: ("withdrawing", "w-"),
}
EVENTS = {"opened": ("warn", ""), "noted": ("info", ""), "sent": ("letter", "checking"), "closed": ("lock", "done")}


@dataclass(frozen=True, slots=True)
class Age:
    """How long a case has waited, or did, in trading days of its branch."""

    days: int
    over: bool = False

    @property
    def text(self) -> str:
        if not self.days:
            return gettext("Same day") if self.over else gettext("Today")
        return ngettext("%(n)s day", "%(n)s days", self.days) % {"n": self.days}

    @property
    def tone(self) -> str:
        if self.over or self.days <= OLD:
            return "plain"
        return "refused" if self.days > VERY_OLD else "checking"

    @property
    def icon(self) -> str:
        return "clock" if self.tone == "plain" else "warn"


def age_of(case: Case, now: dt.datetime) -> Age:
    """Until it was closed; until now while it waits."""
    until = case.branch.business_date(case.closed_at or now)
    return Age(max((until - case.business_date).days, 0), case.is_closed)


def of_case(case: Case, now: dt.datetime) -> dict[str, Any]:
    tone, icon = TONES[case.outcome or case.state]
    return {
        "case": case,
        "branch": case.branch,
        "issuer": registry.provider_name(case.account.provider),
        "age": age_of(case, now),
        "tone": tone,
        "icon": icon,
        "word": case.get_outcome_display() if case.is_closed else case.get_state_display(),
        "next_step": NEXT_STEPS.get(case.state, ""),
    }


# A list -----------------------------------------------------------------------------------------------------------------


def listed(user: User, wanted: Wanted, now: dt.datetime) -> dict[str, Any]:
    rows, after = selectors.page_of_cases(user, wanted)
    query = {"state": wanted.state, "issuer": wanted.issuer, "branch": wanted.branch}
    query = {name: value for name, value in query.items() if value}
    return {
        "items": [
            of_case(row, now) | {"last4s": [entry.line.code_last4 for entry in row.case_lines.all()]} for row in rows
        ],
        "wanted": wanted,
        "next_page": f"?{urlencode(query | {'after': after})}" if after else "",
        "first_page": f"?{urlencode(query)}" if wanted.after else "",
        "states": [(STANDING, _("Not closed")), *Case.State.choices, ("all", _("All of them"))],
        "issuers": [(slug, registry.provider_name(slug)) for slug in registry.specs_of("vouchers")],
        "branches": [(branch.code, branch.name) for branch in branches_of(user, Permission.CASES)],
        "page": "cases",
    }


def at_desk(user: User, permissions: frozenset[str], now: dt.datetime) -> dict[str, Any]:
    """Whose next step is this person's: for the start page."""
    if Permission.CASES not in permissions:
        return {}
    rows, whole = selectors.oldest_waiting(user)
    return {"cases": [of_case(row, now) for row in rows], "cases_waiting": whole}


# Opening ----------------------------------------------------------------------------------------------------------------


def new_case(row: Redemption, form: Form | None = None, refusal: CaseRefused | None = None) -> dict[str, Any]:
    lines = lines_used(row)
    return cards.of_redemption(row) | {
        "lines": lines,
        "worth": selectors.uncorrected(row, lines),
        "reasons": Case.Reason.choices,
        "asks": Case.Ask.choices,
        "values": typed(form),
        "picked": form.data.getlist("lines") if form is not None and hasattr(form.data, "getlist") else [],
        "problems": problems(form, refusal),
        "in_the_way": refusal.case if refusal else None,
        "page": "cases",
    }


def typed(form: Form | None) -> dict[str, str]:
    """What was sent, as it was sent, for the form that is shown again."""
    return {name: str(form[name].value() or "") for name in form.fields} if form is not None else {}


def problems(form: Form | None, refusal: CaseRefused | None = None) -> dict[str, str]:
    """Field: what is wrong with it. '' stands for the form as a whole."""
    found = {name: str(errors[0]) for name, errors in form.errors.items()} if form is not None and form.is_bound else {}
    if refusal:
        field, text = PROBLEMS[refusal.code]
        found[field] = str(text)
    return found


# One case ---------------------------------------------------------------------------------------------------------------


def whole_case(
    case: Case, user: User, now: dt.datetime, form: Form | None = None, refusal: CaseRefused | None = None
) -> dict[str, Any]:
    rights = permissions_at(user, case.branch)
    own = case.opened_by_id == user.pk
    return of_case(case, now) | {
        "redemption": case.redemption,
        "operation": case.redemption.operation,
        "lines": [entry.line for entry in case.case_lines.all()],
        "history": [_event(event) for event in case.history.select_related("by")],
        "contra": list(ContraLine.objects.filter(case=case).select_related("line", "by")),
        "own": own,
        "may_send": Permission.CASES_OPEN in rights and case.state == Case.State.OPEN,
        "may_close": Permission.CASES_CLOSE in rights and case.state == Case.State.SENT and not own,
        "may_withdraw": bool({Permission.CASES_OPEN, Permission.CASES_CLOSE} & rights)
        and not case.is_closed
        and not own,
        "outcomes": [choice for choice in Case.Outcome.choices if choice[0] != Case.Outcome.WITHDRAWN],
        "today": case.branch.business_date(now),
        "letters": letters_of(case),
        **_forms(form, refusal),
        "page": "cases",
    }


def _forms(form: Form | None, refusal: CaseRefused | None) -> dict[str, Any]:
    """Each of the three forms of the page with what was typed there; the summary leads to the fields of the one that failed."""
    filled = {"values": typed(form), "problems": problems(form, refusal)}
    name, prefix = FORMS.get(type(form), ("", ""))
    return {"problems": filled["problems"], "failed": prefix} | ({name: filled} if name else {})


def _event(event: CaseEvent) -> dict[str, Any]:
    icon, tone = EVENTS[event.kind]
    return {"event": event, "icon": icon, "tone": tone}


def letter_language(case: Case) -> str:
    return registry.SPECS[case.account.provider].letter_language


def letters_of(case: Case) -> list[tuple[str, str]]:
    """Languages in which the letter can be printed, the issuer's own first."""
    own, languages = letter_language(case), dict(settings.LANGUAGES)
    address = reverse("vouchers:case_letter", args=[case.pk])
    order = [own, *(code for code in languages if code != own)]
    return [(f"{address}?{urlencode({'language': code})}", code) for code in order]


# What was typed while the proof of who types it was too old ---------------------------------------------------------------


def keep_draft(request: HttpRequest, case: Case, names: tuple[str, ...]) -> None:
    fields = {name: request.POST.get(name, "")[:500] for name in names}
    request.session[DRAFT] = {"about": str(case.pk), "fields": fields}


def draft(request: HttpRequest, case: Case) -> dict[str, str]:
    """Once: what was left is then on the page."""
    if request.session.get(DRAFT, {}).get("about") != str(case.pk):
        return {}
    fields: dict[str, str] = request.session.pop(DRAFT)["fields"]
    return fields
