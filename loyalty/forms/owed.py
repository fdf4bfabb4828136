"""What is looked at of what is owed in points."""

from __future__ import annotations

from django import forms

from loyalty.models import OwedExport

CARDS, PERSON = "cards", "person"
WHAT = ("earned", "used", "given", "taken", "expired", CARDS, PERSON)


class OwedForm(forms.Form):
    """`chain` is a Chain.key, `month` one of the twelve, or all of them; the rest is for the list behind a number."""

    chain = forms.RegexField(r"^[0-9a-f-]{36}:[A-Za-z0-9._-]{0,80}$", max_length=120, required=False)
    month = forms.RegexField(r"^[0-9]{4}-(0[1-9]|1[0-2])$", required=False)
    what = forms.ChoiceField(choices=[(name, "") for name in WHAT], required=False)
    person = forms.UUIDField(required=False)
    after = forms.CharField(max_length=60, required=False)


class FormatForm(forms.Form):
    format = forms.ChoiceField(choices=OwedExport.Format.choices)
