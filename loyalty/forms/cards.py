"""Which card is issued, by which number, and why one is removed."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from providers.normalise import clean_text, latin_digits

REASONS = {
    "lost": _("The card is lost"),
    "wrong_person": _("It was issued to the wrong person"),
    "double": _("There are two cards"),
    "asked": _("The customer asked for it"),
}
OTHER = "other"


class IssueForm(forms.Form):
    """`type` is the row of a type of card. Without a number they make one. `beside`: another one is wanted, though there is one
    already."""

    type = forms.IntegerField(min_value=1, max_value=2**62)
    number = forms.CharField(max_length=60, strip=True, required=False)
    beside = forms.BooleanField(required=False)

    def clean_number(self) -> str:
        """As it is printed, in groups and in any digits."""
        return re.sub(r"[\s\-]", "", latin_digits(clean_text(self.cleaned_data["number"])))


class RemoveForm(forms.Form):
    reason = forms.ChoiceField(choices=[*REASONS.items(), (OTHER, "")])
    words = forms.CharField(max_length=200, strip=True, required=False)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("reason") == OTHER and not found.get("words"):
            self.add_error("words", _("Type the reason."))
        return found

    def text(self) -> str:
        chosen = self.cleaned_data["reason"]
        return self.cleaned_data["words"] if chosen == OTHER else str(REASONS[chosen])
