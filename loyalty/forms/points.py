"""How many points are given or taken by hand, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from loyalty.models import Reason
from loyalty.outcomes import refusal
from providers.normalise import UnreadableAmount, clean_text, read_amount

SCOPES = ("location", "chain")


class PointsForm(forms.Form):
    """`amount` as typed, never with a sign: the button says whether it is given or taken."""

    amount = forms.CharField(max_length=40, strip=True, required=False)
    reason = forms.ChoiceField(choices=Reason.choices)
    note = forms.CharField(max_length=200, strip=True, required=False)
    scope = forms.ChoiceField(choices=[(name, "") for name in SCOPES])

    def clean_amount(self) -> Decimal:
        try:
            amount = read_amount(self.cleaned_data["amount"], "SAR")
        except UnreadableAmount as error:
            raise forms.ValidationError(str(refusal("amount_wrong").now), code=error.code) from error
        if not 0 < amount <= 100_000:
            raise forms.ValidationError(str(refusal("amount_wrong").now), code="amount_wrong")
        return amount

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("reason") == Reason.OTHER and not clean_text(found.get("note", "")):
            self.add_error("note", str(refusal("no_note").now))
        return found


class DeclineForm(forms.Form):
    note = forms.CharField(max_length=200, strip=True, required=False)

    def clean_note(self) -> str:
        note: str = clean_text(self.cleaned_data["note"])
        if not note:
            raise forms.ValidationError(_("Write why not: whoever proposed it reads this."))
        return note
