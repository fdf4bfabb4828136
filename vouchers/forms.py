"""What staff may type. Text bounds are here; what it means is decided by the services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from providers.normalise import UnreadableAmount, read_amount

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
