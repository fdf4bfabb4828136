"""What staff may type. Text bounds are here; what it means is decided by the services."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from branches.models import Branch, User
from providers import registry
from providers.normalise import UnreadableAmount, clean_text, latin_digits, read_amount
from vouchers.models import Case, LedgerExport, RedemptionLine
from vouchers.outcomes import GROUP_WORDS

# Ours, with what people leave out of it when they copy it from a slip.
REFERENCE = re.compile(r"(?:W-?)?([0-9A-HJKMNP-TV-Z]{4})-?([0-9A-HJKMNP-TV-Z]{4})", re.IGNORECASE)
USUAL_DAYS, MOST_DAYS = 31, 92
LARGEST = Decimal("9999999999.99")  # what a column of twelve digits, two of them decimals, can hold


class CodeForm(forms.Form):
    """`after` is the finished redemption she was looking at when she scanned the next voucher."""

    q = forms.CharField(max_length=200, strip=True)
    after = forms.UUIDField(required=False)


class PersonForm(forms.Form):
    person = forms.CharField(max_length=80)


class OwnerForm(forms.Form):
    phone = forms.CharField(max_length=40, strip=True)


class TotalForm(forms.Form):
    """`services_total` as typed: Arabic digits and separators are read, never guessed."""

    services_total = forms.CharField(max_length=40, strip=True, required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_services_total(self) -> Decimal:
        return amount_typed(self.cleaned_data["services_total"], self.currency)


def amount_typed(text: str, currency: str) -> Decimal:
    try:
        amount = read_amount(text, currency)
    except UnreadableAmount as error:
        raise forms.ValidationError(amount_problem(error.code), code=error.code) from error
    if amount > LARGEST:
        raise forms.ValidationError(amount_problem("too_large"), code="too_large")
    return amount


def amount_problem(code: str) -> str:
    return {
        "empty": _("Type the services total."),
        "not_a_number": _("This is not an amount. An example: 600.00"),
        "negative": _("The total cannot be below zero."),
        "too_many_decimals": _("Too many digits after the point."),
        "too_large": _("This total is too large."),
    }.get(code, _("This is not an amount. An example: 600.00"))


# Cases ------------------------------------------------------------------------------------------------------------------


class AmountsForm(forms.Form):
    """A form with amounts of one currency, read only where another answer makes them count."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def read(self, name: str) -> Decimal | None:
        try:
            amount = read_amount(self.cleaned_data.get(name, ""), self.currency)
        except UnreadableAmount as error:
            self.add_error(name, forms.ValidationError(sum_problem(error.code), code=error.code))
            return None
        return amount


def sum_problem(code: str) -> str:
    own = {"empty": _("Type the amount."), "negative": _("The amount cannot be below zero.")}
    return own.get(code) or (_("This amount is too large.") if code == "too_large" else amount_problem(code))


def typed_amount() -> forms.CharField:
    return forms.CharField(max_length=40, strip=True, required=False)


class CaseForm(AmountsForm):
    """`amount` afterwards: the right one for a correction, the sum for a credit, None where the voucher is given back."""

    reason = forms.ChoiceField(
        choices=Case.Reason.choices, error_messages={"required": gettext_lazy("Choose a reason.")}
    )
    ask = forms.ChoiceField(
        choices=Case.Ask.choices, error_messages={"required": gettext_lazy("Choose what the issuer shall do.")}
    )
    right_amount = typed_amount()
    credit = typed_amount()
    note = forms.CharField(max_length=500, required=False, strip=True)
    lines = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, lines: Sequence[RedemptionLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["lines"]
        field.choices = [(str(line.pk), "") for line in lines]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        name = {Case.Ask.CORRECT: "right_amount", Case.Ask.CREDIT: "credit"}.get(found.get("ask", ""))
        found["amount"] = self.read(name) if name and name not in self.errors else None
        return found


class RulingForm(AmountsForm):
    """The issuer's decision on a case."""

    outcome = forms.ChoiceField(
        choices=[choice for choice in Case.Outcome.choices if choice[0] != Case.Outcome.WITHDRAWN],
        error_messages={"required": gettext_lazy("Choose what the issuer decided.")},
    )
    reference = forms.CharField(
        max_length=80, strip=True, error_messages={"required": gettext_lazy("Type the issuer’s reference.")}
    )
    decided_on = forms.CharField(
        max_length=20, strip=True, error_messages={"required": gettext_lazy("Choose the day of the decision.")}
    )
    accepted = typed_amount()
    note = forms.CharField(max_length=500, required=False, strip=True)

    def clean_reference(self) -> str:
        return clean_text(self.cleaned_data["reference"])

    def clean_decided_on(self) -> dt.date:
        try:
            return dt.date.fromisoformat(latin_digits(self.cleaned_data["decided_on"]))
        except ValueError as error:
            raise forms.ValidationError(_("This is not a date. An example: 2026-11-21"), code="no_date") from error

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        partly = found.get("outcome") == Case.Outcome.PARTLY and "accepted" not in self.errors
        found["amount"] = self.read("accepted") if partly else None
        return found


class NoteForm(forms.Form):
    note = forms.CharField(
        max_length=500, strip=True, error_messages={"required": gettext_lazy("Write what there is to say.")}
    )


class WithdrawForm(NoteForm):
    """Why a case needs no answer any more."""


class CaseFilterForm(forms.Form):
    """What a list of cases is asked for, in its address. What it does not know, it leaves out."""

    state = forms.ChoiceField(
        choices=[("standing", ""), *Case.State.choices, ("all", "")], required=False, initial="standing"
    )
    issuer = forms.SlugField(max_length=32, required=False)
    branch = forms.SlugField(max_length=32, required=False)
    after = forms.CharField(max_length=80, required=False)


# The ledger -------------------------------------------------------------------------------------------------------------

CHOOSE = {"invalid_choice": gettext_lazy("Choose one of the list.")}
A_DAY = {"invalid": gettext_lazy("This is not a day. An example: 2026-11-22")}
TOO_LONG = {"max_length": gettext_lazy("This is too long.")}


def choice(label: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, error_messages=CHOOSE)


def day_field(label: Any, *, required: bool = False) -> forms.DateField:
    return forms.DateField(label=label, required=required, input_formats=["%Y-%m-%d"], error_messages=A_DAY)


class LedgerForm(forms.Form):
    """The filter in the address. What is left out is filled in: a month, up to today, of every branch that one may see."""

    branch = choice(gettext_lazy("Branch"))
    since = day_field(gettext_lazy("From"))
    until = day_field(gettext_lazy("To"))
    issuer = choice(gettext_lazy("Issuer"))
    staff = choice(gettext_lazy("Staff"))
    status = choice(gettext_lazy("Status"))
    reference = forms.CharField(
        label=gettext_lazy("Our reference"), required=False, max_length=40, strip=True, error_messages=TOO_LONG
    )

    def __init__(
        self, *args: Any, branches: Iterable[Branch], staff: Iterable[User], today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.offer("branch", _("All branches"), ((branch.code, branch.name) for branch in branches))
        self.offer(
            "issuer", _("All issuers"), ((slug, registry.provider_name(slug)) for slug in registry.specs_of("vouchers"))
        )
        self.offer("staff", _("Everybody"), ((str(person.pk), str(person)) for person in staff))
        self.offer("status", _("All"), GROUP_WORDS.items())

    def offer(self, name: str, all_of_them: str, choices: Iterable[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", all_of_them), *choices]

    def clean_reference(self) -> str:
        typed = self.cleaned_data["reference"]
        match = REFERENCE.fullmatch(latin_digits(clean_text(typed)))
        if typed and match is None:
            raise forms.ValidationError(_("This is not a reference of ours. An example: W-7K2M-9QXD"))
        return f"W-{match[1]}-{match[2]}".upper() if match else ""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if "since" in self.errors or "until" in self.errors:
            return found
        found["since"], found["until"] = self.days(found.get("since"), found.get("until"))
        if found["since"] > found["until"]:
            self.add_error("since", _("The first day comes after the last."))
        elif (found["until"] - found["since"]).days >= MOST_DAYS:
            self.add_error("since", _("At most %(days)s days at once. Choose fewer.") % {"days": MOST_DAYS})
        return found

    def days(self, since: dt.date | None, until: dt.date | None) -> tuple[dt.date, dt.date]:
        if since and not until:
            return since, max(min(self.today, day_after(since, MOST_DAYS - 1)), since)
        until = until or self.today
        return since or day_after(until, 1 - USUAL_DAYS), until

    def in_address(self) -> dict[str, str]:
        """What was chosen, as the address and the hidden fields of another form carry it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


def day_after(day: dt.date, days: int) -> dt.date:
    """As far as the calendar goes."""
    return dt.date.fromordinal(min(max(day.toordinal() + days, 1), dt.date.max.toordinal()))


class FormatForm(forms.Form):
    format = forms.ChoiceField(choices=LedgerExport.Format.choices)


class DayForm(forms.Form):
    """Which trading day of a till; today's when nothing is said."""

    day = day_field(pgettext_lazy("column", "Trading day"))


class CloseDayForm(forms.Form):
    day = day_field(pgettext_lazy("column", "Trading day"), required=True)
    counted = forms.CharField(max_length=40, strip=True, required=False, error_messages=TOO_LONG)
    note = forms.CharField(max_length=500, strip=True, required=False, error_messages=TOO_LONG)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_counted(self) -> Decimal | None:
        typed = self.cleaned_data["counted"]
        try:
            return amount_typed(typed, self.currency) if typed else None
        except forms.ValidationError as error:
            words = {"negative": _("This amount cannot be below zero."), "too_large": _("This amount is too large.")}
            raise forms.ValidationError(words.get(str(error.code), error.message), code=error.code) from error
