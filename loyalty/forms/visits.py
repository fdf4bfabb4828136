"""How many points are used, and who brought the customer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from loyalty.outcomes import refusal
from providers.normalise import UnreadableAmount, read_amount

MOST = Decimal(1_000_000)


class AmountForm(forms.Form):
    """`form` names the confirmation that this amount leads to: opened twice, it is one act."""

    amount = forms.CharField(max_length=40, strip=True)
    form = forms.UUIDField(required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_amount(self) -> Decimal:
        try:
            amount = read_amount(self.cleaned_data["amount"], self.currency)
        except UnreadableAmount:
            amount = Decimal(0)
        if not 0 < amount < MOST:
            raise forms.ValidationError(str(refusal("amount_wrong").headline), code="amount_wrong")
        return amount


class PhoneForm(forms.Form):
    phone = forms.CharField(max_length=40, strip=True)
