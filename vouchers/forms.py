"""What staff may type. Text bounds are here; what it means is decided by the services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers.normalise import UnreadableAmount, clean_text, latin_digits, read_amount
from vouchers.models import Case, RedemptionLine

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
        try:
            total = read_amount(self.cleaned_data["services_total"], self.currency)
        except UnreadableAmount as error:
            raise forms.ValidationError(amount_problem(error.code), code=error.code) from error
        if total > LARGEST:
            raise forms.ValidationError(amount_problem("too_large"), code="too_large")
        return total


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
